"""Letters go out through a real mail server, encrypted; each refusal says what to mend."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from typer.testing import CliRunner

from hotline.app.commandline import cli
from hotline.asterisk import certificate
from hotline.clock import ManualClock, SystemClock
from hotline.messages.carriers import open_mail_provider
from hotline.messages.provider import (
    CarrierError,
    CarrierUnsetError,
    OutgoingMail,
    UndeliverableError,
)
from hotline.messages.smtp import SmtpProvider
from hotline.settings import MailSettings, Settings

LETTER = OutgoingMail(
    "staff:7", "wang@example.gov.cn", "示范县司法局：办件通知", "工单 12 将到期。"
)
PASSWORD = "open sesame"


class Mailbox:
    """What the server took; what it answers to the recipient and to the letter."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.encrypted: list[bool] = []
        self.to_recipient = self.to_letter = "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _more: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.to_recipient.replace("{address}", address)

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.letters.append(message_from_bytes(envelope.content, policy=policy.SMTP))
        return self.to_letter


def _lets_in(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
) -> AuthResult:
    known = LoginPassword(b"12348@example.gov.cn", PASSWORD.encode())
    return AuthResult(success=given == known, handled=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this machine that only who is told of it believes."""
    folder = tmp_path_factory.mktemp("authority")
    made = folder / "certificate.pem", folder / "key.pem"
    certificate.ensure(*made, SystemClock(), ["localhost"])
    return made


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def serve(
    mailbox: Mailbox, authority: tuple[Path, Path], free_port: Callable[[], int]
) -> Iterator[Callable[[str], MailSettings]]:
    """Return a function that starts a mail server and says how to reach it."""
    running: list[Controller] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority)

    def start(security: str) -> MailSettings:
        more: dict[str, Any] = {
            # The server takes a connection that is encrypted from its start for a plain one.
            "tls": {"ssl_context": context, "auth_require_tls": False},
            "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True},
            "none": {},
        }[security]
        if security != "none":
            more |= {"authenticator": _lets_in}
        controller = Controller(mailbox, hostname="127.0.0.1", port=free_port(), **more)
        controller.start()
        running.append(controller)
        return MailSettings.model_validate(
            {
                "host": "localhost",
                "port": controller.port,
                "security": security,
                "ca_file": str(authority[0]),
                "sender": "12348@example.gov.cn",
                "timeout_seconds": 10,
                **({"user": "12348@example.gov.cn", "password": PASSWORD} if more else {}),
            }
        )

    yield start
    for controller in running:
        controller.stop()


@pytest.mark.parametrize("security", ["tls", "starttls", "none"])
async def test_a_letter_arrives_whole(
    serve: Callable[[str], MailSettings], mailbox: Mailbox, clock: ManualClock, security: str
) -> None:
    provider = SmtpProvider(serve(security), "示范县司法局", clock)
    receipt = await provider.send(LETTER)
    (letter,) = mailbox.letters
    assert mailbox.encrypted == [security != "none"]
    assert letter.get_content().strip() == LETTER.text
    assert letter["Subject"] == LETTER.subject
    assert letter["From"].addresses[0].display_name == "示范县司法局"
    assert str(letter["To"]) == LETTER.address
    assert letter["Date"].datetime == clock.now()
    assert letter["Message-ID"] == receipt == "<staff-7@example.gov.cn>"


async def test_a_wrong_password_is_told_and_not_repeated(
    serve: Callable[[str], MailSettings], mailbox: Mailbox
) -> None:
    wrong = serve("tls").model_copy(update={"password": MailSettings(password="guess").password})
    with pytest.raises(CarrierError, match=r"不接受账号或密码（535）.*mail\.user") as told:
        await SmtpProvider(wrong, "局").send(LETTER)
    assert "guess" not in told.value.message
    assert not mailbox.letters


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        (("550 no such user {address}", "250 OK"), UndeliverableError, "550 no such user 收件邮箱"),
        (("452 mailbox full", "250 OK"), CarrierError, "452 mailbox full，稍后重发"),
        (("250 OK", "554 looks like spam"), UndeliverableError, "拒收这封邮件：554"),
        (("250 OK", "451 try later"), CarrierError, "451 try later，稍后重发"),
    ],
)
async def test_a_no_for_good_is_told_from_a_no_for_now(
    serve: Callable[[str], MailSettings],
    mailbox: Mailbox,
    answers: tuple[str, str],
    error: type[Exception],
    words: str,
) -> None:
    mailbox.to_recipient, mailbox.to_letter = answers
    with pytest.raises(error, match=words) as told:
        await SmtpProvider(serve("none"), "局").send(LETTER)
    assert type(told.value) is error
    assert LETTER.address not in str(told.value)


async def test_a_server_that_nobody_vouches_for_gets_no_letter(
    serve: Callable[[str], MailSettings], mailbox: Mailbox
) -> None:
    for security in ("tls", "starttls"):
        unknown = serve(security).model_copy(update={"ca_file": ""})
        with pytest.raises(CarrierError, match=r"证书核对不过.*mail\.ca_file"):
            await SmtpProvider(unknown, "局").send(LETTER)
    assert not mailbox.letters


async def test_a_server_without_encryption_gets_no_letter_where_it_is_asked_for(
    serve: Callable[[str], MailSettings], mailbox: Mailbox
) -> None:
    plain = serve("none")
    for security, words in (("starttls", "不支持所要的功能"), ("tls", "不能建立加密连接")):
        asked = plain.model_copy(update={"security": security})
        with pytest.raises(CarrierError, match=words):
            await SmtpProvider(asked, "局").send(LETTER)
    assert not mailbox.letters


async def test_a_server_that_is_away_is_told_with_its_address(
    free_port: Callable[[], int],
) -> None:
    port = free_port()
    away = MailSettings(host="127.0.0.1", port=port, security="none", sender="a@b.cn")
    with pytest.raises(CarrierError, match=f"127.0.0.1:{port} 连接不上.*稍后重发"):
        await SmtpProvider(away, "局").send(LETTER)


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@", "a@b.cn\nBcc: c@d.cn", "a@b.cn, c@d.cn", "王@b.cn>"]
)
async def test_an_address_that_is_none_is_no_reason_to_try_again(address: str) -> None:
    mail = MailSettings(host="127.0.0.1", port=9, security="none", sender="a@b.cn")
    letter = OutgoingMail("1", address, "题目", "内容")
    with pytest.raises(UndeliverableError, match="收件邮箱写得不对"):
        await SmtpProvider(mail, "局").send(letter)


def test_smtp_without_a_server_says_what_to_fill_in(tmp_path: Path) -> None:
    with pytest.raises(CarrierUnsetError, match=r"\[mail\] 填写 host"):
        open_mail_provider("smtp", Settings(home=tmp_path))


def test_a_bureau_tries_its_mail_server_out(
    serve: Callable[[str], MailSettings],
    mailbox: Mailbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail = serve("starttls")
    own = tmp_path / "config" / "messages"
    own.mkdir(parents=True)
    words = Path("config/messages/messages.yaml").read_text(encoding="utf-8")
    (own / "messages.yaml").write_text(words.replace("mail_provider: file", "mail_provider: smtp"))
    monkeypatch.setenv("HOTLINE_CONFIG", str(own.parent))
    monkeypatch.setenv("HOTLINE_HOME", str(tmp_path / "var"))
    for name in ("host", "port", "security", "ca_file", "user"):
        monkeypatch.setenv(f"HOTLINE_MAIL__{name.upper()}", str(getattr(mail, name)))
    monkeypatch.setenv("HOTLINE_MAIL__PASSWORD", PASSWORD)
    ran = CliRunner().invoke(cli, ["messages", "test", "--to", "me@example.gov.cn"])
    assert ran.exit_code == 0, ran.output
    assert "通道 smtp 已收下" in ran.output
    assert "系统试发" in mailbox.letters[0].get_content()
    mailbox.to_recipient = "550 unknown"
    ran = CliRunner().invoke(cli, ["messages", "test", "--to", "me@example.gov.cn"])
    assert ran.exit_code == 1
