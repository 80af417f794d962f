"""查询码: the short code that, with its number, lets a caller follow a case.

It is worked out from the number and the installation's secret and is kept nowhere: a stolen
database gives no code away, and the same code can be told again by voice or by text message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Final

from hotline.secretsfile import SecretsFile

DIGITS: Final = 6
"""A caller keys it in on the telephone. So few digits hold only where tries are counted."""

MARK_CHARACTERS: Final = 16
"""Of a link's mark: 80 bits, which nobody can guess."""


class Codes:
    """Works out and checks the codes of one installation."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def of(cls, home: Path) -> Codes:
        """Return the codes of the installation at ``home``."""
        return cls(SecretsFile(home).get("case-codes"))

    def code(self, number: str) -> str:
        """Return the code of the case with this number."""
        value = int.from_bytes(self._digest("code", number)[:8], "big")
        return f"{value % 10**DIGITS:0{DIGITS}d}"

    def right(self, number: str, given: str) -> bool:
        """Whether ``given`` is the number's code; takes equally long for every answer."""
        return hmac.compare_digest(self.code(number).encode(), given.encode())

    def mark(self, purpose: str, number: str) -> str:
        """Return the mark of a link that opens one page (``purpose``) of a case without a code."""
        digest = self._digest(purpose, number)
        return base64.b32encode(digest).decode().lower()[:MARK_CHARACTERS]

    def marked(self, purpose: str, number: str, given: str) -> bool:
        """Whether a link's mark is right."""
        return hmac.compare_digest(self.mark(purpose, number).encode(), given.encode())

    def _digest(self, purpose: str, number: str) -> bytes:
        return hmac.digest(self._secret, f"{purpose}:{number}".encode(), hashlib.sha256)
