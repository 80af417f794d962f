"""Which calls are listened to: a pure function of the calls, the rules and a random source.

Two samples that are never mixed (domain §5): the *random* one, stratified by lawyer and category,
from which rates are told; and the *risk* one, which holds every call that somebody must hear.
A call may be in both; it is heard once and counts in the random sample as what it is.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from transcripts.review.rules import ReviewRules

DISSATISFIED = 3
"""The third key of the survey: 不满意."""


class Sample(StrEnum):
    """In which of the two a call was drawn."""

    RANDOM = "random"
    RISK = "risk"


class Reason(StrEnum):
    """Why a call was drawn; the first that holds is the gravest."""

    EMERGENCY = "emergency"
    DISSATISFIED = "dissatisfied"
    COMPLAINT = "complaint"
    RULE_HIT = "rule_hit"
    LIMITATION = "limitation"
    NEW_LAWYER = "new_lawyer"
    LOW_CONFIDENCE = "low_confidence"
    RANDOM = "random"

    @property
    def words(self) -> str:
        """What pages call it."""
        return _WORDS[self]


_WORDS = {
    Reason.EMERGENCY: "紧急：人身危险",
    Reason.DISSATISFIED: "来电人不满意",
    Reason.COMPLAINT: "投诉",
    Reason.RULE_HIT: "机器发现疑似差错",
    Reason.LIMITATION: "时效将满",
    Reason.NEW_LAWYER: "新律师前 {count} 通",
    Reason.LOW_CONFIDENCE: "机器把握不大",
    Reason.RANDOM: "随机抽中",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An answered call as drawing sees it.

    Attributes:
        category: the topic; empty where none was found.
        nth: which call of this lawyer it was, from 1.
        confidence: how sure the machine is of its pre-screen; 0 where it can't say anything, None
            where it has not looked yet.
        hits: whether the machine found a fault or a veto.
    """

    call_id: str
    agent_id: str
    category: str
    nth: int
    satisfaction: int | None = None
    emergency: bool = False
    complaint: bool = False
    limitation: bool = False
    hits: bool = False
    confidence: float | None = 1.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One call drawn, with all that is needed to check how.

    Attributes:
        stratum: lawyer and category, as ``wang/wages``.
        size: calls in the stratum; ``taken``: how many of them were drawn.
        double: two people grade it blindly.
    """

    call_id: str
    sample: Sample
    reasons: tuple[Reason, ...]
    stratum: str
    size: int = 0
    taken: int = 0
    double: bool = False


def risk_reasons(call: Candidate, rules: ReviewRules) -> tuple[Reason, ...]:
    """Return why a call must be heard, gravest first; none: it need not."""
    holds = {
        Reason.EMERGENCY: call.emergency,
        Reason.DISSATISFIED: call.satisfaction == DISSATISFIED,
        Reason.COMPLAINT: call.complaint,
        Reason.RULE_HIT: call.hits,
        Reason.LIMITATION: call.limitation,
        Reason.NEW_LAWYER: call.nth <= rules.new_lawyer_calls,
        Reason.LOW_CONFIDENCE: call.confidence is not None
        and call.confidence < rules.low_confidence,
    }
    return tuple(reason for reason in Reason if holds.get(reason))


def draw_risk(calls: Iterable[Candidate], rules: ReviewRules) -> list[Drawn]:
    """Return every call that must be heard."""
    return [
        Drawn(call.call_id, Sample.RISK, reasons, stratum_of(call))
        for call in calls
        if (reasons := risk_reasons(call, rules))
    ]


def draw_random(
    calls: Sequence[Candidate], rules: ReviewRules, chance: random.Random
) -> list[Drawn]:
    """Draw the random sample of a finished period.

    Of each stratum (lawyer and category) ``random_share``, rounded up, and ``least_each`` at
    least; each call of a stratum with the same chance, whatever else is known of it. The same
    calls and the same state of ``chance`` give the same sample, in whatever order calls come.
    """
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for call in sorted(calls, key=lambda call: call.call_id):
        strata[stratum_of(call)].append(call)
    drawn: list[Drawn] = []
    for name, members in sorted(strata.items()):
        wanted = max(rules.least_each, math.ceil(rules.random_share * len(members)))
        taken = chance.sample(members, min(wanted, len(members)))
        drawn += [
            Drawn(call.call_id, Sample.RANDOM, (Reason.RANDOM,), name, len(members), len(taken))
            for call in taken
        ]
    return _with_doubles(drawn, rules, chance)


def _with_doubles(drawn: Sequence[Drawn], rules: ReviewRules, chance: random.Random) -> list[Drawn]:
    """Mark those that two people grade blindly: a share of the whole sample, rounded up."""
    count = min(len(drawn), math.ceil(rules.double_blind_share * len(drawn)))
    doubles = set(chance.sample(range(len(drawn)), count))
    return [
        Drawn(
            one.call_id,
            one.sample,
            one.reasons,
            one.stratum,
            one.size,
            one.taken,
            double=place in doubles,
        )
        for place, one in enumerate(drawn)
    ]


def stratum_of(call: Candidate) -> str:
    """Return a call's stratum."""
    return f"{call.agent_id}/{call.category or '-'}"


def reason_words(reasons: Iterable[str], rules: ReviewRules) -> str:
    """Return reasons in words, for the list and the page."""
    return "、".join(
        Reason(reason).words.format(count=rules.new_lawyer_calls) for reason in reasons
    )
