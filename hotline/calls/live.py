"""A call while it goes on: what is known of it, and what each thing that happens makes of it.

Every change is written down twice: in the call, of which the newest state is kept, and as a step
of its timeline. Both wait here until :meth:`Calls.take` hands them to whoever keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.calls import timeline
from hotline.calls.tables import ANSWERED_OUTCOMES, Outcome


class Phase(StrEnum):
    """Where a call is."""

    MENU = "menu"
    WAITING = "waiting"
    RINGING = "ringing"
    TALKING = "talking"
    OUTSIDE = "outside"
    """Handed on to a body outside the house."""
    SURVEY = "survey"
    VOICEMAIL = "voicemail"
    CALLBACK = "callback"
    ADVICE = "advice"
    REFUSED = "refused"
    ENDED = "ended"


@dataclass(slots=True)
class Call:
    """One call; the fields are those of :class:`hotline.calls.tables.CallTable`."""

    id: str
    number: str
    started_at: datetime
    number_place: str = ""
    dialled: str = ""
    language: str = "zh"
    topic: str = ""
    place: str = ""
    menu_path: tuple[str, ...] = ()
    priority: str = ""
    menu_done_at: datetime | None = None
    waiting_since: datetime | None = None
    answered_at: datetime | None = None
    talk_ended_at: datetime | None = None
    ended_at: datetime | None = None
    agent_id: str | None = None
    outcome: str | None = None
    hangup_cause: int | None = None
    satisfaction: int | None = None
    solved: int | None = None
    voicemail: str | None = None
    callback_id: str | None = None
    controller_away: bool = False

    def row(self) -> dict[str, Any]:
        """Return the call as a row of its table."""
        row = {name: getattr(self, name) for name in _FIELDS}
        row["menu_path"] = list(self.menu_path)
        return row

    def copy(self) -> Call:
        """Return the call as it is now."""
        return Call(**{name: getattr(self, name) for name in _FIELDS})


_FIELDS = tuple(Call.__dataclass_fields__)


@dataclass(slots=True)
class Live:
    """A call that goes on, with what is known of it beside what is kept."""

    call: Call
    channel: str
    """The name of the caller's leg, which actions name."""
    phase: Phase = Phase.MENU
    station: bool = False
    """Whether the person who talks or talked is a station's."""
    born: bool = False
    """Whether the ticket's birth was told."""
    came: float = 0.0
    """When we first heard of it, on a clock that never goes back."""
    menu_heard: bool = False
    """Whether the end of the menu was told: that a caller waits may be heard before."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a call's timeline."""

    call_id: str
    at: datetime
    kind: str
    words: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What happened since it was last asked for."""

    calls: tuple[Call, ...]
    """Newest state of each changed call, as a copy that no longer changes."""
    steps: tuple[Step, ...]
    born: tuple[str, ...]
    """Calls whose ticket is due."""
    ended: tuple[str, ...]


class Calls:
    """All calls that go on."""

    def __init__(self) -> None:
        self.live: dict[str, Live] = {}
        self._changed: dict[str, Call] = {}
        self._steps: list[Step] = []
        self._born: list[str] = []
        self._ended: list[str] = []

    def take(self) -> Told:
        """Return what happened since the last time, once."""
        told = Told(
            tuple(call.copy() for call in self._changed.values()),
            tuple(self._steps),
            tuple(self._born),
            tuple(self._ended),
        )
        self._changed.clear()
        self._steps.clear()
        self._born.clear()
        self._ended.clear()
        return told

    @property
    def pending(self) -> bool:
        """Whether :meth:`take` would return anything."""
        return bool(self._changed or self._steps)

    # -- the way of a call ---------------------------------------------------------------------

    def starts(
        self, call_id: str, channel: str, number: str, at: datetime, *, dialled: str, place: str
    ) -> Live:
        """Note that somebody calls; a call that is known is returned as it is."""
        known = self.live.get(call_id)
        if known is not None:
            return known
        call = Call(call_id, number, at, dialled=dialled, place=place)
        live = self.live[call_id] = Live(call, channel)
        self._step(live, at, "start", timeline.started(number, dialled))
        return live

    def resumes(self, call: Call, channel: str) -> Live:
        """Go on with a call that was kept by an earlier life of the controller."""
        done = call.menu_done_at is not None
        live = self.live[call.id] = Live(call, channel, born=done, menu_heard=done)
        if call.talk_ended_at is not None:
            live.phase = Phase.SURVEY
        elif call.answered_at is not None:
            live.phase = Phase.TALKING
        return live

    def calls_back(self, call: Call, at: datetime, words: str, *, own_ticket: bool) -> Live:
        """Note that we call somebody back; without ``own_ticket`` the call has one already."""
        live = self.live[call.id] = Live(call, "", born=not own_ticket, menu_heard=True)
        self._step(live, at, "start", words)
        if own_ticket:
            call.menu_done_at = at
            self._bear(live)
        return live

    def presses(self, live: Live, key: str, result: str, at: datetime) -> None:
        """Note a key, or what the menu made of silence."""
        if key:
            live.call.menu_path = (*live.call.menu_path, key)
        self._step(live, at, "menu", timeline.pressed(key, result), key=key, result=result)

    def menu_done(
        self, live: Live, topic: str, language: str, path: tuple[str, ...], at: datetime
    ) -> None:
        """Note the end of the menu: the ticket is due."""
        call = live.call
        if live.menu_heard:
            return
        live.menu_heard = True
        call.menu_done_at = at
        call.topic, call.language = topic, language or call.language
        if path:
            call.menu_path = path
        self._step(live, at, "menu_done", timeline.menu_done(topic), topic=topic)
        self._bear(live)

    def waits(self, live: Live, since: datetime, at: datetime) -> None:
        """Note that the caller is in the waiting room; said again it changes nothing."""
        if live.phase is Phase.WAITING or live.phase is Phase.ENDED:
            return
        live.phase = Phase.WAITING
        if live.call.menu_done_at is None:
            live.call.menu_done_at = since
        if live.call.waiting_since is None:
            live.call.waiting_since = since
            self._step(live, at, "waiting", timeline.WAITING)
        self._bear(live)

    def announced(self, live: Live, at: datetime, words: str, detail: Mapping[str, Any]) -> None:
        """Note what the caller was told of their place and wait."""
        self._step(live, at, "announced", words, **detail)

    def offered(self, live: Live, at: datetime, words: str, detail: Mapping[str, Any]) -> None:
        """Note a decision for this caller."""
        live.phase = Phase.RINGING
        self._step(live, at, "decision", words, **detail)

    def not_answered(
        self,
        live: Live,
        who: str,
        outcome: str,
        at: datetime,
        rests: tuple[int, float] = (0, 0.0),
    ) -> None:
        """Note that the person did not take the offer: the caller waits on.

        ``rests``: how often a telephone that is now left alone failed, and for how many seconds.
        """
        if live.phase is Phase.RINGING:
            live.phase = Phase.WAITING
        self._step(live, at, "offer_" + outcome, timeline.not_answered(who, outcome, *rests))

    def answered(self, live: Live, agent_id: str, who: str, at: datetime, *, station: bool) -> None:
        """Note that a person talks with the caller."""
        call = live.call
        if live.phase is Phase.TALKING and call.agent_id == agent_id:
            return
        live.phase, live.station = Phase.TALKING, station
        if call.answered_at is None:
            call.answered_at = at
        # Who handed the caller on is told that somebody took them.
        before = {"before": call.agent_id} if call.agent_id not in {None, agent_id} else {}
        call.agent_id, call.talk_ended_at = agent_id, None
        self._step(live, at, "answered", timeline.answered(who), agent=agent_id, **before)

    def talk_ended(self, live: Live, at: datetime) -> None:
        """Note that the person left; the survey follows."""
        if live.phase is not Phase.TALKING:
            return
        live.phase = Phase.SURVEY
        live.call.talk_ended_at = at
        self._step(live, at, "talk_ended", timeline.TALK_ENDED)

    def surveyed(self, live: Live, question: str, answer: int | None, at: datetime) -> None:
        """Note an answer of the survey; ``None`` where none was given. The first one counts."""
        if question == "satisfaction" and live.call.satisfaction is None:
            live.call.satisfaction = answer
        elif question == "solved" and live.call.solved is None:
            live.call.solved = answer
        self._step(
            live, at, "survey_" + question, timeline.surveyed(question, answer), answer=answer
        )

    def voicemail(self, live: Live, at: datetime, words: str, detail: Mapping[str, Any]) -> None:
        """Note that the caller is sent to leave a message."""
        live.phase = Phase.VOICEMAIL
        self._step(live, at, "decision", words, **detail)
        self._bear(live)

    def message_left(self, live: Live, file: str, at: datetime) -> None:
        """Note the message that the caller left, or (empty) that they said nothing."""
        live.phase = Phase.VOICEMAIL
        live.call.voicemail = file or None
        words = timeline.MESSAGE_LEFT if file else timeline.NO_MESSAGE
        self._step(live, at, "voicemail", words, file=file)
        self._bear(live)

    def wants_call_back(self, live: Live, at: datetime) -> None:
        """Note that the caller asked to be called back and will hang up."""
        live.phase = Phase.CALLBACK
        self._step(live, at, "callback", timeline.CALLBACK)
        self._bear(live)

    def advised(self, live: Live, at: datetime, words: str) -> None:
        """Note that the caller hears recorded advice."""
        live.phase = Phase.ADVICE
        self._step(live, at, "advice", words)

    def refused(self, live: Live, why: str, at: datetime) -> None:
        """Note that a blocked number is turned away."""
        live.phase = Phase.REFUSED
        self._step(live, at, "refused", why)

    def fell_back(self, live: Live, why: str, at: datetime) -> None:
        """Note that the plain queue took over."""
        live.call.controller_away = True
        self._step(live, at, "fallback", timeline.FALLBACK, why=why)

    def prioritised(self, live: Live, priority: str, name: str, at: datetime) -> None:
        """Note the priority class that the caller was given."""
        if priority == live.call.priority:
            return
        live.call.priority = priority
        self._step(live, at, "priority", timeline.prioritised(name), priority=priority)

    def ends(self, live: Live, cause: int | None, at: datetime) -> None:
        """Note the end of the call, whoever hung up."""
        if live.phase is Phase.ENDED:
            return
        call = live.call
        call.outcome = str(_outcome(live))
        call.ended_at, call.hangup_cause = at, cause
        if call.answered_at is not None and call.talk_ended_at is None:
            call.talk_ended_at = at
        live.phase = Phase.ENDED
        self._step(live, at, "end", timeline.ended(call.outcome), cause=cause)
        self._bear(live)
        self._ended.append(call.id)
        del self.live[call.id]

    def noted(self, live: Live, at: datetime, kind: str, words: str, **detail: Any) -> None:
        """Note something of the talk that changes nothing else."""
        self._step(live, at, kind, words, **detail)

    def handed_out(self, live: Live, at: datetime, words: str) -> None:
        """Note that the person left and the caller talks with a body outside the house."""
        self.talk_ended(live, at)
        live.phase = Phase.OUTSIDE
        self._step(live, at, "outside", words)

    def found(self, live: Live, at: datetime) -> None:
        """Note that the controller came back and took the call up."""
        self._step(live, at, "taken_up", timeline.TAKEN_UP)

    def left_no_recording(self, call_id: str, at: datetime) -> None:
        """Note that a talk or message that is over has no file: nobody should wait for one."""
        self._steps.append(Step(call_id, at, "no_recording", timeline.NO_RECORDING, {}))

    def noted_after(self, call_id: str, at: datetime, kind: str, words: str, **detail: Any) -> None:
        """Note something of a call that is over."""
        self._steps.append(Step(call_id, at, kind, words, detail))

    # -- writing down --------------------------------------------------------------------------

    def _bear(self, live: Live) -> None:
        if not live.born:
            live.born = True
            self._born.append(live.call.id)

    def _step(self, live: Live, at: datetime, kind: str, words: str, **detail: Any) -> None:
        self._changed[live.call.id] = live.call
        self._steps.append(Step(live.call.id, at, kind, words, detail))


def _outcome(live: Live) -> Outcome:
    call = live.call
    if call.answered_at is not None:
        return Outcome.STATION if live.station else Outcome.ANSWERED
    told = _PHASE_OUTCOMES.get(live.phase)
    if told is not None:
        return told
    if call.callback_id is not None:
        return Outcome.UNREACHED
    return Outcome.ABANDONED if call.waiting_since is not None else Outcome.ABANDONED_MENU


_PHASE_OUTCOMES = {
    Phase.REFUSED: Outcome.REFUSED,
    Phase.CALLBACK: Outcome.CALLBACK,
    Phase.ADVICE: Outcome.ADVISED,
    Phase.VOICEMAIL: Outcome.VOICEMAIL,
}


__all__ = ["ANSWERED_OUTCOMES", "Call", "Calls", "Live", "Phase", "Step", "Told"]
