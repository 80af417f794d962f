"""The machine's own apt sources: where its Debian or Ubuntu packages come from.

No mirror's name is written anywhere in this project: what the machine already uses is read from
``sources.list``, ``sources.list.d/*.list`` (one line an entry) and ``*.sources`` (deb822).
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

APT = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")

_ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)\Z")
_ROLLING = frozenset({"stable", "oldstable", "testing", "unstable", "sid", "forky"})


@dataclass(frozen=True)
class Source:
    """One archive: its address, one suite, its components and the key that signs it."""

    uri: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""
    """A key's file, or empty for the keys that apt trusts anyway."""

    def line(self) -> str:
        """Return it as apt's one-line format."""
        options = f"[signed-by={self.signed_by}] " if self.signed_by else ""
        return f"deb {options}{self.uri} {self.suite} {' '.join(self.components)}"


@dataclass(frozen=True)
class Host:
    """Which distribution this machine runs, as ``os-release`` says."""

    distribution: str
    codename: str

    @property
    def is_ubuntu(self) -> bool:
        """Whether its archive is Ubuntu's."""
        return self.distribution == "ubuntu"


def host(os_release: Path = OS_RELEASE) -> Host | None:
    """Return what this machine runs, or ``None`` where it isn't Debian's or Ubuntu's kin."""
    try:
        text = os_release.read_text(encoding="utf-8")
    except OSError:
        return None
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    values = {key: value.strip().strip("\"'") for key, _, value in pairs}
    family = [values.get("ID", ""), *values.get("ID_LIKE", "").split()]
    # Mint and its like name their own codename and Ubuntu's beside it.
    if "ubuntu" in family:
        return Host("ubuntu", values.get("UBUNTU_CODENAME") or values.get("VERSION_CODENAME", ""))
    if "debian" in family:
        return Host("debian", values.get("VERSION_CODENAME", ""))
    return None


def read(apt: Path = APT) -> list[Source]:
    """Return every enabled binary source of the machine, in apt's order."""
    files = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found: list[Source] = []
    for file in files:
        if file.suffix not in {".list", ".sources"} or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        found += _deb822(text) if file.suffix == ".sources" else _one_line(text)
    return found


def of_distribution(sources: list[Source], machine: Host) -> list[Source]:
    """Keep the distribution's own archive (updates and security too), not third parties'."""
    known = {machine.codename, *_ROLLING} - {""}
    return [s for s in sources if s.suite.split("-")[0].split("/")[0] in known]


def mirror(sources: list[Source], machine: Host) -> Source | None:
    """Return the distribution's main archive, as the pattern for another suite of it."""
    known = {machine.codename, *_ROLLING} - {""}
    for source in sources:
        if source.suite in known and "main" in source.components:
            return source
    return None


def with_suite(source: Source, suite: str, components: tuple[str, ...] = ()) -> Source:
    """Return the same archive at another suite."""
    return replace(source, suite=suite, components=components or source.components)


def _one_line(text: str) -> Iterator[Source]:
    for raw in text.splitlines():
        match = _ONE_LINE.match(raw.partition("#")[0].strip())
        if match is None:
            continue
        words = (match["options"] or "").split()
        options = dict(word.split("=", 1) for word in words if "=" in word)
        suite, *components = match["rest"].split()
        if components and _fits(options.get("arch", "").replace(",", " ")):
            yield Source(match["uri"], suite, tuple(components), options.get("signed-by", ""))


def _deb822(text: str) -> Iterator[Source]:
    for stanza in re.split(r"\n[ \t]*\n", text):
        fields = _fields(stanza)
        if (
            "deb" not in fields.get("types", "").split()
            or fields.get("enabled", "yes").lower() in {"no", "false", "0"}
            or not _fits(fields.get("architectures", ""))
        ):
            continue
        # A key written into the stanza itself cannot be named on one line; apt's own trusted
        # keys then have to do.
        key = fields.get("signed-by", "")
        signed_by = key if key.startswith("/") and "\n" not in key else ""
        components = tuple(fields.get("components", "").split())
        for uri in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                if components:
                    yield Source(uri, suite, components, signed_by)


def _fields(stanza: str) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and name:
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "armhf", "riscv64": "riscv64"}


def architecture() -> str:
    """Return Debian's name of this machine's architecture."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, machine)


def _fits(architectures: str) -> bool:
    listed = architectures.split()
    return not listed or architecture() in listed
