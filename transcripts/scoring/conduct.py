"""How the talk went, told from when each side spoke: who, how fast, silences, talking over.

No standard says how much is too much, so the form's own measure decides (``conduct`` in the YAML).
What a calm voice and plain words are stays with the reviewer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.scorecard import ConductRule
from transcripts.scoring.speech import AGENT, CALLER, Turn

_LONG_SILENCE = 8.0
"""Seconds in which nobody speaks that a reviewer may want to hear; looking something up is fine."""
_BREATH = 0.5
_LONG_OVERLAP = 1.0
"""Seconds of both talking at once; a short 嗯 or 对 is no talking over."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """Figures of one talk; seconds, shares 0 … 1, characters a minute.

    Attributes:
        agent_share: the lawyer's share of all the speaking.
        agent_rate: how fast the lawyer spoke; None where the lawyer hardly spoke.
        longest_silence: and ``silence_at``, where it begins.
        talked_over: seconds in which the lawyer spoke while the caller still did.
    """

    agent_share: float
    agent_rate: float | None
    longest_silence: float
    silence_at: float
    talked_over: float
    talked_over_at: float


def measure(turns: Sequence[Turn]) -> Conduct | None:
    """Measure a talk; None where one side said nothing."""
    spans = {leg: _spans(turns, leg) for leg in (AGENT, CALLER)}
    spoken = {leg: sum(end - begin for begin, end in own) for leg, own in spans.items()}
    if not all(spoken.values()):
        return None
    characters = sum(len(turn.text) for turn in turns if turn.leg == AGENT)
    silence_at, silence = _longest_silence(spans[AGENT] + spans[CALLER])
    over_at, over = _talked_over(spans[AGENT], spans[CALLER])
    return Conduct(
        agent_share=spoken[AGENT] / sum(spoken.values()),
        agent_rate=60 * characters / spoken[AGENT] if spoken[AGENT] >= 1 else None,
        longest_silence=silence,
        silence_at=silence_at,
        talked_over=over,
        talked_over_at=over_at,
    )


def check_conduct(turns: Sequence[Turn], rule: ConductRule) -> list[Finding]:
    """Hold a talk's sound against the bureau's measure: four findings of the item ``manner``.

    None where one side said nothing: there was no talk to measure.
    """
    measured = measure(turns)
    if measured is None:
        return []
    share = f"律师说话占{measured.agent_share:.0%}"
    silence = f"最长一段无人说话{measured.longest_silence:.0f}秒"
    over = f"律师插话共{measured.talked_over:.1f}秒"
    found = [
        _held("talk_share", share, measured.agent_share <= rule.largest_share, None),
        _held(
            "silence",
            silence,
            measured.longest_silence <= rule.longest_silence,
            measured.silence_at if measured.longest_silence >= _LONG_SILENCE else None,
        ),
        _held(
            "talk_over",
            over,
            measured.talked_over <= rule.longest_talk_over,
            measured.talked_over_at if measured.talked_over >= _LONG_OVERLAP else None,
        ),
    ]
    if measured.agent_rate is not None:
        rate = f"语速约每分钟{measured.agent_rate:.0f}字"
        within = rule.slowest <= measured.agent_rate <= rule.fastest
        found.append(_held("speech_rate", rate, within, None))
    return found


def _held(subject: str, words: str, within: bool, at: float | None) -> Finding:
    return Finding(
        item="manner",
        kind=FindingKind.CONDUCT if within else FindingKind.MISSING_CONDUCT,
        verdict=Verdict.RIGHT if within else Verdict.MISSING,
        confidence=0.9,
        words=words if within else f"{words}，超出本局标准",
        at_second=at,
        subject=subject,
    )


def _spans(turns: Sequence[Turn], leg: str) -> list[tuple[float, float]]:
    """Return when a leg speaks: by its words where they have times, else by its turns."""
    spans: list[tuple[float, float]] = []
    for turn in sorted((turn for turn in turns if turn.leg == leg), key=lambda turn: turn.start):
        own = [(word.start, word.end) for word in turn.words] or [(turn.start, turn.end)]
        for begin, end in own:
            if spans and begin - spans[-1][1] < _BREATH:
                spans[-1] = spans[-1][0], max(spans[-1][1], end)
            elif end > begin:
                spans.append((begin, end))
    return spans


def _longest_silence(spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return where the longest silence between the first and the last word begins, its length."""
    best_at, best, spoken_until = 0.0, 0.0, None
    for begin, end in sorted(spans):
        if spoken_until is not None and begin - spoken_until > best:
            best_at, best = spoken_until, begin - spoken_until
        spoken_until = end if spoken_until is None else max(spoken_until, end)
    return best_at, best


def _talked_over(
    agent: Sequence[tuple[float, float]], caller: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Return where the lawyer first began while the caller spoke, and the seconds in all."""
    first: float | None = None
    total = 0.0
    for begin, end in agent:
        for other, until in caller:
            if other < begin < until:
                total += min(end, until) - begin
                first = begin if first is None else first
    return first or 0.0, total
