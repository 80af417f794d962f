from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from hotline.web.totp import accepted_step, code_at_step, new_secret, provisioning_uri, step_at

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        # RFC 6238, appendix B, the SHA-1 column.
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_standards_own_vectors(seconds: int, code: str) -> None:
    step = step_at(datetime.fromtimestamp(seconds, UTC))
    assert code_at_step(SECRET, step, digits=8) == code


def test_a_code_opens_once() -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    code = code_at_step(SECRET, step_at(now))
    step = accepted_step(SECRET, code, now, last_step=0)
    assert step == step_at(now)
    assert accepted_step(SECRET, code, now, last_step=step) is None


def test_a_clock_that_is_half_a_minute_off_is_forgiven_two_minutes_are_not() -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    step = step_at(now)
    assert accepted_step(SECRET, code_at_step(SECRET, step - 1), now, 0) == step - 1
    assert accepted_step(SECRET, code_at_step(SECRET, step + 1), now, 0) == step + 1
    assert accepted_step(SECRET, code_at_step(SECRET, step - 4), now, 0) is None


@pytest.mark.parametrize("typed", ["", "abc", "１２３４５６", "1" * 400])
def test_nonsense_is_simply_wrong(typed: str) -> None:
    assert accepted_step(SECRET, typed, datetime(2026, 11, 24, tzinfo=UTC), 0) is None


def test_secrets_have_160_bits_and_the_picture_names_the_hotline() -> None:
    assert len(base64.b32decode(new_secret())) == 20
    assert provisioning_uri("ABC", "wangli", "12348 示范县").startswith("otpauth://totp/12348%20")
