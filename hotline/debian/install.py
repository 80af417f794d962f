"""Packages, extracted without root into the cache folder, ready to run from there."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from hotline import settings
from hotline.debian import sources
from hotline.debian.apt import HOST_STATUS, Apt, Progress, quiet
from hotline.debian.errors import DiskFullError, DownloadError, NoAptError, PackagesError

_LAYOUT = 1
"""Counts the changes of how an extracted folder looks; an older one is made anew."""

_UNUSED = (
    "usr/share/doc",
    "usr/share/man",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/lintian",
)


class Mode(StrEnum):
    """How extracted programs meet the machine's own libraries."""

    ISOLATED = "isolated"
    """A whole closure of another suite, run with its own loader and C library."""

    OVERLAY = "overlay"
    """Only what the machine lacks, from its own suite, run with ``LD_LIBRARY_PATH``."""


@dataclass(frozen=True)
class Wanted:
    """A set of packages and how it is made: ``name`` is its folder."""

    name: str
    packages: tuple[str, ...]
    mode: Mode
    suites: tuple[str, ...] = ()
    """For isolated sets on Debian: suites to try, best first. On Ubuntu, its own suite."""


@dataclass(frozen=True)
class Installed:
    """An extracted set of packages."""

    root: Path
    mode: Mode

    @property
    def libraries(self) -> list[Path]:
        """Folders of shared libraries, as the loader wants them."""
        nested = sorted(p.parent for p in self.root.glob("usr/lib/*/libc.so.6"))
        triplets = nested or sorted(self.root.glob("usr/lib/*-linux-gnu*"))
        return [p for p in (*triplets, self.root / "usr/lib") if p.is_dir()]

    def find(self, program: str) -> Path | None:
        """Return the file called ``program`` in one of the folders for programs."""
        for folder in ("usr/bin", "usr/sbin", "usr/games", "bin", "sbin"):
            if (file := self.root / folder / program).is_file():
                return file
        return next(iter(sorted(self.root.glob(f"usr/lib/**/bin/{program}"))), None)

    def command(self, program: Path) -> list[str]:
        """Return the words that start ``program``.

        Raises:
            PackagesError: an isolated set without a loader.
        """
        if self.mode is Mode.OVERLAY:
            return [str(program)]
        loader = next(iter(sorted(self.root.glob("usr/lib/*/ld-linux*.so.*"))), None)
        if loader is None:
            raise PackagesError(f"{self.root} 不完整，请删除这个文件夹后重试")
        return [str(loader), "--library-path", ":".join(map(str, self.libraries)), str(program)]

    def environment(self) -> dict[str, str]:
        """Return the variables, beside the machine's, that its programs need."""
        if self.mode is Mode.ISOLATED:
            # The machine's OpenSSL configuration may name modules of another version.
            modules = [str(p / "ossl-modules") for p in self.libraries]
            return {"OPENSSL_CONF": "/dev/null", "OPENSSL_MODULES": modules[0]}
        paths = [*map(str, self.libraries), os.environ.get("LD_LIBRARY_PATH", "")]
        found = {"LD_LIBRARY_PATH": ":".join(filter(None, paths))}
        fonts = self.root / "fonts.conf"
        return {**found, "FONTCONFIG_FILE": str(fonts)} if fonts.is_file() else found


def folder_of(wanted: Wanted) -> Path:
    """Return where ``wanted`` is, or will be, extracted."""
    return settings.cache_folder() / "debian" / wanted.name


