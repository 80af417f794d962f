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


KIND_WORDS: dict[str, str] = {
    FindingKind.CITATION: "法条引用正确",
    FindingKind.WRONG_ARTICLE: "法条引用错误",
    FindingKind.WRONG_NAME: "没有这部法律",
    FindingKind.NO_SUCH_ARTICLE: "没有这一条",
    FindingKind.NOT_IN_FORCE: "引用的法律已失效",
    FindingKind.CITATION_UNCERTAIN: "法条引用待核对",
    FindingKind.FACT: "法律事实正确",
    FindingKind.WRONG_FACT: "法律事实错误",
    FindingKind.POINT: "要点已说明",
    FindingKind.MISSING_POINT: "要点未说明",
    FindingKind.DUTY: "告知义务已履行",
    FindingKind.MISSING_LEGAL_AID_NOTICE: "未告知法律援助",
    FindingKind.MISSING_POLICE_110: "未提示报警",
    FindingKind.MISSING_CONFIDENTIALITY: "未说明保密",
    FindingKind.PROMISED_OUTCOME: "承诺办案结果",
    FindingKind.PRIVATE_CONTACT: "留私人联系方式",
    FindingKind.PRIVATE_FEE: "私下揽案收费",
    FindingKind.CONDUCT: "服务规范",
    FindingKind.MISSING_CONDUCT: "服务规范欠缺",
    FindingKind.TOPIC: "事项识别",
    FindingKind.RISK: "风险信号",
}
"""What pages and reports call each kind."""

VETO_WORDS: dict[str, str] = {
    "critical_wrong_fact": "可能使来电人丧失权利的错误（时效、期限）",
    "promised_outcome": "承诺办案结果",
    "private_contact": "留私人联系方式",
    "private_fee": "私下揽案或者收费",
    "missing_police_110": "有人身危险而未提示报警",
}
"""What pages and reports call each reason of a veto (一票否决)."""
