"""Settings of one installation: ``hotline.toml``, then ``HOTLINE_…`` variables, then defaults.

Every folder and port can be set, so that several installations (a test each) share a machine.
Secrets are not settings: see :mod:`hotline.secretsfile`.
"""

from __future__ import annotations

import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from hotline.errors import ConfigurationError

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SettingsError(ConfigurationError):
    """配置 hotline.toml 有误。"""

    error_id = "settings"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _secret(value: SecretStr, file: str, name: str) -> str:
    """Return a secret that is given itself or stands in a file; ``name`` is the file's setting.

    Raises:
        SettingsError: the file cannot be read.
    """
    if not file:
        return value.get_secret_value()
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{name} 读不了：{file}（{error.strerror}）") from error


class BureauSettings(_Section):
    """Who runs this hotline."""

    name: str = "示范县司法局"
    hotline_number: str = "12348"
    district_code: str = "district"
    """The organisation at the root of the tree of places."""


class AsteriskSettings(_Section):
    """The Asterisk beside us and the addresses that it uses. Ports 0 are not allowed here."""

    manage: bool = True
    """Whether we render its configuration and start it; ``False`` for one run by others."""
    bind: str = "127.0.0.1"
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = "hotline"
    agi_port: int = 4573
    """Where callers' questions about their cases are answered (FastAGI, on ``ami_host``)."""
    sip_port: int = 5060
    http_port: int = 8088
    https_port: int = 8089
    rtp_start: int = 20000
    rtp_end: int = 29999
    trunk_match: list[str] = ["127.0.0.2"]
    """Source addresses of the operator's SIP trunk."""
    trunk_contact: str = "sip:127.0.0.2:5070"
    outbound: str = "PJSIP/{number}@trunk"
    """How numbers outside are dialled (call-backs, mobiles, other districts): through which
    endpoint of Asterisk. ``{number}`` stands for the number."""
    executable: str = ""
    """Path of an Asterisk to use; empty: found on PATH, else the extracted one."""

    @field_validator("outbound")
    @classmethod
    def _dials_a_number(cls, text: str) -> str:
        if not re.fullmatch(r"PJSIP/[0-9]*\{number\}@[A-Za-z0-9_-]+", text):
            raise ValueError("应形如 PJSIP/{number}@trunk，@ 后是中继的名称")
        return text


class OidcSettings(_Section):
    """Signing in through an identity provider (OpenID Connect); off where ``issuer`` is empty."""

    issuer: str = ""
    """The provider's address, such as ``https://sso.example.gov.cn/realms/county``."""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    """Better given as HOTLINE_WEB__OIDC__CLIENT_SECRET or in ``client_secret_file``."""
    client_secret_file: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    account_claim: str = "preferred_username"
    """The claim that names the account here, at the first sign-in of a person."""
    words: str = "统一身份登录"
    """On the button."""

    @model_validator(mode="after")
    def _usable(self) -> OidcSettings:
        if not self.issuer:
            return self
        host = urlsplit(self.issuer)
        if host.scheme != "https" and host.hostname not in LOOPBACK:
            raise ValueError("web.oidc.issuer 须是 https 地址")
        if not self.client_id:
            raise ValueError("设置了 web.oidc.issuer，还须填写 client_id")
        return self

    def secret(self) -> str:
        """Return the client's secret.

        Raises:
            SettingsError: its file cannot be read.
        """
        return _secret(self.client_secret, self.client_secret_file, "web.oidc.client_secret_file")


class WebSettings(_Section):
    """The web server."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = ""
    """The address that users type; used in links, cookies and the origin check."""
    https: bool = False
    """Serve over TLS with the certificate made at set-up, where no own one is named."""
    tls_certificate: str = ""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose ``X-Forwarded-For`` is believed."""
    oidc: OidcSettings = OidcSettings()

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one)
            except ValueError as error:
                raise ValueError(f"“{one}”不是地址或网段，如 10.0.0.5 或 10.0.0.0/24") from error
        return value