def installed(wanted: Wanted) -> Installed | None:
    """Return the extracted set if it is whole, without making it."""
    folder = folder_of(wanted)
    try:
        mark = json.loads((folder / "ready.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    expected = {"layout": _LAYOUT, "packages": list(wanted.packages)}
    fits = isinstance(mark, Mapping) and all(mark.get(k) == v for k, v in expected.items())
    return Installed(folder / "root", Mode(mark["mode"])) if fits and "mode" in mark else None


def install(wanted: Wanted, progress: Progress = quiet) -> Installed:
    """Return the extracted set; make it first where it is missing.

    Safe to interrupt and to run twice at once: the second waits for the first.

    Raises:
        NoAptError: this machine has no apt, or apt no archive of its distribution.
        DownloadError: the packages cannot be fetched.
        DiskFullError: no room.
    """
    if (found := installed(wanted)) is not None:
        return found
    folder = folder_of(wanted)
    with _room(), _lock(folder, progress):
        return installed(wanted) or _make(wanted, folder, progress)


def _make(wanted: Wanted, folder: Path, progress: Progress) -> Installed:
    problems: list[DownloadError] = []
    for choice, status, mode in _choices(wanted):
        apt = Apt(folder / "apt", choice, status)
        try:
            apt.prepare()
            apt.update(progress)
            files = apt.download(wanted.packages, progress)
        except DownloadError as error:
            problems.append(error)
            continue
        _extract(files, folder, progress)
        _write_fonts(folder / "root")
        mark = {
            "layout": _LAYOUT,
            "packages": list(wanted.packages),
            "mode": mode,
            "suites": [source.suite for source in choice],
            "files": [file.name for file in files],
        }
        (folder / "ready.json").write_text(json.dumps(mark, indent=1), encoding="utf-8")
        shutil.rmtree(folder / "apt", ignore_errors=True)
        return Installed(folder / "root", mode)
    raise problems[0]


def _choices(wanted: Wanted) -> Iterator[tuple[Sequence[sources.Source], Path | None, Mode]]:
    """Yield what to try: archives, the file of what counts as installed, how it will be run."""
    machine = sources.host()
    known = sources.read()
    main = sources.mirror(known, machine) if machine is not None else None
    if machine is None or main is None:
        raise NoAptError(
            "本机不是 Debian 或 Ubuntu，或 apt 没有配置软件源，无法自动取得 "
            f"{'、'.join(wanted.packages)}。请用本机的包管理器安装，使其在 PATH 上。"
        )
    if wanted.mode is Mode.OVERLAY:
        own = sources.of_distribution(known, machine)
        yield own, HOST_STATUS, Mode.OVERLAY
        # A machine whose own packages are in disorder can't be built upon: bring everything.
        yield own, None, Mode.ISOLATED
    elif machine.is_ubuntu:
        yield [sources.with_suite(main, machine.codename, ("main", "universe"))], None, wanted.mode
    else:
        for suite in wanted.suites:
            yield [sources.with_suite(main, suite, ("main",))], None, wanted.mode


def _extract(files: Sequence[Path], folder: Path, progress: Progress) -> None:
    fresh = folder / "root.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    # Folders that a merged /usr has as links: packages that still ship /lib land in /usr/lib.
    for name in ("bin", "lib", "lib64", "sbin"):
        (fresh / "usr" / name).mkdir(parents=True, exist_ok=True)
        (fresh / name).symlink_to(f"usr/{name}")
    done = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for _ in pool.map(lambda file: _unpack(file, fresh), files):
            done += 1
            progress("解开软件包", done / len(files))
    for name in _UNUSED:
        shutil.rmtree(fresh / name, ignore_errors=True)
    old = folder / "root"
    shutil.rmtree(old, ignore_errors=True)
    fresh.rename(old)


def _unpack(file: Path, root: Path) -> None:
    tool = shutil.which("dpkg-deb")
    if tool is None:
        raise NoAptError
    # Through tar, because dpkg-deb would replace the links above by folders.
    archive = subprocess.Popen([tool, "--fsys-tarfile", str(file)], stdout=subprocess.PIPE)
    tar = ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)]
    result = subprocess.run(tar, stdin=archive.stdout, capture_output=True, check=False)
    if archive.stdout is not None:
        archive.stdout.close()
    if archive.wait() == 0 and result.returncode == 0:
        return
    detail = result.stderr.decode(errors="replace")
    if "No space left" in detail:
        raise DiskFullError
    file.unlink(missing_ok=True)
    raise DownloadError(f"软件包 {file.name} 已损坏，请重试（会重新下载这一个）。{detail[-300:]}")


def _write_fonts(root: Path) -> None:
    fonts = root / "usr/share/fonts"
    if not fonts.is_dir():
        return
    bases = [Path("/etc/fonts/fonts.conf"), root / "etc/fonts/fonts.conf"]
    include = next((base for base in bases if base.is_file()), None)
    inner = f'<include ignore_missing="yes">{include}</include>' if include else ""
    cache = root.parent / "fontcache"
    (root / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig>{inner}<dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>\n",
        encoding="utf-8",
    )


@contextlib.contextmanager
def _lock(folder: Path, progress: Progress) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("等待另一个安装完成", 0.0)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DiskFullError from error
        raise
