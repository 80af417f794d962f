"""The second step of sign-in: time-based one-time passwords (RFC 6238 over RFC 4226)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
SKEW_STEPS = 1
"""One step either way is accepted: telephones' clocks differ (RFC 6238 §5.2)."""


def new_secret() -> str:
    """Return 160 random bits in base32, as RFC 4226 §4 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")


def code_at_step(secret: str, step: int, digits: int = DIGITS) -> str:
    """Return the code of one 30-second step (RFC 4226 §5.3)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_at(now: datetime) -> int:
    """Return the number of the step that ``now`` lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def accepted_step(secret: str, code: str, now: datetime, last_step: int) -> int | None:
    """Return the step whose code was given, ``None`` where it is wrong or was used before.

    ``last_step`` is the newest step that opened the door; it and older ones open it no more.
    """
    typed = code.strip().replace(" ", "")
    current = step_at(now)
    for step in range(current - SKEW_STEPS, current + SKEW_STEPS + 1):
        fresh = step > last_step
        if hmac.compare_digest(code_at_step(secret, step).encode(), typed.encode()) and fresh:
            return step
    return None


def provisioning_uri(secret: str, account: str, issuer: str) -> str:
    """Return the ``otpauth`` address that authenticator programs read from the picture."""
    label = quote(f"{issuer}:{account}")
    return (
        f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"
        f"&digits={DIGITS}&period={STEP_SECONDS}"
    )
