"""An apt with its own state: resolves and downloads, and never touches the machine's packages."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline.debian.errors import DiskFullError, DownloadError, NoAptError
from hotline.debian.sources import Source, architecture

Progress = Callable[[str, float], None]
"""Told what is being done (Chinese) and how far it is, from 0 to 1."""

HOST_STATUS = Path("/var/lib/dpkg/status")
_PERCENT = re.compile(rb"^dlstatus:[^:]*:([0-9.]+):")


def quiet(_what: str, _share: float) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Apt:
    """A private apt in ``folder``; ``status`` is what it takes for installed."""

    folder: Path
    sources: Sequence[Source]
    status: Path | None = None

    @property
    def archives(self) -> Path:
        """Where the downloaded packages lie."""
        return self.folder / "cache" / "archives"

    def prepare(self) -> None:
        """Lay its folders and its list of sources."""
        for name in ("lists/partial", "cache/archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{source.line()}\n" for source in self.sources)
        (self.folder / "sources.list").write_text(lines, encoding="utf-8")
        (self.folder / "status").write_text("", encoding="utf-8")

    def update(self, progress: Progress = quiet) -> None:
        """Fetch the lists of packages.

        Raises:
            DownloadError: an archive could not be read.
        """
        self._run(["update"], "更新软件包目录", progress)

    def download(self, packages: Sequence[str], progress: Progress = quiet) -> list[Path]:
        """Fetch ``packages`` and what they need beyond ``status``; take up partial files.

        Returns:
            The packages' files.

        Raises:
            DownloadError: a package is unknown, cannot be satisfied or cannot be fetched.
        """
        arguments = ["install", "--download-only", "--no-install-recommends", "-y", *packages]
        self._run(arguments, "下载软件包", progress)
        return sorted(self.archives.glob("*.deb"))

    def _options(self) -> list[str]:
        folder = self.folder
        options = {
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::State": folder,
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": self.status or folder / "status",
            "Dir::State::extended_states": folder / "extended_states",
            "Dir::Cache": folder / "cache",
            "Dir::Cache::archives": self.archives,
            "Debug::NoLocking": "1",
            "APT::Sandbox::User": "",
            "APT::Install-Suggests": "0",
            "APT::Architecture": architecture(),
            "APT::Get::AllowUnauthenticated": "0",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Acquire::http::Timeout": "30",
            "Acquire::https::Timeout": "30",
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        }
        return [word for key, value in options.items() for word in ("-o", f"{key}={value}")]

    def _run(self, arguments: Sequence[str], what: str, progress: Progress) -> None:
        executable = shutil.which("apt-get")
        if executable is None or shutil.which("dpkg-deb") is None:
            raise NoAptError
        progress(what, 0.0)
        reader, writer = os.pipe()
        command = [executable, *self._options(), "-o", f"APT::Status-Fd={writer}", *arguments]
        environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        log = self.folder / "apt.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                pass_fds=(writer,),
                env=environment,
            )
            os.close(writer)
            try:
                with os.fdopen(reader, "rb") as lines:
                    for line in lines:
                        if (match := _PERCENT.match(line)) is not None:
                            progress(what, float(match[1]) / 100)
                code = process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(10)
        text = log.read_text(encoding="utf-8", errors="replace")
        # apt-get update ends with 0 although a list could not be fetched.
        marks = ("E:", "Err:", "W: Fail")
        complaints = [line for line in text.splitlines() if line.startswith(marks)]
        if code or (arguments[0] == "update" and complaints):
            raise _explain(what, complaints, text)
        progress(what, 1.0)


def _explain(what: str, complaints: Sequence[str], text: str) -> DownloadError | DiskFullError:
    shown = "\n".join(complaints[-6:] or text.splitlines()[-6:])
    if "No space left on device" in text or "enough free space" in text:
        return DiskFullError(f"{what}失败：磁盘空间不足，请清理后重试。\n{shown}")
    return DownloadError(
        f"{what}失败。请检查网络与本机的 apt 软件源后重试，已下载的部分会保留。\n{shown}"
    )
