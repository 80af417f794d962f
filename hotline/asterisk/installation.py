"""Which Asterisk is used: the configured one, one on PATH, or the extracted one."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hotline import debian
from hotline.asterisk.errors import AsteriskMissingError, UnsupportedVersionError
from hotline.debian.apt import Progress, quiet
from hotline.settings import Settings

_VERSION = re.compile(r"(?:Asterisk|certified/)\D*(\d+)(?:\.(\d+))?(?:\.(\d+))?")
_MODULES_HERE = re.compile(r"^\s*astmoddir\s*=>?\s*(\S+)", re.MULTILINE)
_DATA_HERE = re.compile(r"^\s*astdatadir\s*=>?\s*(\S+)", re.MULTILINE)
_SYSTEM_CONFIGURATION = Path("/etc/asterisk/asterisk.conf")

SUPPORTED = (18, 20, 21, 22)

# https://github.com/asterisk/asterisk/pull/874, first in these releases of each series.
_NAMED_FILTERS = {18: (18, 26, 0), 20: (20, 11, 0), 21: (21, 6, 0), 22: (22, 1, 0)}


@dataclass(frozen=True)
class Installation:
    """An Asterisk that can be started."""

    command: tuple[str, ...]
    """The words before its arguments."""
    executable: Path
    version: tuple[int, int, int]
    modules: Path
    data: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    extracted: bool = False

    @property
    def named_filters(self) -> bool:
        """Whether ``manager.conf`` can filter by an event's name (quick), not only by text."""
        return self.version >= _NAMED_FILTERS.get(self.version[0], (23, 0, 0))

    def available_modules(self) -> set[str]:
        """Return the names of its modules, without ``.so``."""
        return {file.stem for file in self.modules.glob("*.so")}

    def __str__(self) -> str:
        return f"Asterisk {'.'.join(map(str, self.version))}（{self.executable}）"


def find(settings: Settings) -> Installation | None:
    """Return the Asterisk to use, without installing one.

    Raises:
        AsteriskMissingError: the configured executable doesn't exist.
        UnsupportedVersionError: it is none of 18, 20, 21 and 22.
    """
    if chosen := settings.asterisk.executable:
        file = shutil.which(chosen)
        if file is None:
            raise AsteriskMissingError(
                f"hotline.toml 的 asterisk.executable 指向的 {chosen} 不存在或不能执行。"
                "请改正，或清空它，再执行 hotline asterisk install。"
            )
        return _described(Path(file))
    if (file := shutil.which("asterisk")) is not None:
        return _described(Path(file))
    extracted = debian.installed(debian.ASTERISK)
    return _extracted(extracted) if extracted is not None else None


def ensure(settings: Settings, progress: Progress = quiet) -> Installation:
    """Return the Asterisk to use; extract Debian's into the cache folder where there is none.

    Raises:
        AsteriskMissingError, UnsupportedVersionError: see :func:`find`.
        hotline.debian.PackagesError: it can't be had here.
    """
    found = find(settings)
    return found or _extracted(debian.install(debian.ASTERISK, progress))


def _extracted(installed: debian.Installed) -> Installation:
    file = installed.find("asterisk")
    if file is None:
        raise AsteriskMissingError(f"{installed.root} 不完整，请删除这个文件夹后重试")
    command = tuple(installed.command(file))
    modules = next(iter(sorted(installed.root.glob("usr/lib/*/asterisk/modules"))))
    variables = installed.environment()
    return Installation(
        command,
        file,
        _version(command, variables),
        modules,
        installed.root / "usr/share/asterisk",
        variables,
        extracted=True,
    )


def _described(file: Path) -> Installation:
    prefix = file.resolve().parent.parent
    configuration = ""
    for candidate in (_SYSTEM_CONFIGURATION, prefix / "etc/asterisk/asterisk.conf"):
        if candidate.is_file():
            configuration = candidate.read_text(encoding="utf-8", errors="replace")
            break
    modules = _first(
        _named(_MODULES_HERE, configuration),
        *sorted(prefix.glob("lib/*/asterisk/modules")),
        prefix / "lib/asterisk/modules",
        prefix / "lib64/asterisk/modules",
    )
    data = _first(
        _named(_DATA_HERE, configuration),
        prefix / "share/asterisk",
        prefix / "var/lib/asterisk",
        Path("/var/lib/asterisk"),
    )
    if modules is None or data is None:
        raise AsteriskMissingError(
            f"找不到 {file} 的模块文件夹，请在 {_SYSTEM_CONFIGURATION} 的 [directories] 里写明 "
            "astmoddir 和 astdatadir"
        )
    return Installation((str(file),), file, _version((str(file),), {}), modules, data)


def _named(pattern: re.Pattern[str], text: str) -> Path | None:
    match = pattern.search(text)
    return Path(match[1]) if match else None


def _first(*folders: Path | None) -> Path | None:
    return next((folder for folder in folders if folder is not None and folder.is_dir()), None)


def _version(command: tuple[str, ...], variables: Mapping[str, str]) -> tuple[int, int, int]:
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **variables}
    try:
        result = subprocess.run(
            [*command, "-V"], capture_output=True, check=False, timeout=20, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise AsteriskMissingError(f"{command[-1]} 不能运行：{error}") from error
    text = result.stdout.decode(errors="replace")
    match = _VERSION.search(text)
    if match is None:
        detail = result.stderr.decode(errors="replace")[-300:]
        raise AsteriskMissingError(f"{command[-1]} 不像是 Asterisk：{text[:200]}{detail}")
    version = (int(match[1]), int(match[2] or 0), int(match[3] or 0))
    if version[0] not in SUPPORTED:
        raise UnsupportedVersionError(
            f"{command[-1]} 的版本是 {text.strip()[:60]}，需要 Asterisk 18、20 或 22。"
            "请换一个版本，或执行 hotline asterisk install 并清空 asterisk.executable。",
            version=list(version),
        )
    return version
