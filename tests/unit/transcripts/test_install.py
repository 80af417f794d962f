import hashlib
import io
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from hotline.settings import Settings, load
from transcripts.recognisers.base import ModelCard, Recogniser, RecogniserError
from transcripts.recognisers.install import (
    ModelArchiveError,
    ModelChecksumError,
    ModelDownloadError,
    ModelInstallError,
    install,
    unpack,
)
from transcripts.recognisers.models import locate

FILES = {
    "vosk-model-x/am/final.mdl": b"net",
    "vosk-model-x/conf/mfcc.conf": b"--sample-frequency=8000\n",
    "vosk-model-x/graph/HCLG.fst": b"graph",
}


class Loadable:
    """Stands for a recogniser: loading these files with Vosk would fail."""

    card = ModelCard("vosk", "x", "", 8_000)


def loads(folder: Path) -> Recogniser:
    assert (folder / "am" / "final.mdl").exists()
    return Loadable()  # type: ignore[return-value]


@pytest.fixture
def settings() -> Settings:
    return load()


@pytest.fixture(autouse=True)
def _no_vosk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transcripts.recognisers.install.open_folder", loads)


def zipped(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: dict[str, bytes] = FILES) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_is_unpacked_and_used(tmp_path: Path, settings: Settings, pack: object) -> None:
    archive = pack(tmp_path / "m.bin")  # type: ignore[operator]
    checksum = hashlib.sha256(archive.read_bytes()).hexdigest()
    installed = install(str(archive), settings, sha256=checksum.upper(), try_it=loads)
    assert installed.folder.name == "vosk-model-x"
    assert locate(settings) == installed.folder
    assert (installed.folder / "graph" / "HCLG.fst").read_bytes() == b"graph"
    assert archive.exists()


def test_a_wrong_checksum_installs_nothing(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ModelChecksumError, match="校验值不符"):
        install(str(zipped(tmp_path / "m.zip")), settings, sha256="0" * 64, try_it=loads)
    assert not (settings.home / "models" / "vosk-model-x").exists()


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:/evil"])
def test_a_path_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    target = tmp_path / "out"
    target.mkdir()
    for archive in (
        zipped(tmp_path / "m.zip", {name: b"x"}),
        tarred(tmp_path / "m.tgz", {name: b"x"}),
    ):
        with pytest.raises(ModelArchiveError, match="拒绝解压"):
            unpack(archive, target)
    assert not list(target.iterdir())


def test_links_are_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        entry = tarfile.TarInfo("model/link")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(entry)
    with pytest.raises(ModelArchiveError, match="链接"):
        unpack(tmp_path / "m.tar", tmp_path)
    info = zipfile.ZipInfo("model/link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as zip_archive:
        zip_archive.writestr(info, "/etc/passwd")
    with pytest.raises(ModelArchiveError, match="链接"):
        unpack(tmp_path / "m.zip", tmp_path)


def test_what_is_no_archive_and_what_holds_no_model_is_told(
    tmp_path: Path, settings: Settings
) -> None:
    (tmp_path / "text.zip").write_text("this is not an archive")
    with pytest.raises(ModelArchiveError, match="不是可用的压缩包"):
        install(str(tmp_path / "text.zip"), settings, try_it=loads)
    with pytest.raises(ModelArchiveError, match="没有 Vosk 模型"):
        install(str(zipped(tmp_path / "m.zip", {"a.txt": b""})), settings, try_it=loads)
    with pytest.raises(ModelInstallError, match="找不到压缩包"):
        install(str(tmp_path / "nowhere.zip"), settings, try_it=loads)


def test_a_damaged_archive_is_told(tmp_path: Path, settings: Settings) -> None:
    archive = zipped(tmp_path / "m.zip", FILES | {"vosk-model-x/big": bytes(1_000)})
    content = bytearray(archive.read_bytes())
    content[content.index(b"net")] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(ModelArchiveError, match="已损坏"):
        install(str(archive), settings, try_it=loads)


def test_a_model_that_does_not_load_leaves_the_one_in_use(
    tmp_path: Path, settings: Settings
) -> None:
    def refuses(folder: Path) -> Recogniser:
        raise RecogniserError

    install(str(zipped(tmp_path / "good.zip")), settings, try_it=loads)
    other = {name.replace("-x", "-y"): content for name, content in FILES.items()}
    with pytest.raises(RecogniserError):
        install(str(zipped(tmp_path / "bad.zip", other)), settings, try_it=refuses)
    assert locate(settings).name == "vosk-model-x"


class Server(BaseHTTPRequestHandler):
    """Serves one archive; the first answer may break off."""

    content: ClassVar[bytes] = b""
    break_off_at: ClassVar[int | None] = None
    ranges: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        Server.ranges.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        body = Server.content[start:]
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        end, Server.break_off_at = Server.break_off_at, None
        self.wfile.write(body[:end])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    Server.content = zipped(tmp_path / "served.zip").read_bytes()
    Server.break_off_at, Server.ranges = None, []
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/vosk-model-x.zip"
        server.shutdown()
        thread.join()


def test_a_download_that_breaks_off_goes_on_where_it_was(settings: Settings, address: str) -> None:
    Server.break_off_at = 100
    with pytest.raises(ModelDownloadError, match="继续"):
        install(address, settings, try_it=loads)
    installed = install(address, settings, try_it=loads)
    assert Server.ranges == ["", "bytes=100-"]
    assert installed.folder.name == "vosk-model-x"
    assert not list((settings.home / "models").glob(".download*"))


def test_other_addresses_than_http_are_refused(settings: Settings) -> None:
    with pytest.raises(ModelInstallError, match="http"):
        install("ftp://127.0.0.1/m.zip", settings, try_it=loads)


def test_a_server_that_is_away_is_told(settings: Settings) -> None:
    with pytest.raises(ModelDownloadError, match="下载"):
        install("http://127.0.0.1:9/m.zip", settings, try_it=loads)
