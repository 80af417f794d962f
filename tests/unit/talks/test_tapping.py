"""A talk that goes on with somebody else goes on being heard, if anybody listens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from hotline.talks.legs import Legs


class Written:
    """An Asterisk that only notes what it is asked."""

    def __init__(self) -> None:
        self.options: list[str] = []

    async def send(self, action: Any, **_: Any) -> Any:
        self.options.append(dict(action.fields())["Options"])

    async def originate(self, action: Any) -> Any:
        raise NotImplementedError


@pytest.mark.parametrize(("ago", "taps"), [(None, 0), (2.0, 1), (60.0, 0)])
async def test_the_tap_is_made_only_while_live_help_says_that_it_listens(
    tmp_path: Path, ago: float | None, taps: int
) -> None:
    if ago is not None:
        listening = tmp_path / "live" / "listening"
        listening.parent.mkdir()
        listening.touch()
        when = listening.stat().st_mtime - ago
        os.utime(listening, (when, when))
    asterisk = Written()
    await Legs(asterisk, tmp_path).record("PJSIP/li-1", "1795500000.1")
    assert f"r({tmp_path}/1795500000.1-c1.agent.wav)" in asterisk.options[0]
    live = [each for each in asterisk.options[1:] if "live/1795500000.1-c1.agent.sln48" in each]
    assert len(live) == len(asterisk.options) - 1 == taps
