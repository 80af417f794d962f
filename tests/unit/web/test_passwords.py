from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from hotline.web.passwords import Hasher, WeakPasswordError, check_strength, random_password


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab1!", "至少 10"),
        ("alllowercase1", "三种"),
        ("Wangli-2026x", "不能包含账号"),
        ("Password-2026", "太常见"),
        ("Aa1Aa1Aa1Aa1", "太常见"),
        ("A1!" + "x" * 200, "最多"),
    ],
)
def test_a_weak_password_is_refused_with_the_rule(password: str, why: str) -> None:
    with pytest.raises(WeakPasswordError, match=why):
        check_strength(password, "wangli")


def test_a_strong_password_passes() -> None:
    check_strength("春天Kaihua-88朵", "wangli")


def test_random_passwords_pass_their_own_rule_and_differ() -> None:
    made = {random_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_strength(password, "wangli")


async def test_an_unknown_account_matches_no_password() -> None:
    hasher = Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    stored = await hasher.hash("Kx7m-Pq3R-t5Yw")
    assert await hasher.matches(stored, "Kx7m-Pq3R-t5Yw")
    assert not await hasher.matches(stored, "Kx7m-Pq3R-t5Yx")
    assert not await hasher.matches(None, "Kx7m-Pq3R-t5Yw")
    assert not await hasher.matches("not a hash", "Kx7m-Pq3R-t5Yw")
