"""AMI on the wire: bytes to messages and actions to bytes. Pure; knows no socket.

Frames are cut as bytes and decoded whole, so a Chinese character that arrives in two TCP
segments is never torn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from hotline.ami.errors import UnsafeValueError

_END = b"\r\n\r\n"
_LARGEST = 4 * 1024 * 1024
_UNSAFE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\u0085\u2028\u2029]")
_KEY = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*\Z")


class FrameTooLongError(ValueError):
    """A peer that sends megabytes without an end of message is no Asterisk."""


class Framer:
    """Cuts a stream of bytes into messages, however it arrives in pieces."""

    def __init__(self) -> None:
        self._pending = b""
        self.greeting = ""
        """The first line, such as ``Asterisk Call Manager/11.0.0``."""

    def feed(self, data: bytes) -> list[str]:
        """Take ``data``; return the messages that are whole now, each without its blank line.

        Raises:
            FrameTooLongError: more than 4 MiB without an end.
        """
        pending = self._pending + data if self._pending else data
        if not self.greeting:
            line, found, rest = pending.partition(b"\r\n")
            if not found:
                self._pending = self._bounded(pending)
                return []
            self.greeting = line.decode("utf-8", "replace")
            pending = rest
        *frames, pending = pending.split(_END)
        self._pending = self._bounded(pending)
        return [frame.decode("utf-8", "replace").lstrip("\r\n") for frame in frames if frame]

    @staticmethod
    def _bounded(pending: bytes) -> bytes:
        if len(pending) > _LARGEST:
            raise FrameTooLongError(len(pending))
        return pending


def parse(message: str) -> dict[str, str]:
    """Split a message into its fields. A field given again adds a line to the first.

    A value never holds a line break, so ``splitlines`` gives the repeated ones back.
    """
    fields: dict[str, str] = {}
    for line in message.split("\r\n"):
        key, found, value = line.partition(": ")
        if not found:  # such as an empty value whose space was cut
            key, found, value = line.partition(":")
            if not found:
                continue
        fields[key] = f"{fields[key]}\n{value}" if key in fields else value
    return fields


def is_safe(value: str) -> bool:
    """Whether ``value`` can stand in one field: no line break, no control character."""
    return _UNSAFE.search(value) is None


def check(fields: Mapping[str, str | Iterable[str]]) -> None:
    """Refuse what Asterisk would read as a further action.

    Raises:
        UnsafeValueError: names the field; the value itself is not repeated.
    """
    for key, value in fields.items():
        values = (value,) if isinstance(value, str) else tuple(value)
        if not _KEY.match(key) or not all(map(is_safe, values)):
            raise UnsafeValueError(
                f"发给 Asterisk 的“{key[:40]!r}”一项含有换行或控制字符，已拒绝发送", field=key[:40]
            )
