"""Tells callers in line where they stand, each at their own time.

What is to be said is handed to the dialplan as a variable of the caller's leg; the waiting room
looks for it between two stretches of music. Nobody is redirected for it, so that no offer is ever
in its way.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from hotline.calls.live import Live, Phase
from hotline.calls.patience import Patience
from hotline.routing.board import Board
from hotline.routing.policy import NORMAL, CallBack
from hotline.routing.room import Room
from hotline.routing.standing import Key, Waiting
from hotline.routing.waiting.announcing import Announcement, Seen, Told, Why, announce
from hotline.routing.waiting.forecast import LONG, expected

VARIABLE = "HL_SAY"
"""``EPOCH*WHY*AHEAD*LEAST*MOST*COMFORT*KEEP``; see the dialplan's context waiting-says."""

HORIZON = 120.0
"""Seconds: who may answer within so long counts among those who serve a caller."""

MOST_AT_ONCE = 100
"""Told in one go; the others a second later, so that no offer waits for many announcements."""

NO_KEY, KEY_WORKS, KEY_OFFERED = 0, 1, 2


@dataclass(slots=True)
class _Heard:
    """What one caller was told, and when it is their turn again."""

    due: float
    told: Told | None = None


class Announcer:
    """See the module; :meth:`tick` every second or so."""

    def __init__(self, room: Room, say: Callable[[Live, str], None]) -> None:
        self.patience: Patience | None = None
        """How long callers of this hotline wait; ``None`` while too little is known."""
        self._room = room
        self._say = say
        self._heard: dict[str, _Heard] = {}

    def tick(self) -> None:
        """Tell everybody whose time has come."""
        board, now = self._room.board, self._room.clock.monotonic()
        rules = board.policy.announce
        for gone in [call_id for call_id in self._heard if call_id not in board.waiting]:
            del self._heard[gone]
        line: list[Key] | None = None
        left = MOST_AT_ONCE
        for call_id, waiting in board.waiting.items():
            heard = self._heard.get(call_id)
            if heard is None:
                since = waiting.caller.widens_from
                heard = self._heard[call_id] = _Heard(max(now, since + rules.first))
            live = self._room.calls.live.get(call_id)
            if heard.due > now or call_id in board.offers or live is None:
                continue
            if live.phase is not Phase.WAITING:
                continue
            if not left:
                break
            left -= 1
            heard.due = now + rules.every
            line = line if line is not None else sorted(w.key for w in board.waiting.values())
            self._tell(live, waiting, heard, line)

    def _tell(self, live: Live, waiting: Waiting, heard: _Heard, line: list[Key]) -> None:
        board, at = self._room.board, self._room.clock.now()
        seen = look(board, waiting, line, self._room.clock.monotonic(), heard.told)
        said, heard.told = announce(heard.told, seen)
        keep = self._keep(live, seen, seen.now - waiting.caller.since, heard.told.times)
        ahead = "" if said.same else str(said.ahead)
        parts = (
            *(int(at.timestamp()), said.why or "", ahead, said.range.least, said.range.most),
            *(int(said.comfort), keep),
        )
        self._say(live, "*".join(map(str, parts)))
        if not said.same or keep == KEY_OFFERED:
            detail = {"ahead": said.ahead, "least": said.range.least, "most": said.range.most}
            self._room.calls.announced(live, at, words(said, keep), detail)

    def _keep(self, live: Live, seen: Seen, waited: float, times: int) -> int:
        """Return whether the key for a call-back works, and whether it is told."""
        rules = self._room.board.policy.callback
        if not rules.may_dial(live.call.number):
            return NO_KEY
        mean = expected(seen.ahead, seen.people, seen.pace)
        if times % 2 == 1 and too_long(rules, self.patience, waited, mean):
            return KEY_OFFERED
        return KEY_WORKS


def look(
    board: Board, waiting: Waiting, line: list[Key], now: float, told: Told | None = None
) -> Seen:
    """Return what is so for one caller; ``line`` has the keys of all, in order."""
    ahead = bisect_left(line, waiting.key)
    urgent = callback = False
    if told is not None and ahead > told.ahead:
        # Only now somebody must be looked for who explains it.
        normal = board.policy.priority(NORMAL)
        for _, _, call_id in islice(line, ahead):
            other = board.waiting[call_id].caller
            preferred = board.policy.priority(other.priority) is not normal
            urgent = urgent or (preferred and other.since > waiting.caller.since)
            callback = callback or other.absent
    people = people_for(board, waiting)
    return Seen(now, ahead, people, board.pace.seconds, urgent, callback)


def people_for(board: Board, waiting: Waiting) -> int:
    """Count those on duty who may answer a caller, now or soon; at their desk and elsewhere."""
    steps = board.policy.steps(waiting.caller.topic)
    widened = board.now - waiting.caller.widens_from
    most: dict[str, int] = {}
    for number, (step, buckets) in enumerate(zip(steps, waiting.plan, strict=True)):
        if number > waiting.reach and step.after > widened + HORIZON:
            break
        if buckets:
            count = sum(board.crew.places.get(bucket, 0) for bucket in buckets)
            group = "lawyer" if buckets[0][0] == "skill" else buckets[0][0]
            # A wider step holds the people of the narrower ones too.
            most[group] = max(most.get(group, 0), count)
    return sum(most.values())


def too_long(rules: CallBack, patience: Patience | None, waited: float, mean: float) -> bool:
    """Whether the wait to come is longer than most callers' patience."""
    if patience is None:
        return mean >= rules.offer_after
    still = patience.survives(waited)
    if still <= 0:
        return True
    return patience.survives(waited + mean) / still < rules.patience_share


def words(said: Announcement, keep: int) -> str:
    """Say for the timeline what the caller heard."""
    place = f"前面还有 {said.ahead} 位" if said.ahead else "您是下一位"
    parts = [*([_WHY[said.why]] if said.why else []), place, _minutes(said)]
    if keep == KEY_OFFERED:
        parts.append("可按 2 登记回电，保留位置")
    return "播报：" + "，".join(parts)


def _minutes(said: Announcement) -> str:
    least, most = said.range.least, said.range.most
    if most >= LONG:
        return "可能要等比较久"
    if not least:
        return f"{most} 分钟以内接通"
    return f"大约还要等 {least} 分钟" if least == most else f"大约还要等 {least} 到 {most} 分钟"


_WHY = {
    Why.URGENT: "有紧急或优先来电排在前面",
    Why.CALLBACK: "有登记回电的来电人排在前面",
    Why.FEWER: "接听的律师比刚才少",
    Why.LONGER: "前面的咨询比平时久",
}
