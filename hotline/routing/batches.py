"""What is written at once; as news for the outbox, as JSON for when the database is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from hotline.calls.live import Call, Step
from hotline.routing.interfaces import PresenceChange
from hotline.routing.people import Presence, Wish

_TIMES = frozenset(
    {
        "at",
        "since",
        "made_at",
        "ringing_at",
        "started_at",
        "menu_done_at",
        "waiting_since",
        "answered_at",
        "talk_ended_at",
        "ended_at",
    }
)


@dataclass(slots=True)
class Batch:
    """What happened since the last write."""

    calls: dict[str, Call] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    offers: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Newest state of each offer, as a row of its table."""
    presences: dict[str, PresenceChange] = field(default_factory=dict)
    born: dict[str, Call] = field(default_factory=dict)
    ended: dict[str, Call] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the outbox beside those that follow from the rest."""
    wishes_done: list[int] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)
    """How far Asterisk's journal of calls was read."""

    def __len__(self) -> int:
        return (
            len(self.calls)
            + len(self.steps)
            + len(self.offers)
            + len(self.presences)
            + len(self.told)
            + len(self.wishes_done)
            + len(self.positions)
        )

    def add(self, later: Batch) -> None:
        """Put what happened later behind what is here."""
        self.calls |= later.calls
        self.steps += later.steps
        self.offers |= later.offers
        self.presences |= later.presences
        self.born |= {k: v for k, v in later.born.items() if k not in self.born}
        self.ended |= later.ended
        self.told += later.told
        self.wishes_done += later.wishes_done
        self.positions |= later.positions


def pieces(batch: Batch) -> Iterator[Batch]:
    """Take a batch apart, in an order in which each piece finds what it needs."""
    for call_id, call in batch.calls.items():
        yield Batch(
            calls={call_id: call},
            steps=[step for step in batch.steps if step.call_id == call_id],
            born={k: v for k, v in batch.born.items() if k == call_id},
            ended={k: v for k, v in batch.ended.items() if k == call_id},
        )
    for offer_id, row in sorted(batch.offers.items(), key=lambda o: o[1]["ended_at"] is None):
        yield Batch(offers={offer_id: row})
    for agent_id, change in batch.presences.items():
        yield Batch(presences={agent_id: change})
    for row in batch.told:
        yield Batch(told=[row])
    yield Batch(wishes_done=batch.wishes_done, positions=batch.positions)


def news(batch: Batch) -> Iterator[dict[str, Any]]:
    """Say what others should know; no caller's number is among it."""
    for call in batch.calls.values():
        payload: dict[str, Any] = {
            "topic": call.topic,
            "place": call.place,
            "agent_id": call.agent_id,
            "outcome": call.outcome,
        }
        topic = "call.ended" if call.id in batch.ended else "call.changed"
        yield {"topic": topic, "key": call.id, "payload": payload}
    for step in batch.steps:
        if step.kind == "answered" and (before := step.detail.get("before")):
            payload = {"agent_id": before, "to": step.detail["agent"]}
            yield {"topic": "call.handed", "key": step.call_id, "payload": payload}
    for row in batch.offers.values():
        payload = {name: row[name] for name in ("call_id", "agent_id", "outcome", "words")}
        topic = "offer.made" if row["ended_at"] is None else "offer.ended"
        yield {"topic": topic, "key": row["id"], "payload": payload}
    for change in batch.presences.values():
        payload = {
            "state": change.state.value,
            "reason": change.reason,
            "call_id": change.call_id,
            "reachable": change.reachable,
        }
        yield {"topic": "presence.changed", "key": change.agent_id, "payload": payload}


def dump(batch: Batch) -> dict[str, Any]:
    """Return a batch as JSON values."""
    return {
        "calls": [_plain(call.row()) for call in batch.calls.values()],
        "steps": [_plain(asdict(step)) for step in batch.steps],
        "offers": [_plain(row) for row in batch.offers.values()],
        "presences": [_plain(asdict(change)) for change in batch.presences.values()],
        "born": [_plain(call.row()) for call in batch.born.values()],
        "ended": [_plain(call.row()) for call in batch.ended.values()],
        "told": batch.told,
        "wishes_done": batch.wishes_done,
        "positions": batch.positions,
    }


def load(values: dict[str, Any]) -> Batch:
    """Return the batch that :func:`dump` wrote."""
    return Batch(
        calls={row["id"]: _call(row) for row in values["calls"]},
        steps=[Step(**_timed(row)) for row in values["steps"]],
        offers={row["id"]: _timed(row) for row in values["offers"]},
        presences={row["agent_id"]: _presence(row) for row in values["presences"]},
        born={row["id"]: _call(row) for row in values["born"]},
        ended={row["id"]: _call(row) for row in values["ended"]},
        told=values["told"],
        wishes_done=values["wishes_done"],
        positions=values["positions"],
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()}


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    return {
        k: datetime.fromisoformat(v) if k in _TIMES and v is not None else v for k, v in row.items()
    }


def _call(row: dict[str, Any]) -> Call:
    timed = _timed(row)
    timed["menu_path"] = tuple(timed["menu_path"])
    return Call(**timed)


def _presence(row: dict[str, Any]) -> PresenceChange:
    timed = _timed(row)
    timed["state"], timed["wish"] = Presence(timed["state"]), Wish(timed["wish"])
    return PresenceChange(**timed)
