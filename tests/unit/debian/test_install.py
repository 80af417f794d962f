"""Extraction with real packages made here and an apt that hands them out."""

import os
import stat
import subprocess
import threading
from pathlib import Path

import pytest

from hotline import debian
from hotline.debian import DiskFullError, DownloadError, Mode, NoAptError, Wanted, sources, tools
from hotline.debian.sources import Host, Source

OVERLAY = Wanted("hello", ("hello",), Mode.OVERLAY)
ISOLATED = Wanted("hello", ("hello",), Mode.ISOLATED, suites=("next", "unstable"))

APT = """#!/bin/bash
echo "$@" >> {folder}/asked
for word; do case "$word" in
  APT::Status-Fd=*) fd=${{word#*=}};;
  Dir::Cache::archives=*) archives=${{word#*=}};;
  Dir::Etc::sourcelist=*) list=${{word#*=}};;
esac; done
cp $list {folder}/list
grep -q "{refuses}" $list && {{ echo "E: Unable to locate package hello"; exit 100; }}
case "$*" in *"install"*)
  echo "dlstatus:1:50.0:Retrieving file 1 of 2" >&$fd
  cp {folder}/debs/*.deb $archives/
;; esac
{then}
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Machine":
    """A Debian with an apt that hands out one package."""
    return Machine(tmp_path, monkeypatch)


class Machine:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.asked = folder / "asked"
        (folder / "bin").mkdir()
        (folder / "debs").mkdir()
        self.apt()
        self.package("hello", {"usr/bin/hello": "#!/bin/sh\necho hello\n", "lib/hello.so": "x"})
        monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setenv("HOTLINE_CACHE", str(folder / "cache"))
        archive = Source("http://m.example/debian", "bookworm", ("main",))
        monkeypatch.setattr(sources, "host", lambda: Host("debian", "bookworm"))
        monkeypatch.setattr(sources, "read", lambda: [archive])

    def apt(self, *, refuses: str = "no-such-suite", then: str = "") -> None:
        file = self.folder / "bin/apt-get"
        file.write_text(APT.format(folder=self.folder, refuses=refuses, then=then))
        file.chmod(0o755)

    def package(self, name: str, files: dict[str, str]) -> None:
        tree = self.folder / "trees" / name
        (tree / "DEBIAN").mkdir(parents=True)
        (tree / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\n"
            "Description: x\n"
        )
        for path, content in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(content)
            (tree / path).chmod(0o755)
        deb = self.folder / "debs" / f"{name}_1_all.deb"
        subprocess.run(
            ["/usr/bin/dpkg-deb", "-b", str(tree), str(deb)], check=True, capture_output=True
        )


def test_packages_are_extracted_and_run_from_there(machine: Machine) -> None:
    told: list[tuple[str, float]] = []
    installed = debian.install(OVERLAY, lambda what, share: told.append((what, share)))
    program = installed.find("hello")
    assert program is not None
    result = subprocess.run(installed.command(program), capture_output=True, check=True)
    assert result.stdout == b"hello\n"
    # A package that still ships /lib lands in the merged /usr.
    assert (installed.root / "usr/lib/hello.so").is_file()
    assert ("下载软件包", 0.5) in told
    assert told[-1] == ("解开软件包", 1.0)


def test_what_is_there_is_not_made_again(machine: Machine) -> None:
    debian.install(OVERLAY)
    machine.apt(then="exit 1")
    assert debian.install(OVERLAY).find("hello")
    assert debian.installed(Wanted("hello", ("hello", "more"), Mode.OVERLAY)) is None


def test_the_machines_own_packages_count_only_for_an_overlay(machine: Machine) -> None:
    debian.install(OVERLAY)
    assert "Dir::State::status=/var/lib/dpkg/status" in machine.asked.read_text()
    machine.asked.unlink()
    debian.install(Wanted("other", ("hello",), Mode.ISOLATED, suites=("next",)))
    assert "Dir::State::status=/var/lib/dpkg/status" not in machine.asked.read_text()


def test_the_second_suite_is_tried_when_the_first_has_it_not(machine: Machine) -> None:
    machine.apt(refuses="debian next")
    installed = debian.install(ISOLATED)
    assert '"unstable"' in (installed.root.parent / "ready.json").read_text()


def test_a_machine_whose_packages_are_in_disorder_gets_a_set_of_its_own(machine: Machine) -> None:
    broken = 'case "$*" in *status=/var/lib/dpkg/status*install*) echo "E: Unmet"; exit 100;; esac'
    machine.apt(then=broken)
    installed = debian.install(OVERLAY)
    assert installed.mode is Mode.ISOLATED
    found = debian.installed(OVERLAY)
    assert found is not None
    assert found.mode is Mode.ISOLATED


def test_ubuntu_is_asked_for_its_own_suite(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Source("http://m.example/ubuntu", "noble", ("main",))
    monkeypatch.setattr(sources, "host", lambda: Host("ubuntu", "noble"))
    monkeypatch.setattr(sources, "read", lambda: [archive])
    debian.install(ISOLATED)
    text = (machine.folder / "list").read_text()
    assert text == "deb http://m.example/ubuntu noble main universe\n"


def test_a_failed_download_is_told_with_apts_words_and_leaves_nothing_half(
    machine: Machine,
) -> None:
    machine.apt(then='echo "E: Failed to fetch x"; exit 100')
    with pytest.raises(DownloadError, match="Failed to fetch x"):
        debian.install(OVERLAY)
    assert debian.installed(OVERLAY) is None
    machine.apt()
    assert debian.install(OVERLAY).find("hello")


def test_an_index_that_could_not_be_read_is_a_failure_though_apt_ends_well(
    machine: Machine,
) -> None:
    machine.apt(then='echo "Err:1 http://m.example/debian bookworm InRelease"')
    with pytest.raises(DownloadError, match="InRelease"):
        debian.install(OVERLAY)


def test_a_full_disk_is_told_as_such(machine: Machine) -> None:
    machine.apt(then='echo "E: You don\'t have enough free space in /x"; exit 100')
    with pytest.raises(DiskFullError):
        debian.install(OVERLAY)


def test_a_torn_package_is_thrown_away_and_fetched_again(machine: Machine) -> None:
    deb = machine.folder / "debs/hello_1_all.deb"
    whole = deb.read_bytes()
    deb.write_bytes(whole[:-200])
    with pytest.raises(DownloadError, match="已损坏"):
        debian.install(OVERLAY)
    deb.write_bytes(whole)
    assert debian.install(OVERLAY).find("hello")


def test_two_at_once_make_it_once(machine: Machine) -> None:
    machine.apt(then="sleep 0.3")
    found: list[object] = []

    def install() -> None:
        found.append(debian.install(OVERLAY))

    threads = [threading.Thread(target=install) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert machine.asked.read_text().count(" update") == 1


def test_a_machine_without_apt_is_told_what_to_do(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "host", lambda: None)
    with pytest.raises(NoAptError, match="包管理器"):
        debian.install(OVERLAY)
    monkeypatch.setattr(sources, "host", lambda: Host("debian", "bookworm"))
    monkeypatch.setenv("PATH", str(machine.folder))
    with pytest.raises(NoAptError, match="没有 apt"):
        debian.install(OVERLAY)


def test_a_program_on_the_path_wins(machine: Machine) -> None:
    own = machine.folder / "bin/hello"
    own.write_text("#!/bin/sh\necho own\n")
    own.chmod(own.stat().st_mode | stat.S_IXUSR)
    assert tools.ensure(OVERLAY, "hello").command == (str(own),)
    assert not machine.asked.exists()
    own.unlink()
    extracted = tools.ensure(OVERLAY, "hello")
    assert "LD_LIBRARY_PATH" in extracted.environment()
    assert (
        subprocess.run([*extracted.command], capture_output=True, check=True).stdout == b"hello\n"
    )


def test_fonts_of_an_overlay_are_made_known(machine: Machine) -> None:
    machine.package("fonts", {"usr/share/fonts/x.ttf": "x"})
    installed = debian.install(OVERLAY)
    fonts = Path(installed.environment()["FONTCONFIG_FILE"])
    assert str(installed.root / "usr/share/fonts") in fonts.read_text()
