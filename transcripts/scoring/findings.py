"""What the scorer finds, with the evidence that lets a person agree or disagree."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class FindingKind(enum.StrEnum):
    """What a finding is about. The names are an interface: pages, reports and reviews use them."""

    CITATION = "citation"
    """An article was cited rightly."""
    WRONG_ARTICLE = "wrong_article"
    """The law is right, the article is another one."""
    WRONG_NAME = "wrong_name"
    """No such law."""
    NO_SUCH_ARTICLE = "no_such_article"
    """The law has no article of this number."""
    NOT_IN_FORCE = "not_in_force"
    """The law or article did not count on the day of the call."""
    CITATION_UNCERTAIN = "citation_uncertain"
    """An article was cited that nothing here confirms or refutes."""
    FACT = "fact"
    """A number, period, multiple … was told rightly."""
    WRONG_FACT = "wrong_fact"
    """A number, period, multiple, yes or no, or subject contradicts card and statute."""
    POINT = "point"
    """A point of the card was covered."""
    MISSING_POINT = "missing_point"
    """A required point of the card was not covered; a gap, not a fault."""
    DUTY = "duty"
    """A duty was done."""
    MISSING_LEGAL_AID_NOTICE = "missing_legal_aid_notice"
    MISSING_POLICE_110 = "missing_police_110"
    MISSING_CONFIDENTIALITY = "missing_confidentiality"
    PROMISED_OUTCOME = "promised_outcome"
    PRIVATE_CONTACT = "private_contact"
    PRIVATE_FEE = "private_fee"
    CONDUCT = "conduct"
    """Opening and closing words, restating, asking: an item of manner."""
    MISSING_CONDUCT = "missing_conduct"
    TOPIC = "topic"
    """Which matter was recognised."""
    RISK = "risk"
    """Something a person should look at: danger, limitation, complaint."""


class Verdict(enum.StrEnum):
    """How a finding ended."""

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    UNSURE = "unsure"
    """证据不足，请人工复核."""
    NOTE = "note"


FAULTS = frozenset(
    {
        FindingKind.WRONG_ARTICLE,
        FindingKind.WRONG_NAME,
        FindingKind.NO_SUCH_ARTICLE,
        FindingKind.NOT_IN_FORCE,
        FindingKind.WRONG_FACT,
        FindingKind.MISSING_LEGAL_AID_NOTICE,
        FindingKind.MISSING_POLICE_110,
        FindingKind.PROMISED_OUTCOME,
        FindingKind.PRIVATE_CONTACT,
        FindingKind.PRIVATE_FEE,
    }
)
"""Kinds that are a fault of the answer when their verdict is wrong or missing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in one call.

    Attributes:
        item: the scorecard's item that it counts for.
        confidence: 0 … 1, how sure the machine is.
        at_second: when it was said in the recording; None where nothing was said.
        sentence: the words as recognised.
        card: the card's id, and ``card/fact`` or ``card/point`` in ``subject``.
        article: the article that proves it, such as 《劳动争议调解仲裁法》第二十七条.
        heard: what was said (两年); ``expected``: what is right (一年).
        words: one Chinese sentence for the reviewer.
        critical: a caller who believes it may lose a right.
    """

    item: str
    kind: FindingKind
    verdict: Verdict
    confidence: float
    words: str
    at_second: float | None = None
    until_second: float | None = None
    leg: str = "agent"
    sentence: str = ""
    card: str = ""
    subject: str = ""
    article: str = ""
    heard: str = ""
    expected: str = ""
    critical: bool = False

    @property
    def is_fault(self) -> bool:
        """Whether it says that the answer was wrong (an uncertain one never does)."""
        return self.kind in FAULTS and self.verdict in (Verdict.WRONG, Verdict.MISSING)
