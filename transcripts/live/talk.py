"""One running talk: its ear, its board, and what of both the page has not been told yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge_base.topics.classifier import Guess
from transcripts.live.board import Board, Change
from transcripts.live.ear import Ear, Heard, Sentence
from transcripts.live.hints import Desk, Help, HintKind, help_with
from transcripts.turns import Leg


@dataclass(frozen=True)
class CallFacts:
    """What the database knows of a call."""

    agent_id: str | None
    topic: str | None
    on: date
    ended: bool


@dataclass(frozen=True)
class News:
    """What a look brought that the page must learn."""

    finished: tuple[Sentence, ...] = ()
    running: Mapping[Leg, str] = field(default_factory=dict)
    behind: bool = False
    changes: tuple[Change, ...] = ()
    topics: tuple[Guess, ...] = ()
    leading: str = ""
    until: float = 0.0
    """Seconds of the talk that were heard."""
    ended: bool = False


class Talk:
    """Looks, thinks and says what changed. Use it from one thread at a time."""

    def __init__(self, ear: Ear) -> None:
        self.ear = ear
        self.facts: CallFacts | None = None
        self.sentences: list[Sentence] = []
        self._board = Board()
        self._told: tuple[Mapping[Leg, str], bool] = ({}, False)
        self._help = Help()

    def look(self, desk: Desk) -> News | None:
        """Hear what was written since; None where it brings nothing new."""
        return self._news(desk, self.ear.listen())

    def finish(self, desk: Desk) -> News:
        """Hear the rest; the talk is over."""
        last = self._news(desk, self.ear.finish()) or News()
        return News(
            last.finished,
            {},
            last.behind,
            last.changes,
            last.topics,
            last.leading,
            self.ear.heard,
            ended=True,
        )

    def _news(self, desk: Desk, heard: Heard) -> News | None:
        self.sentences += heard.finished
        running = {leg: sentence.text for leg, sentence in heard.running.items()}
        if not heard.finished and (running, heard.behind) == self._told:
            return None
        self._told = running, heard.behind
        # Half a sentence may call up a card, but not while words come faster than they are heard.
        if heard.finished or not heard.behind:
            self._help = self._think(desk, list(heard.running.values()))
        changes = self._board.take(self._help)
        return News(
            heard.finished,
            running,
            heard.behind,
            tuple(changes),
            self._help.topics,
            next((h.key for h in self._help.hints if h.kind is HintKind.CARD), ""),
            self.ear.heard,
        )

    def _think(self, desk: Desk, running: Sequence[Sentence]) -> Help:
        return help_with(
            desk,
            [turn for sentence in self.sentences for turn in sentence.turns],
            [turn for sentence in running for turn in sentence.turns],
            on=self.facts.on if self.facts else None,
            topic=self.facts.topic if self.facts else None,
        )
