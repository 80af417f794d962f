"""A talk and who is in it, and what may be done to it as it stands. Pure values and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hotline.talks.orders import Kind

MOST_PARTIES = 4
"""Thirds in one talk; a hotline is no conference hall."""


class Place(StrEnum):
    """Where the caller is."""

    BRIDGE = "bridge"
    """With the person, as the offer connected them."""
    ROOM = "room"
    """In the room of the call, with the persons."""
    HOLD = "hold"
    """Hearing music; the persons are in the room."""


class PartyKind(StrEnum):
    """What a third is."""

    AGENT = "agent"
    OUTSIDE = "outside"
    SUPERVISOR = "supervisor"


@dataclass(slots=True)
class Party:
    """A third in the talk."""

    id: str
    kind: PartyKind
    words: str
    channel: str
    """The Uniqueid of its leg, which we choose, so that it can be named before it is there."""
    agent_id: str = ""
    """Of a lawyer or station."""
    talking: bool = False
    """It has answered."""

    @property
    def mark(self) -> str:
        """What the leg carries, so that a controller that was away knows who it is."""
        return f"{self.id}*{self.kind.value}*{self.agent_id}"

    def shown(self) -> dict[str, str]:
        """As the pages are told."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "words": self.words,
            "state": "talking" if self.talking else "ringing",
            "agent_id": self.agent_id,
        }


@dataclass(slots=True)
class Talk:
    """A talk, as far as it is more than two people talking."""

    call_id: str
    agent_id: str
    """Who leads it."""
    words: str
    """The leader's name."""
    since: datetime
    place: Place = Place.BRIDGE
    channel: str = ""
    """The name of the leader's leg, once it was looked up."""
    parties: dict[str, Party] = field(default_factory=dict)
    held_by_phone: bool = False
    """The person's own telephone put the caller on hold."""
    recording_paused: bool = False
    pause_reason: str = ""
    """Why the recording is paused; empty where nobody knows it any more."""
    emergency: str = ""
    """Empty, ``raised`` or ``seen``."""
    warned: bool = False
    made: int = 0
    """Thirds so far; each gets a number that is not used again."""
    waited: int = 0
    """Whole seconds that the caller had waited when the talk began."""
    reminded: set[float] = field(default_factory=set)
    """Soft limits, in minutes, of which the seat was told."""

    def standing(self) -> list[Party]:
        """Return the thirds who have answered."""
        return [party for party in self.parties.values() if party.talking]

    @property
    def held(self) -> bool:
        """Whether the caller hears music."""
        return self.place is Place.HOLD or self.held_by_phone

    def shown(self) -> dict[str, Any]:
        """Return the state as the pages are told."""
        lead = "held" if self.place is Place.HOLD and not self.parties else "talking"
        return {
            "call_id": self.call_id,
            "agent_id": self.agent_id,
            "third": "",
            "asked_by": "",
            "held": self.held,
            "consulting": self.place is Place.HOLD and bool(self.parties),
            "recording_paused": self.recording_paused,
            "pause_reason": self.pause_reason,
            "emergency": self.emergency,
            "warned": self.warned,
            "since": self.since.timestamp(),
            "parties": [
                {
                    "id": "caller",
                    "kind": "caller",
                    "words": "来电人",
                    "state": "held" if self.held else "talking",
                },
                {"id": self.agent_id, "kind": "agent", "words": self.words, "state": lead},
                *(party.shown() for party in self.parties.values()),
            ],
            "can": [kind.value for kind in Kind if kind in _RULES and refusal(kind, self) is None],
        }


def no_talk(agent_id: str) -> dict[str, Any]:
    """Return the state of a seat without a talk, as the pages are told."""
    return {
        "call_id": None,
        "agent_id": agent_id,
        "third": "",
        "asked_by": "",
        "held": False,
        "consulting": False,
        "recording_paused": False,
        "pause_reason": "",
        "emergency": "",
        "warned": False,
        "since": None,
        "parties": [],
        "can": [Kind.DIAL.value],
    }


