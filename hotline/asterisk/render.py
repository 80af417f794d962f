"""All of Asterisk's configuration, from ``config/asterisk/*.j2``, the settings and the secrets."""

from __future__ import annotations

import os
import resource
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2

import config
from hotline.ami.events import UNHEARD, WANTED
from hotline.asterisk import certificate, journal, modules, music
from hotline.asterisk.endpoints import Endpoint
from hotline.asterisk.errors import TemplateError
from hotline.asterisk.installation import Installation
from hotline.clock import Clock, SystemClock
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings

AMI_SECRET = "asterisk-ami"  # noqa: S105 - the name of a secret
_CONTROL_SOCKET_LIMIT = 107
"""Linux' longest path of a Unix socket."""
_MAX_FILES = 65536
_MAX_CALLS = 2000


@dataclass(frozen=True)
class Layout:
    """The folders of one Asterisk, all below ``settings.asterisk_home``."""

    home: Path
    recordings: Path

    @property
    def etc(self) -> Path:
        """Rendered configuration."""
        return self.home / "etc"

    @property
    def log(self) -> Path:
        """Logs and the journal of calls."""
        return self.home / "log"

    @property
    def music(self) -> Path:
        """Music on hold; a bureau's own files there win."""
        return self.home / "music"

    @property
    def tones(self) -> Path:
        """What only a person on a call hears, such as the tone of a long talk."""
        return self.home / "tones"

    @property
    def run(self) -> Path:
        """Pid file and control socket; elsewhere when the path would be too long for one."""
        folder = self.home / "run"
        if len(str(folder / "asterisk.ctl")) <= _CONTROL_SOCKET_LIMIT:
            return folder
        digest = sha256(str(self.home).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"hotline-{os.getuid()}-{digest}"

    @property
    def journal(self) -> Path:
        """The journal of calls; see :mod:`hotline.asterisk.journal`."""
        return self.log / "cdr-custom" / "calls.csv"

    @property
    def messages(self) -> Path:
        """Asterisk's own log."""
        return self.log / "messages.log"

    @property
    def certificate(self) -> Path:
        """Where the self-signed certificate stands."""
        return self.home / "keys" / "hotline.crt"

    @property
    def certificate_key(self) -> Path:
        """Its private key."""
        return self.home / "keys" / "hotline.key"

    def make(self) -> None:
        """Make every folder; only their owner may look inside."""
        names = ("etc", "log/cdr-custom", "lib/agi-bin", "db", "keys/keys", "music")
        folders = [self.home / name for name in (*names, "spool/outgoing", "spool/monitor")]
        for folder in (*folders, self.run, self.recordings):
            folder.mkdir(parents=True, exist_ok=True)
        for folder in (self.home, self.run, self.recordings):
            folder.chmod(0o700)


def layout(settings: Settings) -> Layout:
    """Return where everything of the Asterisk of ``settings`` stands."""
    return Layout(settings.asterisk_home, settings.recordings)


@dataclass(frozen=True)
class Rendering:
    """What a configuration is rendered from, beside the settings.

    ``values`` are further values for templates (the dialplan's, say). Templates see: ``asterisk``,
    ``bureau``, ``paths``, ``secrets.ami``, ``endpoints``, ``modules``, ``version``, ``values``.
    """

    endpoints: Sequence[Endpoint] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    templates: Path | None = None
    """A folder whose templates win over a bureau's own and ours."""


def render(
    settings: Settings,
    installation: Installation,
    rendering: Rendering | None = None,
    clock: Clock | None = None,
) -> list[Path]:
    """Write Asterisk's configuration; return the files that changed.

    Raises:
        TemplateError: a template is broken (file and line) or a value holds a line break.
        MissingModulesError: this Asterisk lacks modules that the house needs.
        CertificateError: a certificate that is there can't be used.
    """
    rendering = rendering or Rendering()
    place = layout(settings)
    values = _values(settings, installation, rendering, place)
    place.make()
    music.ensure(place.music)
    music.ensure_warning(place.tones)
    if not settings.web.tls_certificate:
        certificate.ensure(place.certificate, place.certificate_key, clock or SystemClock())
    changed = []
    folders = _folders(rendering)
    for name in sorted({file.name for folder in folders for file in folder.glob("*.j2")}):
        text = _render(folders, name, values)
        if _write(place.etc / name.removesuffix(".j2"), text):
            changed.append(place.etc / name.removesuffix(".j2"))
    return changed


def _folders(rendering: Rendering) -> list[Path]:
    """Return where templates are, the winning folder first."""
    own = os.environ.get("HOTLINE_CONFIG")
    bureau = Path(own) / "asterisk" if own else None
    return [p for p in (rendering.templates, bureau, config.SHIPPED / "asterisk") if p is not None]


def _values(
    settings: Settings, installation: Installation, rendering: Rendering, place: Layout
) -> dict[str, Any]:
    own_certificate = settings.web.tls_certificate
    paths = {
        "etc": place.etc,
        "modules": installation.modules,
        "lib": place.home / "lib",
        "db": place.home / "db",
        "keys": place.home / "keys",
        "data": installation.data,
        "spool": place.home / "spool",
        "run": place.run,
        "log": place.log,
        "executable_folder": installation.executable.parent,
        "music": place.music,
        "tones": place.tones,
        "recordings": place.recordings,
        "home": settings.home,
        "certificate": Path(own_certificate) if own_certificate else place.certificate,
        "certificate_key": Path(settings.web.tls_key) if own_certificate else place.certificate_key,
    }
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return {
        "asterisk": settings.asterisk,
        "bureau": settings.bureau,
        "paths": SimpleNamespace(**paths),
        "secrets": {"ami": SecretsFile(settings.home).get(AMI_SECRET)},
        "endpoints": list(rendering.endpoints),
        "modules": modules.choose(installation.available_modules()),
        "version": installation.version,
        "named_filters": installation.named_filters,
        "wanted_events": WANTED,
        "unheard_events": UNHEARD,
        "journal": journal.mapping(),
        "loopback": settings.asterisk.bind if _is_loopback(settings) else "127.0.0.1",
        "max_files": min(_MAX_FILES, hard) if hard > 0 else _MAX_FILES,
        "max_calls": _MAX_CALLS,
        "values": rendering.values,
    }


def _is_loopback(settings: Settings) -> bool:
    return settings.asterisk.bind.startswith("127.")


def _one_line(value: object) -> object:
    if isinstance(value, str | Path) and not str(value).isprintable():
        raise TemplateError(f"写入 Asterisk 配置的内容含有换行或控制字符：{str(value)[:80]!r}")
    return value


def _render(folders: Sequence[Path], name: str, values: Mapping[str, Any]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - these are Asterisk's files, not pages
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_one_line,
    )
    try:
        return environment.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        place = error.filename or name
        raise TemplateError(f"{place}:{error.lineno}: 模板语法有误：{error.message}") from error
    except jinja2.TemplateError as error:
        raise TemplateError(f"{name}: 模板有误：{error}") from error


def _write(file: Path, text: str) -> bool:
    data = text.encode()
    try:
        if file.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
    fresh.replace(file)
    return True
