"""Who carries text messages and e-mail: interfaces, and files that gateways read from."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from hotline.errors import ConfigurationError
from hotline.jobs import DeadLetterError
from hotline.settings import Settings


class UndeliverableError(DeadLetterError):
    """短信通道拒收这条短信，重发也不会成功。"""

    error_id = "message-undeliverable"


class ProviderUnknownError(ConfigurationError):
    """没有这种短信通道。"""

    error_id = "message-provider"


@dataclass(frozen=True)
class OutgoingText:
    """A message for a provider; the same ``id`` again is the same message."""

    id: int | str
    number: str
    text: str


class TextProvider(Protocol):
    """Carries text messages."""

    async def send(self, message: OutgoingText) -> str:
        """Take the message; return the provider's own id of it.

        Raises:
            UndeliverableError: another try cannot help. Any other error is tried again.
        """
        ...


@dataclass(frozen=True)
class OutgoingMail:
    """A letter for a provider; the same ``id`` again is the same letter."""

    id: str
    address: str
    subject: str
    text: str


class MailProvider(Protocol):
    """Carries e-mail."""

    async def send(self, message: OutgoingMail) -> str:
        """Take the letter; return the provider's own id of it.

        Raises:
            UndeliverableError: another try cannot help. Any other error is tried again.
        """
        ...


class FileProvider:
    """Appends each message as a JSON line; a gateway of the bureau takes them from there."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def send(self, message: OutgoingText | OutgoingMail) -> str:
        """Append the message."""
        await asyncio.to_thread(self._append, message)
        return f"file:{message.id}"

    def _append(self, message: OutgoingText | OutgoingMail) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        line = json.dumps(asdict(message), ensure_ascii=False)
        with self.file.open("a", encoding="utf-8") as out:
            # Several workers write to one file; a line must not be torn.
            fcntl.flock(out, fcntl.LOCK_EX)
            out.write(line + "\n")


Maker = TypeVar("Maker")

PROVIDERS: Mapping[str, Callable[[Settings], TextProvider]] = {
    "file": lambda settings: FileProvider(settings.home / "messages" / "outgoing.jsonl"),
}

MAIL_PROVIDERS: Mapping[str, Callable[[Settings], MailProvider]] = {
    "file": lambda settings: FileProvider(settings.home / "messages" / "outgoing-mail.jsonl"),
}


def open_mail_provider(name: str, settings: Settings) -> MailProvider:
    """Return the carrier of e-mail called ``name``.

    Raises:
        ProviderUnknownError: there is none of that name.
    """
    return _named(MAIL_PROVIDERS, name, "邮件", "mail_provider")(settings)


def open_provider(name: str, settings: Settings) -> TextProvider:
    """Return the provider of text messages called ``name``.

    Raises:
        ProviderUnknownError: there is none of that name.
    """
    return _named(PROVIDERS, name, "短信", "provider")(settings)


def _named(makers: Mapping[str, Maker], name: str, what: str, key: str) -> Maker:
    if name not in makers:
        raise ProviderUnknownError(
            f"没有名为“{name}”的{what}通道（现有：{'、'.join(makers)}），"
            f"请修改 config/messages/messages.yaml 的 {key}"
        )
    return makers[name]