def as_third(state: Mapping[str, Any], agent_id: str) -> dict[str, Any] | None:
    """Return a talk's state as the seat of a third is told; ``None`` where they are none of it.

    ``third`` is their part, ``asked_by`` who asked them in; all that they may do is leave.
    """
    lead = state["agent_id"]
    part = next((p for p in state["parties"] if agent_id and p.get("agent_id") == agent_id), None)
    if part is None or agent_id == lead:
        return None
    by = next((p["words"] for p in state["parties"] if p["id"] == lead), "")
    can = [Kind.HANGUP.value] if part["state"] == "talking" else []
    return dict(state) | {"agent_id": agent_id, "third": part["id"], "asked_by": by, "can": can}


def refusal(kind: Kind, talk: Talk) -> str | None:
    """Return why ``kind`` is not possible as the talk stands; ``None`` where it is."""
    rule = _RULES.get(kind)
    return rule(talk) if rule is not None else None


def _hold(talk: Talk) -> str | None:
    return "来电人已在保持中" if talk.held else None


def _unhold(talk: Talk) -> str | None:
    if talk.place is not Place.HOLD:
        return "请在话机上取回" if talk.held_by_phone else "来电人没有被保持"
    return "正在与第三方通话，请选“合并”或“接回”" if talk.parties else None


def _transfer(talk: Talk) -> str | None:
    return "还有第三方在通话里，请先请出，或用“移交”" if talk.parties else None


def _consult(talk: Talk) -> str | None:
    return "还有第三方在通话里，请先请出" if talk.parties else None


def _conference(talk: Talk) -> str | None:
    if talk.place is Place.HOLD and talk.parties:
        return "正在与第三方通话，请先合并"
    return f"最多 {MOST_PARTIES} 个第三方" if len(talk.parties) >= MOST_PARTIES else None


def _back(talk: Talk) -> str | None:
    return None if talk.place is Place.HOLD and talk.parties else "没有正在咨询的第三方"


def _join(talk: Talk) -> str | None:
    if talk.place is not Place.HOLD or not talk.parties:
        return "没有正在咨询的第三方"
    return None if talk.standing() else "第三方还没有接听"


def _handover(talk: Talk) -> str | None:
    return None if talk.standing() else "没有可以接手的第三方"


def _drop(talk: Talk) -> str | None:
    return None if talk.parties else "没有第三方"


def _emergency(talk: Talk) -> str | None:
    return "紧急求助已经发出" if talk.emergency == "raised" else None


def _pause(talk: Talk) -> str | None:
    return "录音已暂停" if talk.recording_paused else None


def _resume(talk: Talk) -> str | None:
    return None if talk.recording_paused else "录音正在进行"


def _hangup(talk: Talk) -> str | None:
    if talk.emergency == "raised":
        return "紧急求助还没有人确认，来电人留在线上；请等班长确认，或转给 110"
    return None


_RULES = {
    Kind.HOLD: _hold,
    Kind.UNHOLD: _unhold,
    Kind.TRANSFER: _transfer,
    Kind.CONSULT: _consult,
    Kind.CONFERENCE: _conference,
    Kind.BACK: _back,
    Kind.JOIN: _join,
    Kind.HANDOVER: _handover,
    Kind.DROP: _drop,
    Kind.EMERGENCY: _emergency,
    Kind.PAUSE_RECORDING: _pause,
    Kind.RESUME_RECORDING: _resume,
    Kind.HANGUP: _hangup,
}

_IDEMPOTENT: Mapping[Kind, str] = {
    Kind.HOLD: "来电人已在保持中",
    Kind.EMERGENCY: "紧急求助已经发出",
    Kind.PAUSE_RECORDING: "录音已暂停",
    Kind.RESUME_RECORDING: "录音正在进行",
}


def already(kind: Kind, words: str) -> bool:
    """Whether a refusal only says that things are already as they were asked to be."""
    return _IDEMPOTENT.get(kind) == words