class PublicSettings(_Section):
    """Which other sites may show the public's page or ask the open API from a browser."""

    embed_origins: list[str] = []
    """Sites that may show ``/public/embed`` inside their pages: ``https://www.example.gov.cn``."""
    api_origins: list[str] = []
    """Sites whose pages may call the open API (CORS); ``["*"]``: any."""

    @field_validator("embed_origins", "api_origins")
    @classmethod
    def _origins(cls, values: list[str]) -> list[str]:
        for value in values:
            if value != "*" and not re.fullmatch(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?", value):
                raise ValueError(f"“{value}”应写成 https://网址，不带路径")
        return values


class MailSettings(_Section):
    """The bureau's mail server, for ``mail_provider: smtp`` of ``messages.yaml``."""

    host: str = ""
    port: int = Field(default=0, ge=0, le=65535)
    """0: the usual one, 465 (tls), 587 (starttls) or 25 (none)."""
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str = ""
    """A PEM file of the authority that signed the server's certificate; empty: the machine's."""
    user: str = ""
    password: SecretStr = SecretStr("")
    """Better given as HOTLINE_MAIL__PASSWORD or in ``password_file``."""
    password_file: str = ""
    sender: str = ""
    """The address that letters come from; empty: ``user``."""
    timeout_seconds: float = Field(default=20, gt=0, le=120)

    @model_validator(mode="after")
    def _usable(self) -> MailSettings:
        if self.security == "none" and self.user and self.host not in LOOPBACK:
            raise ValueError(
                "mail.security 为 none 时不能登录（密码会明文传送），请用 tls 或 starttls"
            )
        sender = self.sender or self.user
        if self.host and not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", sender):
            raise ValueError("mail.sender 须是发件邮箱，如 12348@example.gov.cn")
        return self

    def secret(self) -> str:
        """Return the password.

        Raises:
            SettingsError: its file cannot be read.
        """
        return _secret(self.password, self.password_file, "mail.password_file")


class TextSettings(_Section):
    """What the gateway of text messages wants to know, beside ``messages/gateway.yaml``."""

    account: str = ""
    secret: SecretStr = SecretStr("")
    """Better given as HOTLINE_SMS__SECRET or in ``secret_file``."""
    secret_file: str = ""
    ca_file: str = ""
    timeout_seconds: float = Field(default=10, gt=0, le=120)

    def secret_text(self) -> str:
        """Return the secret.

        Raises:
            SettingsError: its file cannot be read.
        """
        return _secret(self.secret, self.secret_file, "sms.secret_file")


class SpeechSettings(_Section):
    """The recogniser."""

    engine: str = "vosk"
    model: str = ""
    """A model's folder; empty: the installed one, else the demo model that we ship."""


class RecordingSettings(_Section):
    """What is kept of a call, and for how long."""

    retention_days: int = Field(default=730, ge=1)
    """No norm was found; two years are common practice. The bureau decides."""


class Settings(BaseSettings):
    """All settings. Folders are made when first asked for."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", extra="ignore"
    )

    home: Path = Path("var")
    """State: database, recordings, Asterisk's configuration and run folders, logs, secrets."""
    prompts: Path = Path("prompts")
    """The bureau's recordings of the voice prompts; a recording wins over synthesis."""
    database: str = ""
    """A SQLAlchemy URL; empty: SQLite in ``home``."""
    bureau: BureauSettings = BureauSettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    web: WebSettings = WebSettings()
    public: PublicSettings = PublicSettings()
    mail: MailSettings = MailSettings()
    sms: TextSettings = TextSettings()
    speech: SpeechSettings = SpeechSettings()
    recording: RecordingSettings = RecordingSettings()

    @field_validator("home", "prompts")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def database_url(self) -> str:
        """The database's URL with its async driver."""
        return self.database or f"sqlite+aiosqlite:///{self.home / 'hotline.db'}"

    @property
    def recordings(self) -> Path:
        """Where Asterisk writes the legs of calls."""
        return self.home / "recordings"

    @property
    def asterisk_home(self) -> Path:
        """Asterisk's rendered configuration (``etc``) and its run folders."""
        return self.home / "asterisk"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over ``hotline.toml``, and arguments over both."""
        del dotenv_settings, file_secret_settings
        file = Path(os.environ.get("HOTLINE_TOML", "hotline.toml"))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file))


def load(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: ``hotline.toml`` or a variable is wrong; each mistake is named.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        # Not chained: what pydantic says holds what was typed, and that may be a password.
        raise SettingsError(
            "配置有误，请检查 hotline.toml 与 HOTLINE_ 环境变量：\n"
            + "\n".join(map(_told, error.errors()))
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"hotline.toml 不是有效的 TOML：{error}") from error


_SECRETS = re.compile("secret|password")


def _told(mistake: ErrorDetails) -> str:
    """Return where a mistake is and what it is; what was typed, unless that may be a secret."""
    name = ".".join(map(str, mistake["loc"]))
    said = f"{name}：{mistake['msg'].removeprefix('Value error, ')}"
    given = mistake["input"]
    # A mistake of a whole section gives the section, and with it all that stands in it.
    if isinstance(given, dict | BaseModel) or _SECRETS.search(name) or name == "database":
        return said
    return f"{said}（现为 {given!r}）"


def cache_folder() -> Path:
    """Return the folder outside the repository for what can be made anew (Asterisk, models)."""
    base = os.environ.get("HOTLINE_CACHE") or os.environ.get("XDG_CACHE_HOME")
    folder = Path(base) if base else Path.home() / ".cache"
    return folder if os.environ.get("HOTLINE_CACHE") else folder / "hotline12348"
