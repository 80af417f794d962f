"""Installs a public model from an archive or an address: checked, unpacked safely, tried, used."""

from __future__ import annotations

import hashlib
import http.client
import shutil
import stat
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from hotline.errors import HotlineError
from hotline.settings import Settings
from transcripts.recognisers.base import ModelCard, Recogniser
from transcripts.recognisers.models import POINTER, models_folder, open_folder

MOST_BYTES = 20 * 1024**3
"""A bomb of an archive would fill the disk; the largest public Mandarin model is under 3 GB."""
MOST_FILES = 10_000
_BLOCK = 1 << 20
_TIMEOUT = 60.0
_HTTP_PARTIAL = 206
_HTTP_RANGE = 416

Told = Callable[[str, float | None], None]
"""Is given what is being done, and the share of it done where that is known."""


class ModelInstallError(HotlineError):
    """模型没有安装。"""

    error_id = "model-install"


class ModelChecksumError(ModelInstallError):
    """文件的校验值不符，可能下载不完整或被改动，没有安装。"""

    error_id = "model-checksum"


class ModelArchiveError(ModelInstallError):
    """压缩包有误，没有安装。"""

    error_id = "model-archive"


class ModelDownloadError(ModelInstallError):
    """下载失败，请检查网络后重试；会从中断处继续。"""

    error_id = "model-download"


@dataclass(frozen=True)
class Installed:
    """What was installed, and where."""

    folder: Path
    card: ModelCard


def install(
    source: str,
    settings: Settings,
    *,
    sha256: str = "",
    told: Told = lambda _what, _share: None,
    try_it: Callable[[Path], Recogniser] = open_folder,
) -> Installed:
    """Install the model in ``source`` and make it the one in use.

    Args:
        source: path or http(s) address of a ``.zip`` or ``.tar.*``.
        settings: where models are kept.
        sha256: the archive's checksum, where known.
        told: told of the progress.
        try_it: loads the model; nothing is installed where that fails.

    Raises:
        ModelInstallError: a subclass for each reason; what was in use before stays.
    """
    folder = models_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    archive = _obtain(source, folder, told)
    if sha256:
        told("校验", None)
        found = _checksum(archive)
        if found != sha256.lower():
            if _is_address(source):
                archive.unlink()
            raise ModelChecksumError(
                f"校验值不符：应为 {sha256.lower()}，实为 {found}。请核对来源后重试。"
            )
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unpacking-") as scratch:
        unpacked = Path(scratch)
        unpack(archive, unpacked, told)
        root = _model_root(unpacked, archive)
        told("试装载", None)
        try_it(root)
        name = root.name if root != unpacked else _stem(archive)
        final = folder / name
        if final.exists():
            shutil.rmtree(final)
        root.replace(final)
    _point_to(folder, name)
    if _is_address(source):
        archive.unlink()
    return Installed(final, open_folder(final).card)


def _point_to(folder: Path, name: str) -> None:
    unfinished = folder / (POINTER + ".part")
    unfinished.write_text(name + "\n", encoding="utf-8")
    unfinished.replace(folder / POINTER)


def _is_address(source: str) -> bool:
    return "://" in source


def _obtain(source: str, folder: Path, told: Told) -> Path:
    if not _is_address(source):
        archive = Path(source).expanduser()
        if not archive.is_file():
            raise ModelInstallError(f"找不到压缩包 {archive}。")
        return archive
    if urllib.parse.urlsplit(source).scheme not in {"http", "https"}:
        raise ModelInstallError("只能从 http 或 https 地址下载模型。")
    return _download(source, folder, told)


def _download(address: str, folder: Path, told: Told) -> Path:
    """Fetch ``address``, going on where an earlier try ended."""
    name = PurePosixPath(urllib.parse.unquote(urllib.parse.urlsplit(address).path)).name or "model"
    target = folder / f".download-{hashlib.sha256(address.encode()).hexdigest()[:8]}-{name}"
    done = target.stat().st_size if target.exists() else 0
    request = urllib.request.Request(address)  # noqa: S310 - the scheme was checked
    if done:
        request.add_header("Range", f"bytes={done}-")
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            if answer.status != _HTTP_PARTIAL:
                done = 0
            length = answer.headers.get("Content-Length")
            total = done + int(length) if length else None
            with target.open("ab" if done else "wb") as file:
                done = _copy(answer, file, done, total, told)
    except urllib.error.HTTPError as error:
        if error.code == _HTTP_RANGE and done:
            return target  # the earlier try had it all
        raise ModelDownloadError(f"下载失败（{error.code}）：{address}") from error
    except (OSError, http.client.HTTPException) as error:
        raise ModelDownloadError(f"下载中断：{error}。再次运行同一命令会从中断处继续。") from error
    if total is not None and done < total:
        raise ModelDownloadError("下载中断。再次运行同一命令会从中断处继续。")
    return target


