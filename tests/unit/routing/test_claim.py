"""Who serves an Asterisk: one, and another when that one is gone."""

from __future__ import annotations

import os
import socket
from datetime import timedelta

import pytest

from hotline.ami import Response, actions
from hotline.clock import ManualClock
from hotline.routing import claim as claims
from hotline.routing.claim import Claim


class Asterisk:
    """Its global variables."""

    def __init__(self, clock: ManualClock) -> None:
        self.globals: dict[str, str] = {}
        self.clock = clock

    @property
    def time(self) -> str:
        return str(int(self.clock.now().timestamp()))

    async def send(self, action: actions.Action, *, within: float | None = None) -> Response:
        del within
        if isinstance(action, actions.Getvar):
            known = {**self.globals, "EPOCH": self.time}
            return Response({"Value": known.get(action.variable, "")})
        assert isinstance(action, actions.Setvar)
        self.globals[action.variable] = action.value
        return Response({})

    def beats(self) -> None:
        self.globals["HL_HEARTBEAT"] = self.time


@pytest.fixture
def asterisk(monkeypatch: pytest.MonkeyPatch, clock: ManualClock) -> Asterisk:
    monkeypatch.setattr(claims, "SETTLE_SECONDS", 0.0)
    return Asterisk(clock)


@pytest.fixture
def elsewhere(asterisk: Asterisk) -> Asterisk:
    """Another machine's controller serves."""
    asterisk.globals["HL_CONTROLLER"] = "another-machine/7/boot"
    asterisk.beats()
    return asterisk


def claim(asterisk: Asterisk, boot: str = "b") -> Claim:
    return Claim(asterisk, boot)  # type: ignore[arg-type]


async def test_nobodys_callers_become_ours_and_stay_so(
    asterisk: Asterisk, clock: ManualClock
) -> None:
    ours = claim(asterisk)
    assert await ours.mine()
    clock.advance(3600)
    assert await ours.mine()


async def test_who_serves_is_left_alone_until_the_heartbeat_is_stale(
    elsewhere: Asterisk, clock: ManualClock
) -> None:
    ours = claim(elsewhere)
    assert not await ours.mine()
    clock.advance(timedelta(seconds=5).total_seconds())
    assert await ours.mine()


async def test_of_two_on_one_machine_the_second_waits_for_the_first_to_die(
    asterisk: Asterisk,
) -> None:
    first, second = claim(asterisk, "1"), claim(asterisk, "2")
    assert await first.mine()
    asterisk.beats()
    assert not await second.mine()
    died = f"{socket.gethostname()}/{2**22 + 1}/1"  # above Linux' largest process id
    asterisk.globals["HL_CONTROLLER"] = died
    assert await second.mine()
    assert not await first.mine()
    assert str(os.getpid()) in asterisk.globals["HL_CONTROLLER"]
