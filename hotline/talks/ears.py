"""Supervisors' telephones that listen or whisper: they follow the talk to whoever leads it."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hotline.ami import ActionFailedError
from hotline.talks import legs, words
from hotline.talks.orders import Kind, Outcome

if TYPE_CHECKING:
    from hotline.talks.desk import Desk
    from hotline.talks.state import Talk
    from hotline.talks.tables import CallOrderTable


@dataclass(frozen=True)
class Ear:
    """One telephone at the ear."""

    leg: str
    kind: Kind
    asked: CallOrderTable
    """The order by which it was rung first; whoever gave it is told what becomes of it."""


class Ears:
    """All that listen just now, by call and by their own seat."""

    def __init__(self) -> None:
        self._all: dict[tuple[str, str], Ear] = {}

    def get(self, call_id: str, agent_id: str) -> str:
        """Return the leg by which somebody listens to a call; empty where they do not."""
        ear = self._all.get((call_id, agent_id))
        return ear.leg if ear is not None else ""

    def begins(self, row: CallOrderTable, kind: Kind) -> str:
        """Note that a telephone is rung for it; return the name of its leg."""
        leg = f"hl-{row.call_id}-ear{row.id}"
        self._all[row.call_id, row.agent_id] = Ear(leg, kind, row)
        return leg

    def does(self, call_id: str, agent_id: str, kind: Kind) -> None:
        """Note that it now does something else."""
        self._all[call_id, agent_id] = replace(self._all[call_id, agent_id], kind=kind)

    def gone(self, leg: str) -> bool:
        """Take that a leg is gone; whether it was one of these."""
        before = len(self._all)
        self._all = {whose: ear for whose, ear in self._all.items() if ear.leg != leg}
        return len(self._all) < before

    def take(self, call_id: str) -> list[Ear]:
        """Return those of a call, and forget them."""
        taken = [ear for (of, _), ear in self._all.items() if of == call_id]
        self._all = {whose: ear for whose, ear in self._all.items() if whose[0] != call_id}
        return taken

    def of(self, call_id: str) -> list[Ear]:
        """Return those of a call."""
        return [ear for (of, _), ear in self._all.items() if of == call_id]


async def follow(desk: Desk, talk: Talk) -> None:
    """Let all who listen to a talk listen to whoever leads it now."""
    for ear in desk.ears.of(talk.call_id):
        with contextlib.suppress(ActionFailedError):
            # The dialplan keeps the leg for some seconds after the one it listened to is gone.
            await desk.legs.mark(ear.leg, "HL_SPIED", talk.channel)
            await desk.legs.send_to(ear.leg, legs.LISTEN, ear.kind.value)
            _tell(desk, ear, words.ear_follows(ear.kind.words, talk.words))


async def end(desk: Desk, talk: Talk) -> None:
    """Tell all who listened that this talk is over or handed on to the line; hang them up."""
    for ear in desk.ears.take(talk.call_id):
        _tell(desk, ear, words.ear_over(ear.kind.words, talk.words))
        with contextlib.suppress(ActionFailedError):
            await desk.legs.hang_up(ear.leg)


def _tell(desk: Desk, ear: Ear, sentence: str) -> None:
    row = ear.asked
    told = {
        "order": row.id,
        "call_id": row.call_id,
        "agent_id": row.agent_id,
        "by": row.by,
        "kind": ear.kind.value,
        "outcome": Outcome.DONE.value,
        "words": sentence,
    }
    desk.keeper.tell("call.order", str(row.id), told)
