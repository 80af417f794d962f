"""Whom we call back and when (回电安排). Pure: entries, hours, tries, and what each ending means.

An entry is an open call-back. It stands in line like a caller while it may be dialled; who is
called now, keeps talking on the telephone or is dialled already does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hotline.calls.live import Call
from hotline.calls.tables import ANSWERED_OUTCOMES, Asked, CallBackOutcome, Outcome
from hotline.clock import CHINA
from hotline.routing.policy import CallBack
from hotline.worktime import WorkTime

NOON = 12
MORNING, AFTERNOON = "morning", "afternoon"

_REASONS = {
    Asked.KEPT: "来电人登记回电，保留排队位置",
    Asked.MISSED: "来电人等候中挂断，安排回拨",
    Asked.MENU: "来电人在菜单中挂断，安排回拨",
    Asked.VOICEMAIL: "来电人留言，安排回拨",
    Asked.WEB: "网上请求回电",
}


class Why(StrEnum):
    """Why a try came to nothing, in the words of the ticket."""

    NO_ANSWER = "无人接听"
    BUSY = "占线或拒接"
    NOT_REACHED = "号码打不通"
    HUNG_UP = "接起后挂断"
    NO_KEY = "接起后没有按 1，可能是语音信箱"
    UNKNOWN = "原因不明"


@dataclass(frozen=True, slots=True)
class Entry:
    """One open call-back; the fields are those of its row."""

    id: str
    number: str
    asked: Asked
    since: datetime
    due_at: datetime
    created_at: datetime
    call_id: str | None = None
    case_id: int | None = None
    topic: str = ""
    language: str = "zh"
    place: str = ""
    priority: str = ""
    day_part: str = ""
    tries: int = 0
    try_call: str | None = None
    dialling: bool = False

    @property
    def next_call(self) -> str:
        """The id of the call that the next try will be."""
        return f"{self.id}-{self.tries + 1}"

    @property
    def keeps_place(self) -> bool:
        """Whether it was asked for in line; once a try came to nothing, the place is gone."""
        return self.asked is Asked.KEPT and self.tries == 0

    @property
    def own_ticket(self) -> bool:
        """Whether the first try makes a ticket: that of a call in the menu was closed at once."""
        return self.asked is Asked.MENU and self.tries <= 1

    def words(self) -> str:
        """Say why and which try this is."""
        again = f"，第 {self.tries + 1} 次" if self.tries else ""
        return f"回拨{again}：{_REASONS[self.asked]}"


@dataclass(frozen=True, slots=True)
class Closed:
    """What came of a call-back."""

    outcome: CallBackOutcome
    words: str


def due_for(call: Call, rules: CallBack) -> Entry | None:
    """Return the call-back that a call which ended asks for; ``None`` where it asks for none."""
    if call.callback_id is not None or call.ended_at is None or not rules.may_dial(call.number):
        return None
    asked = _asked(call, rules)
    if asked is None:
        return None
    # Who keeps the place waits since they came; who gave it up begins anew, behind the others.
    kept = call.waiting_since if asked is Asked.KEPT else None
    return Entry(
        id=f"b{call.id}",
        number=call.number,
        asked=asked,
        since=kept or call.ended_at,
        due_at=call.ended_at,
        created_at=call.ended_at,
        call_id=call.id,
        topic=call.topic,
        language=call.language,
        place=call.place,
        priority=call.priority,
    )


def _asked(call: Call, rules: CallBack) -> Asked | None:
    ended = call.ended_at or call.started_at
    waited = (ended - (call.waiting_since or ended)).total_seconds()
    in_menu = (ended - call.started_at).total_seconds()
    match call.outcome:
        case Outcome.CALLBACK:
            return Asked.KEPT
        case Outcome.VOICEMAIL if rules.voicemail:
            return Asked.VOICEMAIL
        case Outcome.ABANDONED if rules.missed_after is not None and waited >= rules.missed_after:
            return Asked.MISSED
        case Outcome.ABANDONED_MENU if rules.menu_after is not None and in_menu >= rules.menu_after:
            return Asked.MENU
    return None


def may_call(entry: Entry, hours: WorkTime, now: datetime) -> bool:
    """Whether the entry may be dialled at this hour."""
    if now < entry.due_at or not hours.is_open(now):
        return False
    hour = now.astimezone(CHINA).hour
    if entry.day_part == MORNING:
        return hour < NOON
    return hour >= NOON if entry.day_part == AFTERNOON else True


def after_try(
    entry: Entry, call: Call, rules: CallBack, now: datetime, why: Why = Why.UNKNOWN
) -> Entry | Closed:
    """Return what follows from a try that is over: the end, or the next try."""
    if call.outcome in ANSWERED_OUTCOMES:
        return Closed(CallBackOutcome.ANSWERED, "回拨已接通")
    if call.outcome == Outcome.VOICEMAIL:
        return Closed(CallBackOutcome.MESSAGE, "回拨接通后无人空闲，来电人已留言")
    if entry.tries >= rules.tries:
        words = f"{entry.tries} 次回拨均未接通（最后一次：{why}），请人工联系来电人"
        return Closed(CallBackOutcome.UNREACHED, words)
    due = now + timedelta(seconds=rules.pause(entry.tries))
    return replace(entry, dialling=False, due_at=due, since=max(entry.since, due))


def try_words(entry: Entry, hours: WorkTime, why: Why = Why.UNKNOWN) -> str:
    """Say that a try came to nothing, why, and when the next one is."""
    when = hours.next_opening(entry.due_at) or entry.due_at
    next_try = f"{when.astimezone(CHINA):%m-%d %H:%M} 后再拨"
    return f"第 {entry.tries} 次回拨未接通（{why}），{next_try}"


class Agenda:
    """All open call-backs; one for a number at most."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self._by_number: dict[str, str] = {}

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self.entries.values()))

    def of_number(self, number: str) -> Entry | None:
        """Return the open call-back of a number."""
        return self.entries.get(self._by_number.get(number, ""))

    def add(self, entry: Entry) -> bool:
        """Take an entry; ``False`` where its number has one."""
        if entry.id in self.entries or entry.number in self._by_number:
            return False
        self.entries[entry.id] = entry
        self._by_number[entry.number] = entry.id
        return True

    def put(self, entry: Entry) -> None:
        """Keep a newer state of an entry that is there."""
        self.entries[entry.id] = entry

    def close(self, entry_id: str) -> None:
        """Forget an entry."""
        gone = self.entries.pop(entry_id, None)
        if gone is not None:
            del self._by_number[gone.number]
