"""Who is next (下一位): laid out in Asterisk before anybody asks, so that a caller need not.

To be told whom to ring, a caller asks us and waits for the answer; that costs more than the
ringing. What the answer would be is known beforehand, as long as somebody suitable is idle. So for
each topic, language and place that was asked for lately, Asterisk keeps the people who would be
offered next, in their order, in a global variable. A caller takes the first one out
(``waiting-room`` in ``extensions.conf``), rings them, and tells us. Who finds nobody there asks,
and so does everybody of whom something is known that changes the answer (``HL_ASKS``).

What is laid out is only good advice and may be a moment old: the same person may be laid out for
several topics, and may just have been offered to somebody who asked. So each person who is laid out
has a mark, and whoever wants to ring them puts that mark on the caller's leg first (``GROUP``) and
looks whether another leg has it too. Of two who do so at the same time at least one sees the other,
and goes back to ask: nobody is rung for two. A person who was rung gets another mark before they
are laid out again, and not before Asterisk has said that it holds the old one no more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hotline.ami import actions
from hotline.clock import Clock
from hotline.routing import decide
from hotline.routing.board import Board
from hotline.routing.people import Agent

MOST, FEWEST = 32, 16
"""People laid out for one question; and how few are left before more are laid out."""
QUESTIONS = 64
"""So many questions are answered ahead at most: Asterisk looks through all global variables for
one that is not there."""
FORGET_SECONDS = 600.0
"""A question that was not asked for so long is not answered ahead any more."""

Key = tuple[str, str, str]
"""Topic, language and place, as the dialplan has them."""


@dataclass(slots=True)
class _Line:
    """What is laid out for one question, as far as we know."""

    asked_at: float = 0.0
    marks: dict[str, str] | None = None
    """The people's marks by id, the next first; ``None`` where it must be told anew."""
    sent: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    """What Asterisk may hold: the marks of the last line that it surely had, and of those told
    since; each with the number of the word behind it."""

    def holds(self, mark: str) -> bool:
        """Whether Asterisk may still hold a mark."""
        return any(mark in marks for _, marks in self.sent)

    @property
    def is_empty(self) -> bool:
        """Whether Asterisk surely holds nobody."""
        return not any(marks for _, marks in self.sent)

    def heard(self, number: int) -> None:
        """Forget what came before the last line that was told before this word."""
        del self.sent[
            : max((n for n, (word, _) in enumerate(self.sent) if word <= number), default=0)
        ]


class NextUp:
    """Lays out who is next. ``life`` names this life of the controller: its variables are new."""

    def __init__(self, board: Board, clock: Clock, life: str) -> None:
        self._board = board
        self._clock = clock
        self._life = life
        self._lines: dict[Key, _Line] = {}
        self._marks: dict[str, str] = {}
        """The mark of each person who is laid out somewhere, or was."""
        self._spent: set[str] = set()
        """Those of them who were rung since, and get another mark."""
        self._made = 0
        self._seen: object = None
        """What the lines were made from; ``None``: look in any case."""
        self.number = 0
        """Of the last word."""

    def asked(self, key: Key) -> None:
        """Note that somebody came with this question: others will."""
        if key in self._lines or len(self._lines) < QUESTIONS:
            self._seen = self._seen if key in self._lines else None
            self._lines.setdefault(key, _Line()).asked_at = self._clock.monotonic()

    def taken(self, key: Key, agent_id: str) -> None:
        """Note that a caller took somebody out."""
        line = self._lines.get(key)
        if line is not None and line.marks is not None:
            line.marks.pop(agent_id, None)
        self.offered(agent_id)

    def offered(self, agent_id: str) -> str:
        """Note that a person is rung for somebody; return the mark that this caller must bear."""
        mark = self._marks.get(agent_id, "")
        if mark:
            self._spent.add(agent_id)
        return mark

    def forget(self) -> None:
        """Believe nothing of what Asterisk has: it was read back, or may be another one."""
        self._seen = None
        self._spent |= self._marks.keys()
        for line in self._lines.values():
            line.marks = None

    def heard(self, number: int) -> None:
        """Note that the word of this number came back: what was told before it is there."""
        self._seen = None
        for line in self._lines.values():
            line.heard(number)

    def not_told(self) -> None:
        """Note that nobody knows what Asterisk has of what :meth:`changes` returned last."""
        self._seen = None
        for line in self._lines.values():
            if line.sent and line.sent[-1][0] == self.number:
                line.marks = None

    @property
    def due(self) -> bool:
        """Whether :meth:`changes` may have something to tell."""
        return self._seen != (self._board.free.changes, self._board.policy)

    def changes(self) -> list[actions.Setvar]:
        """Return what Asterisk must be told for its lines to be right, as if it were told then.

        Behind it belongs a word with :attr:`number`, and nothing more may be told before that.
        """
        if not self.due:
            return []
        self._seen = (self._board.free.changes, self._board.policy)
        self._renew_marks()
        for key in [k for k, line in self._lines.items() if self._is_old(line) and line.is_empty]:
            del self._lines[key]
        told = []
        for key, line in self._lines.items():
            wanted, stale = self._wanted(key, line)
            if stale or line.marks is None or not _still_good(line.marks, wanted):
                line.marks = {agent_id: self._mark(agent_id) for agent_id in wanted}
                told.append(self._tell(key, line))
        self.number += bool(told)
        return told

    def _renew_marks(self) -> None:
        """Forget the marks that were spent and are nowhere any more."""
        lines = self._lines.values()
        gone = [a for a in self._spent if not any(line.holds(self._marks[a]) for line in lines)]
        for agent_id in gone:
            self._spent.discard(agent_id)
            del self._marks[agent_id]

    def _wanted(self, key: Key, line: _Line) -> tuple[list[str], bool]:
        """Return who is to be laid out, and whether an old mark must go first for others to be."""
        if self._is_old(line):
            return [], False
        free = decide.who_is_next(self._board, *key, MOST)
        wanted = [agent_id for agent_id in free if agent_id not in self._spent]
        last = line.sent[-1][1] if line.sent else frozenset[str]()
        return wanted, any(self._marks[a] in last for a in free if a in self._spent)

    def _is_old(self, line: _Line) -> bool:
        return self._clock.monotonic() - line.asked_at >= FORGET_SECONDS

    def _mark(self, agent_id: str) -> str:
        if agent_id not in self._marks:
            self._made += 1
            self._marks[agent_id] = f"{self._life}-{self._made:x}"
        return self._marks[agent_id]

    def _tell(self, key: Key, line: _Line) -> actions.Setvar:
        marks = line.marks or {}
        people = self._board.people
        entries = [self._entry(people[a].agent, mark) for a, mark in marks.items()]
        change = actions.Setvar(self._variable(key), "|".join(entries))
        line.sent.append((self.number + 1, frozenset(marks.values())))
        return change

    def _variable(self, key: Key) -> str:
        return "_".join(("HL_NEXT", self._life, *key))

    def _entry(self, agent: Agent, mark: str) -> str:
        target = agent.endpoint.removeprefix("PJSIP/")
        return f"{agent.id}*{target}*{int(self._board.policy.ring_seconds)}*1*{mark}"


def _still_good(marks: dict[str, str], wanted: list[str]) -> bool:
    """Whether those who are left of a line are the next ones, and enough."""
    return list(marks) == wanted[: len(marks)] and len(marks) >= min(FEWEST, len(wanted))
