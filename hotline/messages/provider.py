"""Who carries text messages and e-mail: interfaces, and files that gateways read from."""

from __future__ import annotations

import asyncio
import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Protocol

from hotline.errors import ConfigurationError, HotlineError
from hotline.jobs import DeadLetterError, LaterError


class UndeliverableError(DeadLetterError):
    """短信通道拒收这条短信，重发也不会成功。"""

    error_id = "message-undeliverable"


class CarrierError(HotlineError):
    """短信、邮件通道暂时不通，稍后重发。"""

    error_id = "message-carrier"


class CarrierBusyError(LaterError):
    """短信通道说发得太快，稍后再发；不算失败。"""

    error_id = "message-carrier-busy"


class CarrierUnsetError(ConfigurationError):
    """短信、邮件通道还没有设置好。"""

    error_id = "message-carrier-unset"


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


LONGEST_SAID: Final = 120


def told_briefly(said: str) -> str:
    """Return what another house said, on one line and not at length."""
    line = " ".join(said.split())
    return line if len(line) <= LONGEST_SAID else f"{line[:LONGEST_SAID]}…"
