"""A moment rebuilt from what was written is what was, whatever happened before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agents.moments.past import PastCall, PastOffer, PastState, Step, Where, rebuild

BEGIN = datetime(2026, 11, 24, 2, tzinfo=UTC)
NEXT = {
    Where.MENU: ("waiting", "end"),
    Where.WAITING: ("decision", "message", "fallback", "callback", "end"),
    Where.QUEUE: ("answered", "decision", "end"),
    Where.RINGING: ("answered", "offer_missed", "end"),
    Where.TALKING: ("talk_ended", "end"),
    Where.SURVEY: ("survey_solved", "end"),
    Where.VOICEMAIL: ("voicemail", "end"),
    Where.LEAVING: ("end",),
}
TO = {
    "waiting": Where.WAITING,
    "decision": Where.RINGING,
    "message": Where.VOICEMAIL,
    "fallback": Where.QUEUE,
    "callback": Where.LEAVING,
    "answered": Where.TALKING,
    "offer_missed": Where.WAITING,
    "talk_ended": Where.SURVEY,
    "survey_solved": Where.SURVEY,
    "voicemail": Where.VOICEMAIL,
    "end": Where.GONE,
}


class History:
    """Plays a day, writes down what the house would, and remembers how it truly was."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.now = BEGIN
        self.where: dict[str, Where] = {}
        self.steps: dict[str, list[Step]] = {}
        self.since: dict[str, datetime] = {}
        self.offers: list[PastOffer] = []
        self.out: dict[str, tuple[str, datetime]] = {}
        self.states: list[PastState] = []
        self.doing: dict[str, str] = {}
        self.truth: list[tuple[datetime, dict[str, Where], dict[str, str], dict[str, str]]] = []

    def play(self, length: int) -> None:
        for number in range(length):
            self.now += timedelta(seconds=self.chance.choice((0.1, 1, 7)))
            if self.chance.random() < 0.3:
                self._somebody_does_something()
            alive = [c for c, w in self.where.items() if w is not Where.GONE]
            if not alive or self.chance.random() < 0.3:
                self._comes(f"c{number}")
            else:
                self._goes_on(self.chance.choice(alive))
            out = {call: agent for call, (agent, _) in self.out.items()}
            self.truth.append((self.now, dict(self.where), out, dict(self.doing)))
        for call, (agent, made) in self.out.items():
            self.offers.append(PastOffer(call, agent, made, None, ""))

    def _comes(self, call: str) -> None:
        self.where[call], self.since[call] = Where.MENU, self.now
        self.steps[call] = [Step(self.now, "start")]

    def _goes_on(self, call: str) -> None:
        kind = self.chance.choice(NEXT[self.where[call]])
        if kind == "decision":
            self.out[call] = (self.chance.choice("abc"), self.now)
        elif call in self.out:
            agent, made = self.out.pop(call)
            self.offers.append(PastOffer(call, agent, made, self.now, ""))
        if kind == "waiting":
            self.since[call] = self.now
        self.where[call] = TO[kind]
        step = (
            Step(self.now, "decision", "voicemail") if kind == "message" else Step(self.now, kind)
        )
        self.steps[call].append(step)

    def _somebody_does_something(self) -> None:
        agent, state = self.chance.choice("abc"), self.chance.choice(("ready", "busy", "paused"))
        self.doing[agent] = state
        self.states.append(PastState(agent, self.now, state, "", None, reachable=True))


@given(seed=st.integers(0, 2**32), length=st.integers(1, 60), data=st.data())
def test_the_past_is_rebuilt_as_it_was(seed: int, length: int, data: st.DataObject) -> None:
    history = History(seed)
    history.play(length)
    calls = [
        PastCall(call, "138", "wages", "", "", history.since[call], steps)
        for call, steps in history.steps.items()
    ]
    at, where, out, doing = data.draw(st.sampled_from(history.truth))
    moment = rebuild(at, calls, history.offers, history.states)
    line = {c for c, w in where.items() if w in {Where.WAITING, Where.QUEUE, Where.RINGING}}
    assert {call.id for call in moment.waiting} == line
    assert moment.in_plain_queue == {c for c, w in where.items() if w is Where.QUEUE}
    found = {c.id: place for place, calls in moment.elsewhere.items() for c in calls}
    assert found == {c: w for c, w in where.items() if c not in line and w is not Where.GONE}
    assert {call: offer.agent_id for call, offer in moment.offers.items()} == out
    assert {agent: state.state for agent, state in moment.people.items()} == doing