def _copy(source: IO[bytes], target: IO[bytes], done: int, total: int | None, told: Told) -> int:
    while block := source.read(_BLOCK):
        target.write(block)
        done += len(block)
        if done > MOST_BYTES:
            raise ModelArchiveError("文件太大，不像是语音识别模型。")
        told("下载", done / total if total else None)
    return done


def _checksum(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


@dataclass(frozen=True)
class _Member:
    """A file in an archive."""

    name: str
    size: int
    read: Callable[[], IO[bytes]]


def unpack(archive: Path, folder: Path, told: Told = lambda _what, _share: None) -> None:
    """Unpack plain files into ``folder``.

    Raises:
        ModelArchiveError: it is no archive, or holds a link, a device, a name that leads out of
            the folder, or too much.
    """
    with _members(archive) as members:
        listed = list(members)
        total = sum(member.size for member in listed)
        if total > MOST_BYTES or len(listed) > MOST_FILES:
            raise ModelArchiveError(f"{archive.name} 里的内容太多，不像是语音识别模型。")
        if shutil.disk_usage(folder).free < total:
            raise ModelInstallError(f"磁盘空间不足：解压需要 {total // 2**20} MB。")
        done = 0
        for member in listed:
            target = folder / _safe(member.name, archive)
            target.parent.mkdir(parents=True, exist_ok=True)
            with member.read() as source, target.open("wb") as file:
                done += _copy_at_most(source, file, member.size, archive)
            told("解压", done / total if total else 1.0)


def _copy_at_most(source: IO[bytes], target: IO[bytes], size: int, archive: Path) -> int:
    """Copy ``size`` bytes; an archive whose contents are longer than it says is refused."""
    copied = 0
    try:
        while block := source.read(_BLOCK):
            copied += len(block)
            if copied > size:
                break
            target.write(block)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise ModelArchiveError(f"{archive.name} 已损坏：{error}。请重新下载。") from error
    if copied != size:
        raise ModelArchiveError(f"{archive.name} 已损坏，请重新下载。")
    return copied


def _safe(name: str, archive: Path) -> Path:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or parts[0] == "/" or ".." in parts or ":" in parts[0] or "\0" in name:
        raise ModelArchiveError(f"{archive.name} 里有指向文件夹之外的路径（{name!r}），拒绝解压。")
    return Path(*parts)


@contextmanager
def _members(archive: Path) -> Iterator[Iterator[_Member]]:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            yield _zip_members(opened, archive)
        return
    try:
        with tarfile.open(archive) as opened_tar:
            yield _tar_members(opened_tar, archive)
    except tarfile.ReadError as error:
        raise ModelArchiveError(
            f"{archive.name} 不是可用的压缩包（应为 .zip 或 .tar.gz），或已损坏。"
        ) from error


def _zip_members(opened: zipfile.ZipFile, archive: Path) -> Iterator[_Member]:
    for entry in opened.infolist():
        mode = entry.external_attr >> 16
        if entry.is_dir():
            continue
        if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
            raise ModelArchiveError(
                f"{archive.name} 里有链接或设备（{entry.filename!r}），拒绝解压。"
            )
        yield _Member(entry.filename, entry.file_size, partial(opened.open, entry))


def _tar_members(opened: tarfile.TarFile, archive: Path) -> Iterator[_Member]:
    for entry in opened:
        if entry.isdir():
            continue
        if not entry.isfile():
            raise ModelArchiveError(f"{archive.name} 里有链接或设备（{entry.name!r}），拒绝解压。")
        yield _Member(entry.name, entry.size, partial(_opened, opened, entry))


def _opened(opened: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    content = opened.extractfile(entry)
    if content is None:
        raise ModelArchiveError("压缩包里的文件读不了。")
    return content


def _model_root(folder: Path, archive: Path) -> Path:
    """Find the model in what was unpacked: at the top or in one folder below."""
    for acoustic in sorted(folder.rglob("final.mdl"), key=lambda found: len(found.parts)):
        holder = acoustic.parent
        return holder.parent if holder.name == "am" else holder
    raise ModelArchiveError(f"{archive.name} 里没有 Vosk 模型（缺少 am/final.mdl）。")


def _stem(archive: Path) -> str:
    name = archive.name
    for ending in (".zip", ".tgz", ".tar", ".tar.gz", ".tar.xz", ".tar.bz2"):
        name = name.removesuffix(ending)
    return name.lstrip(".") or "model"
