import asyncio
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from hotline.asterisk import Asterisk, certificate, diagnosis, journal, logs, music, ports
from hotline.asterisk.errors import (
    CertificateError,
    ManagedByOthersError,
    MissingModulesError,
    NotRunningError,
    PortInUseError,
    StartFailedError,
)
from hotline.asterisk.render import layout
from hotline.clock import ManualClock
from hotline.settings import Settings, load


def test_a_port_in_use_is_told_with_its_holder_and_the_setting(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        settings = load(home=tmp_path, asterisk={"ami_port": port})
        with pytest.raises(PortInUseError) as caught:
            ports.check(settings)
    assert str(port) in caught.value.message
    assert "ami_port" in caught.value.message
    assert f"进程 {os.getpid()}" in caught.value.message


def test_a_sip_port_in_use_for_udp_is_told_too(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        settings = load(home=tmp_path, asterisk={"sip_port": holder.getsockname()[1]})
        with pytest.raises(PortInUseError, match="UDP"):
            ports.check(settings)


def test_an_address_that_is_not_ours_is_told(tmp_path: Path) -> None:
    settings = load(home=tmp_path, asterisk={"bind": "192.0.2.1"})
    with pytest.raises(PortInUseError, match=r"192\.0\.2\.1"):
        ports.check(settings)


@pytest.mark.parametrize(
    ("line", "kind", "word"),
    [
        ("ERROR[1] Error loading module 'app_queue.so': x", MissingModulesError, "app_queue"),
        ("ERROR[1] Required module 'res_srtp' failed", MissingModulesError, "res_srtp"),
        ("ERROR[1] http.c: Failed to bind: Address already in use", PortInUseError, "hotline.toml"),
        ("ERROR[1] db.c: No space left on device", StartFailedError, "磁盘"),
        ("ERROR[1] astfd.c: Permission denied", StartFailedError, "权限"),
        ("ERROR[1] anything else", StartFailedError, "anything else"),
    ],
)  # fmt: skip
def test_why_it_did_not_start_is_told_from_its_log(
    own_settings: Settings, line: str, kind: type[Exception], word: str
) -> None:
    place = layout(own_settings)
    place.make()
    place.messages.write_text("ERROR[1] app_old: No space left on device (of an older start)\n")
    diagnosis.mark(place)
    with place.messages.open("a") as log:
        log.write(line + "\n")
    error = diagnosis.explain(place, 1)
    assert type(error) is kind
    assert word in error.message


async def test_one_run_by_others_is_not_started(tmp_path: Path) -> None:
    asterisk = Asterisk(load(home=tmp_path, asterisk={"manage": False}))
    with pytest.raises(ManagedByOthersError):
        await asterisk.start()


async def test_one_that_does_not_run_is_told(own_settings: Settings) -> None:
    asterisk = Asterisk(own_settings)
    assert not (await asterisk.status()).running
    assert not await asterisk.stop()
    with pytest.raises(NotRunningError, match="hotline asterisk start"):
        asterisk.console("core show uptime")


async def test_a_stale_pid_file_is_not_believed(own_settings: Settings) -> None:
    place = layout(own_settings)
    place.make()
    (place.run / "asterisk.pid").write_text(str(os.getpid()))
    assert Asterisk(own_settings).pid() == 0


def test_the_certificate_is_made_once_and_renewed_in_time(
    tmp_path: Path, clock: ManualClock
) -> None:
    crt, key = tmp_path / "hotline.crt", tmp_path / "hotline.key"
    certificate.ensure(crt, key, clock)
    first = crt.read_bytes()
    certificate.ensure(crt, key, clock)
    assert crt.read_bytes() == first
    clock.advance(timedelta(days=800).total_seconds())
    certificate.ensure(crt, key, clock)
    assert crt.read_bytes() != first
    made = x509.load_pem_x509_certificate(crt.read_bytes())
    assert made.not_valid_after_utc > datetime(2030, 1, 1, tzinfo=UTC)
    assert key.stat().st_mode & 0o077 == 0


def test_a_certificate_without_its_key_is_told(tmp_path: Path, clock: ManualClock) -> None:
    (tmp_path / "a.crt").write_text("x")
    with pytest.raises(CertificateError, match="缺少其一"):
        certificate.ensure(tmp_path / "a.crt", tmp_path / "a.key", clock)
    (tmp_path / "a.key").write_text("x")
    with pytest.raises(CertificateError, match="PEM"):
        certificate.ensure(tmp_path / "a.crt", tmp_path / "a.key", clock)


def test_the_hold_music_is_quiet_loops_without_a_seam_and_is_no_silence() -> None:
    import numpy as np

    loop = music.samples().astype(float)
    loudness = np.sqrt(np.mean(loop.reshape(-1, 4000) ** 2, axis=1))
    assert loudness.min() > 30
    assert np.abs(loop).max() < 0.15 * 32768
    assert abs(loop[0] - loop[-1]) < 600


def test_a_bureaus_own_music_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "own.wav").write_bytes(b"RIFF")
    music.ensure(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["own.wav"]


def test_logs_turn_their_page_by_size_and_old_pages_go(own_settings: Settings) -> None:
    place = layout(own_settings)
    place.make()
    asterisk = Asterisk(own_settings)
    for round_ in range(5):
        place.messages.write_text(f"{round_}" * 100)
        assert [file.name for file in logs.rotate(asterisk, limit=50, kept=2)] == ["messages.log"]
    assert not place.messages.exists()
    pages = sorted(file.name for file in place.log.glob("messages.log.*"))
    assert pages == ["messages.log.0", "messages.log.1"]
    assert (place.log / "messages.log.0").read_text().startswith("4")
    place.messages.write_text("small")
    assert logs.rotate(asterisk, limit=50, kept=2) == []


def test_the_journal_is_read_line_by_line_and_from_where_it_stopped(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    assert journal.read(file) == journal.Page((), 0)
    row = ",".join(f'"{name}"' for name in journal.COLUMNS)
    file.write_text(f"{row}\n{row.replace('src', '13800,1')}\n{row[:40]}")
    page = journal.read(file)
    assert [line["src"] for line in page.lines] == ["src", "13800,1"]
    with file.open("a") as out:
        out.write(row[40:] + "\n" + "nonsense\n")
    rest = journal.read(file, page.offset)
    assert [line["uniqueid"] for line in rest.lines] == ["uniqueid"]


def test_a_turned_page_of_the_journal_is_read_to_its_end(own_settings: Settings) -> None:
    place = layout(own_settings)
    place.make()
    row = ",".join(f'"{name}"' for name in journal.COLUMNS) + "\n"
    place.journal.write_text(row.replace("src", "1") + row + row.replace("src", "2"))
    offset = 2 * len(row) - 2
    assert logs.rotate(Asterisk(own_settings), limit=50) == [place.journal]
    place.journal.write_text(row.replace("src", "3"))
    page = journal.read(place.journal, offset)
    assert ([line["src"] for line in page.lines], page.more) == (["2"], True)
    page = journal.read(place.journal, page.offset)
    assert ([line["src"] for line in page.lines], page.more) == (["3"], False)
    assert journal.read(place.journal, page.offset).lines == ()


@pytest.mark.parametrize("most", [400, 1000, 2500, 100_000])
def test_a_long_journal_is_read_page_by_page_and_no_call_is_parted(
    tmp_path: Path, most: int
) -> None:
    file = tmp_path / "calls.csv"
    row = ",".join(f'"{name}"' for name in journal.COLUMNS) + "\n"
    told = list("aabcccdeeeff")
    file.write_text("".join(row.replace("linkedid", call) for call in told))
    page, seen, parted = journal.Page((), 0, more=True), [], 0
    while page.more:
        page = journal.read(file, page.offset, most)
        calls = [line["linkedid"] for line in page.lines]
        parted += bool(seen) and bool(calls) and calls[0] == seen[-1]
        seen += calls
    assert seen == told
    assert page.offset == file.stat().st_size
    assert parted == 0 or most < 3 * len(row), "only who has more than a page is parted"


def test_what_is_no_journal_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_bytes(b"x" * 1000)
    page, pages = journal.Page((), 0, more=True), 0
    while page.more:
        page, pages = journal.read(file, page.offset, 300), pages + 1
    assert (page.lines, pages) == ((), 4)


def test_waiting_for_a_boot_ends(own_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asterisk = Asterisk(own_settings)
    layout(own_settings).make()
    with pytest.raises(StartFailedError, match="没有启动完成"):
        asyncio.run(asterisk._booted(0.2))
