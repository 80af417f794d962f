"""Passwords: what makes a good one, and how it is kept."""

from __future__ import annotations

import asyncio
import secrets
import string
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hotline.errors import InvalidInputError

SHORTEST = 10
LONGEST = 128
"""A bound on the work that a stranger can make the hash do."""

KINDS_NEEDED = 3
"""Of lower case, upper case, digits, others: what classified protection reviews ask for."""

_COMMON = frozenset(
    (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split()
)
_ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")


class WeakPasswordError(InvalidInputError):
    """密码不够强。"""

    error_id = "weak-password"


def check_strength(password: str, account: str) -> None:
    """Refuse a password that is easily guessed.

    Raises:
        WeakPasswordError: says which rule is broken.
    """
    if len(password) < SHORTEST:
        raise WeakPasswordError(f"密码至少 {SHORTEST} 个字符", field="password")
    if len(password) > LONGEST:
        raise WeakPasswordError(f"密码最多 {LONGEST} 个字符", field="password")
    if _kinds(password) < KINDS_NEEDED:
        raise WeakPasswordError(
            "密码须含大写字母、小写字母、数字、符号中的至少三种", field="password"
        )
    lowered = password.lower()
    if account and account.lower() in lowered:
        raise WeakPasswordError("密码不能包含账号", field="password")
    if any(common in lowered for common in _COMMON) or len(set(lowered)) < 5:
        raise WeakPasswordError("密码太常见，容易被猜到，请换一个", field="password")


def _kinds(password: str) -> int:
    return sum(
        (
            any(c.islower() for c in password),
            any(c.isupper() for c in password),
            any(c.isdigit() for c in password),
            any(not c.isalnum() for c in password),
        )
    )


def random_password() -> str:
    """Return a first password that can be read out over the telephone: ``Kx7m-Pq3R-…``."""
    while True:
        groups = ["".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3)]
        password = "-".join(groups)
        if _kinds(password) == 4:
            return password


class Hasher:
    """argon2id off the event loop; ``work`` is lowered only in tests."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._argon2 = hasher or PasswordHasher()
        self._nobody = self._argon2.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return what is stored for ``password``."""
        return await asyncio.to_thread(self._argon2.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether ``password`` is right.

        An unknown account (``None``) takes as long as a wrong password, so that the time tells
        a stranger nothing.
        """
        return await asyncio.to_thread(self._verify, stored or self._nobody, password) and (
            stored is not None
        )

    def outdated(self, stored: str) -> bool:
        """Whether ``stored`` was made with weaker settings than today's."""
        return self._argon2.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._argon2.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
