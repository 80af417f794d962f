"""Little waits end together, and none of them early."""

from __future__ import annotations

import pytest

from hotline.routing import beats


@pytest.mark.parametrize("seconds", [0.25, 0.3, 1.0, 2.0, 19.0])
def test_what_waits_for_a_beat_is_never_early_and_late_by_less_than_one(seconds: float) -> None:
    for now in (1000.0, 1000.01, 1000.125, 1000.249):
        late = beats.when(now, seconds) - (now + seconds)
        assert 0.0 <= late < beats.BEAT


def test_two_waits_that_began_apart_end_at_the_very_same_time() -> None:
    assert beats.when(1000.01, 2.0) == beats.when(1000.2, 2.0)


def test_a_wait_shorter_than_a_beat_is_kept() -> None:
    assert beats.when(1000.01, 0.05) == 1000.06
