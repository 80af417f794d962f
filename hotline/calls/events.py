"""What our dialplan says (``UserEvent`` HL…), checked: nothing from outside is taken on trust.

A caller's number, a key, a file name come from the network. What is not what it claims to be is
taken for empty; an event without a sound call id is no event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hotline.ami import events

_CALL = re.compile(r"^[0-9A-Za-z_.-]{1,80}$")
_WORD = re.compile(r"^[A-Za-z0-9_.-]{1,80}$")
_NUMBER = re.compile(r"^\+?[0-9*#]{1,32}$")
_FILE = re.compile(r"^[0-9A-Za-z_-][0-9A-Za-z_.-]{0,120}$")
_KEYS = re.compile(r"^[0-9*#]{1,32}$")


@dataclass(frozen=True, slots=True)
class Said:
    """Something about one call."""

    call_id: str


@dataclass(frozen=True, slots=True)
class Started(Said):
    """A call comes in."""

    number: str
    dialled: str
    place: str


@dataclass(frozen=True, slots=True)
class MenuKey(Said):
    """A key in the menu, or none."""

    key: str
    result: str


@dataclass(frozen=True, slots=True)
class MenuDone(Said):
    """The menu is done."""

    topic: str
    language: str
    path: tuple[str, ...]
    skip: str
    """Why the menu was skipped: ``elderly``, ``unsolved``; empty where it was not."""
    urgent: bool = False
    """Whether the caller pressed the key for emergencies."""


@dataclass(frozen=True, slots=True)
class Waits(Said):
    """The caller is in the waiting room; said again every few seconds."""

    number: str
    topic: str
    language: str
    place: str
    since: float
    """Epoch seconds; 0 where it is not known."""
    tries: int
    offer: str
    """The last offer that was dialled."""


@dataclass(frozen=True, slots=True)
class TakesNext(Said):
    """The caller rings the person who was next, as it was laid out for them."""

    waits: Waits
    offer: str
    agent: str


@dataclass(frozen=True, slots=True)
class OfferEnded(Said):
    """Dialling a person ended; ``status`` is Asterisk's DIALSTATUS."""

    offer: str
    agent: str
    status: str


@dataclass(frozen=True, slots=True)
class Accepted(Said):
    """Who was rung on a telephone outside pressed the key: only now it is an answer."""


@dataclass(frozen=True, slots=True)
class Surveyed(Said):
    """A question was answered, or not (``None``)."""

    question: str
    answer: int | None


@dataclass(frozen=True, slots=True)
class MessageLeft(Said):
    """A message was recorded."""

    file: str


@dataclass(frozen=True, slots=True)
class WantsCallBack(Said):
    """The caller asked to be called back."""


@dataclass(frozen=True, slots=True)
class Advised(Said):
    """The caller hears recorded advice."""

    topic: str


@dataclass(frozen=True, slots=True)
class PickedUp(Said):
    """Who is called back pressed the key, or did not: then it was perhaps a mailbox."""

    taken: bool


@dataclass(frozen=True, slots=True)
class FellBack(Said):
    """The plain queue takes the caller."""

    why: str


def word(text: str) -> str:
    """Return a code such as ``wages``, empty where it is none."""
    return text if _WORD.fullmatch(text) else ""


def number(text: str) -> str:
    """Return a telephone number, empty where it is none or withheld."""
    return text if _NUMBER.fullmatch(text) else ""


def is_call_id(text: str) -> bool:
    """Whether this may be a channel's Uniqueid."""
    return bool(_CALL.fullmatch(text))


def read(event: events.UserEvent) -> Said | None:
    """Return what the dialplan said, ``None`` where it is not about a call of ours."""
    reader = _READERS.get(event.name)
    if reader is None:
        return None
    call_id = event.fields.get("Call", "") or (event.channel.uniqueid if event.channel else "")
    return reader(call_id, event.fields) if is_call_id(call_id) else None


def waits(call_id: str, fields: Mapping[str, str]) -> Waits | None:
    """Return what a caller of the waiting room tells, however they tell it."""
    return _waits(call_id, fields) if is_call_id(call_id) else None


def _started(call_id: str, fields: Mapping[str, str]) -> Said:
    return Started(
        call_id,
        number(fields.get("Number", "")),
        number(fields.get("Dialled", "")),
        word(fields.get("Place", "")),
    )


def _menu(call_id: str, fields: Mapping[str, str]) -> Said:
    key = fields.get("Key", "")
    return MenuKey(call_id, key if _KEYS.fullmatch(key) else "", word(fields.get("Result", "")))


def _menu_done(call_id: str, fields: Mapping[str, str]) -> Said:
    path = fields.get("Path", "")
    return MenuDone(
        call_id,
        word(fields.get("Topic", "")),
        word(fields.get("Lang", "")),
        tuple(path) if _KEYS.fullmatch(path) else (),
        word(fields.get("Skip", "")),
        fields.get("Urgent") == "1",
    )


def _waits(call_id: str, fields: Mapping[str, str]) -> Waits:
    return Waits(
        call_id,
        number(fields.get("Number", "")),
        word(fields.get("Topic", "")),
        word(fields.get("Lang", "")) or "zh",
        word(fields.get("Place", "")),
        float(_integer(fields.get("Since", "")) or 0),
        _integer(fields.get("Tries", "")) or 0,
        word(fields.get("Offer", "")),
    )


def _takes_next(call_id: str, fields: Mapping[str, str]) -> Said:
    offer = word(fields.get("Offer", ""))
    waits = _waits(call_id, {**fields, "Offer": ""})
    return TakesNext(call_id, waits, offer, word(fields.get("Agent", "")))


def _offer(call_id: str, fields: Mapping[str, str]) -> Said:
    return OfferEnded(
        call_id,
        word(fields.get("Offer", "")),
        word(fields.get("Agent", "")),
        word(fields.get("Status", "")),
    )


def _survey(call_id: str, fields: Mapping[str, str]) -> Said:
    return Surveyed(call_id, word(fields.get("Question", "")), _integer(fields.get("Answer", "")))


def _voicemail(call_id: str, fields: Mapping[str, str]) -> Said:
    file = fields.get("File", "")
    return MessageLeft(call_id, file if _FILE.fullmatch(file) else "")


def _fallback(call_id: str, fields: Mapping[str, str]) -> Said:
    return FellBack(call_id, word(fields.get("Why", "")))


def _integer(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


_READERS: dict[str, Callable[[str, Mapping[str, str]], Said]] = {
    "HLCall": _started,
    "HLMenu": _menu,
    "HLMenuDone": _menu_done,
    "HLWaiting": _waits,
    "HLNext": _takes_next,
    "HLOffer": _offer,
    "HLAccepted": lambda call_id, _: Accepted(call_id),
    "HLSurvey": _survey,
    "HLVoicemail": _voicemail,
    "HLFallback": _fallback,
    "HLCallback": lambda call_id, _: WantsCallBack(call_id),
    "HLAdvice": lambda call_id, fields: Advised(call_id, word(fields.get("Topic", ""))),
    "HLTaken": lambda call_id, fields: PickedUp(call_id, fields.get("Taken") == "yes"),
}
