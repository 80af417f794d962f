"""Hears one running talk: samples in, words of both legs out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from transcripts.live.tap import RATE, Found, Tap
from transcripts.normalise import pieces
from transcripts.recognisers import Recogniser, Segment, Stream
from transcripts.scoring.speech import Turn, Word, split_at_pauses
from transcripts.turns import Leg

BEHIND, CAUGHT_UP = 1.0, 0.5
"""Seconds of unread sound from which a talk counts as behind, and under which it no longer does.
Asterisk writes 0.34 seconds at once, so that a prompt reader never finds a whole second."""


@dataclass(frozen=True)
class Sentence:
    """What one leg said between two pauses; it will not change any more."""

    leg: Leg
    start: float
    end: float
    text: str
    confidence: float | None
    turns: tuple[Turn, ...]
    """The same for the scorer's matching, cut where the speaker paused."""

    @classmethod
    def of(cls, leg: Leg, segment: Segment) -> Sentence:
        """Write a segment as people read it, figures as figures."""
        said = pieces(segment.words)
        text = "".join(piece.text for piece in said)
        words = tuple(Word(p.text, p.start, p.end, p.confidence) for p in said)
        turn = Turn(leg, segment.start, segment.end, text, segment.confidence, words)
        return cls(
            leg,
            segment.start,
            segment.end,
            text,
            segment.confidence,
            tuple(split_at_pauses(turn)),
        )


@dataclass(frozen=True)
class Heard:
    """What a look at a talk brought."""

    finished: tuple[Sentence, ...] = ()
    running: Mapping[Leg, Sentence] = field(default_factory=dict)
    """What is being said now, by leg; it may still change."""
    behind: bool = False
    """Recognition can't keep up: words that may still change are left out."""


class Ear:
    """Listens to both legs. Use it from one thread at a time."""

    def __init__(self, found: Found, recogniser: Recogniser) -> None:
        self.found = found
        self.behind = False
        self._taps: dict[Leg, Tap] = {}
        try:
            for leg in Leg:
                self._taps[leg] = Tap(found.file(leg))
        except FileNotFoundError:
            self.close()
            raise
        self._streams: dict[Leg, Stream] = {leg: recogniser.stream(RATE) for leg in Leg}
        self._running: dict[Leg, Sentence] = {}

    def claim(self) -> bool:
        """Take the talk for this process alone."""
        return self._taps[Leg.AGENT].claim()

    @property
    def waiting(self) -> float:
        """Seconds of sound that wait to be heard."""
        return max(tap.waiting for tap in self._taps.values())

    @property
    def heard(self) -> float:
        """Seconds of the talk that were heard."""
        return min(tap.heard for tap in self._taps.values())

    def listen(self) -> Heard:
        """Hear what was written since."""
        waiting = self.waiting
        self.behind = waiting > (CAUGHT_UP if self.behind else BEHIND)
        finished: list[Sentence] = []
        for leg, tap in self._taps.items():
            samples = tap.read()
            if not len(samples):
                continue
            stream = self._streams[leg]
            if self.behind:
                # What may still change costs a second reading of the lattice each time.
                segments, running = stream.take(samples), None
            else:
                heard = stream.feed(samples)
                segments, running = list(heard.finished), heard.running
            finished += [Sentence.of(leg, segment) for segment in segments]
            if running is not None:
                self._running[leg] = Sentence.of(leg, running)
            else:
                self._running.pop(leg, None)
        finished.sort(key=lambda sentence: sentence.start)
        return Heard(tuple(finished), dict(self._running), self.behind)

    def finish(self) -> Heard:
        """End the talk and return what was still open."""
        finished: list[Sentence] = []
        behind = self.behind
        while self.waiting > 0:
            finished += self.listen().finished
        for leg, stream in self._streams.items():
            finished += [Sentence.of(leg, segment) for segment in stream.finish().finished]
        self._running.clear()
        finished.sort(key=lambda sentence: sentence.start)
        return Heard(tuple(finished), {}, behind)

    def close(self) -> None:
        """Let the files go."""
        for tap in self._taps.values():
            tap.close()
