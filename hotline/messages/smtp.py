"""E-mail through the bureau's own mail server (SMTP)."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from hotline.clock import CHINA, Clock, SystemClock
from hotline.messages.provider import (
    CarrierError,
    CarrierUnsetError,
    OutgoingMail,
    UndeliverableError,
    told_briefly,
)
from hotline.settings import MailSettings, Settings

PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
FOR_GOOD: Final = 500
"""From this code on, a server's "no" stands (RFC 5321, 4.2.1)."""


class SmtpProvider:
    """Hands letters to one mail server; each letter has a connection of its own."""

    def __init__(self, mail: MailSettings, bureau: str, clock: Clock | None = None) -> None:
        self._mail = mail
        self._sender = mail.sender or mail.user
        self._bureau = bureau
        self._clock = clock or SystemClock()
        self._password = mail.secret()
        self._context = _context(mail.ca_file)

    @classmethod
    def of(cls, settings: Settings) -> SmtpProvider:
        """Return the one that the settings name.

        Raises:
            ConfigurationError: no server is named, or a file that is named cannot be read.
        """
        if not settings.mail.host:
            raise CarrierUnsetError(
                "邮件通道是 smtp，还没有写明邮件服务器："
                "请在 hotline.toml 的 [mail] 填写 host、user、sender"
            )
        return cls(settings.mail, settings.bureau.name)

    async def send(self, message: OutgoingMail) -> str:
        """Hand the letter over; the receipt is its Message-ID."""
        letter = self._letter(message)
        await asyncio.to_thread(self._hand_over, letter, message.address)
        return str(letter["Message-ID"])

    def _letter(self, message: OutgoingMail) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        try:
            letter["From"] = Address(self._bureau, addr_spec=self._sender)
            letter["To"] = Address(addr_spec=message.address)
            letter["Subject"] = message.subject
        except (ValueError, IndexError) as error:
            # IndexError: the parser of the library, for an address that ends early.
            raise UndeliverableError("收件邮箱写得不对，邮件没有发出") from error
        letter["Date"] = format_datetime(self._clock.now().astimezone(CHINA))
        # The same letter again keeps its id, so that a mailbox can tell it from another.
        domain = self._sender.rpartition("@")[2]
        letter["Message-ID"] = f"<{message.id.replace(':', '-')}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(message.text + "\n", cte="base64")
        return letter

    def _hand_over(self, letter: EmailMessage, address: str) -> None:
        try:
            with self._connect() as server:
                if self._mail.user:
                    server.login(self._mail.user, self._password)
                server.send_message(letter, self._sender, [address])
        except smtplib.SMTPException as error:
            # Not chained: what the server says may repeat the address, and the log would keep it.
            raise _refused(error, address) from None
        except (OSError, ValueError) as error:
            raise CarrierError(self._unreachable(error)) from error

    def _connect(self) -> smtplib.SMTP:
        mail = self._mail
        port = mail.port or PORTS[mail.security]
        if mail.security == "tls":
            return smtplib.SMTP_SSL(
                mail.host, port, timeout=mail.timeout_seconds, context=self._context
            )
        server = smtplib.SMTP(mail.host, port, timeout=mail.timeout_seconds)
        if mail.security == "starttls":
            try:
                server.starttls(context=self._context)
            except BaseException:
                server.close()
                raise
        return server

    def _unreachable(self, error: Exception) -> str:
        mail = self._mail
        where = f"邮件服务器 {mail.host}:{mail.port or PORTS[mail.security]} "
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"{where}的证书核对不过（{error.verify_message}），自建证书请设置 mail.ca_file"
        if isinstance(error, ssl.SSLError):
            return f"{where}不能建立加密连接，请核对 mail.security 和端口"
        if isinstance(error, TimeoutError):
            return f"{where}{mail.timeout_seconds:g} 秒没有应答，稍后重发"
        return f"{where}连接不上（{error}），稍后重发"


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise CarrierUnsetError(f"证书文件读不了：{ca_file}（{error}）") from error


def _refused(error: smtplib.SMTPException, address: str) -> CarrierError | UndeliverableError:
    """Say what the server did not like, without the address, and whether that stands."""
    for kind, say in _SAID.items():
        if isinstance(error, kind):
            return say(error, address)
    if isinstance(error, smtplib.SMTPResponseException):
        return CarrierError(f"邮件服务器答复 {_answer(error, address)}，稍后重发")
    return CarrierError("邮件服务器中断了连接，稍后重发")


def _answer(error: smtplib.SMTPResponseException, address: str) -> str:
    return _words(error.smtp_code, error.smtp_error, address)


def _words(code: int, said: bytes | str, address: str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {told_briefly(text.replace(address, '收件邮箱'))}".strip()


def _login(error: smtplib.SMTPAuthenticationError, address: str) -> CarrierError:
    # What the server says here may repeat what was sent to it.
    del address
    return CarrierError(
        f"邮件服务器不接受账号或密码（{error.smtp_code}），请核对 mail.user 和密码；"
        "有的邮箱要用授权码"
    )


def _recipient(
    error: smtplib.SMTPRecipientsRefused, address: str
) -> CarrierError | UndeliverableError:
    code, said = next(iter(error.recipients.values()))
    words = _words(code, said, address)
    if code >= FOR_GOOD:
        return UndeliverableError(f"邮件服务器说收件邮箱不可用：{words}")
    return CarrierError(f"邮件服务器暂时不收：{words}，稍后重发")


def _sender(error: smtplib.SMTPSenderRefused, address: str) -> CarrierError:
    return CarrierError(f"邮件服务器不接受发件邮箱，请核对 mail.sender：{_answer(error, address)}")


def _content(error: smtplib.SMTPDataError, address: str) -> CarrierError | UndeliverableError:
    words = _answer(error, address)
    if error.smtp_code >= FOR_GOOD:
        return UndeliverableError(f"邮件服务器拒收这封邮件：{words}")
    return CarrierError(f"邮件服务器暂时不收：{words}，稍后重发")


def _unable(error: smtplib.SMTPNotSupportedError, address: str) -> CarrierError:
    del address
    return CarrierError(f"邮件服务器不支持所要的功能（{error}），请核对 mail.security 和 mail.user")


_SAID: Final[
    dict[type[smtplib.SMTPException], Callable[..., CarrierError | UndeliverableError]]
] = {
    smtplib.SMTPAuthenticationError: _login,
    smtplib.SMTPRecipientsRefused: _recipient,
    smtplib.SMTPSenderRefused: _sender,
    smtplib.SMTPDataError: _content,
    smtplib.SMTPNotSupportedError: _unable,
}
