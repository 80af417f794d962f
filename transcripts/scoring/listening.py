"""Points covered, duties done, things that must not be said, manner, and signs of risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge_base.cards import Card, Duty
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.hearing import Heard, hear
from transcripts.scoring.scorecard import Scorecard
from transcripts.scoring.speech import Speech

_TIGHT = 12
_PROHIBITED = (
    (FindingKind.PROMISED_OUTCOME, "promised_outcome", "承诺了办案结果"),
    (FindingKind.PRIVATE_CONTACT, "private_contact", "留了私人联系方式"),
    (FindingKind.PRIVATE_FEE, "private_fee", "私下揽案或者收费"),
)
_DUTIES = {
    Duty.LEGAL_AID_NOTICE: (
        "legal_aid",
        FindingKind.MISSING_LEGAL_AID_NOTICE,
        "已告知可以申请法律援助",
        "这类事项应告知可以申请法律援助（《法律援助法》第二十三条），没有听到",
    ),
    Duty.POLICE_110: (
        "police_110",
        FindingKind.MISSING_POLICE_110,
        "已提示拨打110报警",
        "有人身危险时应提示拨打110，没有听到",
    ),
    Duty.CONFIDENTIALITY: (
        "confidentiality",
        FindingKind.MISSING_CONFIDENTIALITY,
        "已说明保密或询问是否方便通话",
        "没有听到保密说明，也没有问是否方便通话",
    ),
}
_RISKS = (
    ("danger", "来电人的话里有人身危险的迹象，请立即核实。"),
    ("limitation_risk", "来电人提到期限将满，请核实时效并尽快处理。"),
    ("complaint", "来电人表示不满或者要投诉，请回访。"),
)
_LEAST_TALK = 40
"""An answer of fewer characters than this was hardly an answer: nothing is called missing."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Both legs of one call."""

    caller: Speech
    agent: Speech

    @property
    def answered(self) -> bool:
        """Whether the agent said enough to be judged."""
        return len(self.agent.text) >= _LEAST_TALK


def check_points(talk: Conversation, card: Card, scorecard: Scorecard) -> list[Finding]:
    """Tell for each point of the card whether it was said."""
    findings = []
    well_heard = talk.agent.confidence >= scorecard.least_heard
    for point in card.points:
        found = hear(talk.agent, point.say)
        article = point.articles[0].words if point.articles else ""
        subject = f"{card.id}/{point.id}"
        if found:
            finding = _said(
                talk.agent, found, "complete", (FindingKind.POINT, Verdict.RIGHT), point.text
            )
        elif point.required:
            finding = Finding(
                item="complete",
                kind=FindingKind.MISSING_POINT,
                verdict=Verdict.MISSING if well_heard else Verdict.UNSURE,
                confidence=0.7 if well_heard else 0.4,
                words=f"没有听到：{point.text}" + ("" if well_heard else "（听写可信度低）"),
            )
        else:
            continue
        findings.append(_with(finding, card=card.id, subject=subject, article=article))
    return findings


def _with(finding: Finding, *, card: str, subject: str, article: str) -> Finding:
    return replace(finding, card=card, subject=subject, article=article)


def duties_of(talk: Conversation, card: Card | None, scorecard: Scorecard) -> tuple[Duty, ...]:
    """Return what had to be told: by the card, and where the caller's words tell of danger."""
    duties = set(card.duties) if card else set()
    if hear(talk.caller, scorecard.words["danger"], unless_negated=True):
        duties.add(Duty.POLICE_110)
    return tuple(duty for duty in Duty if duty in duties)


def check_duties(
    talk: Conversation, card: Card | None, sure: bool, scorecard: Scorecard
) -> list[Finding]:
    """Tell for each duty whether it was done; unsure where the matter or the speech is unclear."""
    findings = []
    for duty in duties_of(talk, card, scorecard):
        words, missing, done, undone = _DUTIES[duty]
        item = "legal_aid" if duty is Duty.LEGAL_AID_NOTICE else "guidance"
        found = hear(talk.agent, scorecard.words[words])
        if found:
            finding = _said(talk.agent, found, item, (FindingKind.DUTY, Verdict.RIGHT), done)
        else:
            clear = sure and talk.agent.confidence >= scorecard.least_heard and talk.answered
            finding = Finding(
                item=item,
                kind=missing,
                verdict=Verdict.MISSING if clear else Verdict.UNSURE,
                confidence=0.9 if clear else 0.5,
                words=undone + ("。" if clear else "。证据不足，请人工复核。"),
            )
        findings.append(
            _with(finding, card=card.id if card else "", subject=duty.value, article="")
        )
    return findings


def check_prohibitions(talk: Conversation, scorecard: Scorecard) -> list[Finding]:
    """Find promises of an outcome, private contacts and private fees in the agent's words."""
    findings = []
    for kind, words, told in _PROHIBITED:
        found = _tight(talk.agent, scorecard, words)
        if found is None:
            continue
        finding = _said(talk.agent, found, "matter", (kind, Verdict.WRONG), told)
        evidence = talk.agent.evidence(found.start, found.end)
        sure = found.certainty * (1.0 if evidence.confidence >= 0.7 else evidence.confidence)
        if sure < scorecard.least_confidence:
            finding = _unsure(finding, sure)
        findings.append(finding)
    return findings


def _tight(speech: Speech, scorecard: Scorecard, words: str) -> Heard | None:
    found = hear(speech, scorecard.words[words], reach=_TIGHT, unless_negated=True)
    if found and speech.is_asked(found.start, found.end):
        return None
    return found


def _unsure(finding: Finding, sure: float) -> Finding:
    return replace(
        finding,
        verdict=Verdict.UNSURE,
        confidence=round(sure, 2),
        words=finding.words + "证据不足，请人工复核。",
    )


def check_manner(talk: Conversation, scorecard: Scorecard) -> list[Finding]:
    """Look for opening and closing words, restating, asking and guidance."""
    findings = []
    for item, words, told in (
        ("opening", "opening", "有开头语"),
        ("opening", "introducing", "报了姓名或者工号"),
        ("opening", "closing", "有结束语"),
        ("listening", "restating", "复述了诉求"),
        ("listening", "asking", "询问了事实"),
        ("guidance", "guidance", "指引了办理途径"),
    ):
        found = hear(talk.agent, scorecard.words[words])
        if found:
            findings.append(
                _with(
                    _said(talk.agent, found, item, (FindingKind.CONDUCT, Verdict.RIGHT), told),
                    card="",
                    subject=words,
                    article="",
                )
            )
        else:
            findings.append(
                Finding(
                    item=item,
                    kind=FindingKind.MISSING_CONDUCT,
                    verdict=Verdict.MISSING,
                    confidence=0.7,
                    words=f"没有听到：{told.removeprefix('有')}",
                    subject=words,
                )
            )
    return findings


def check_risks(talk: Conversation, scorecard: Scorecard) -> list[Finding]:
    """Find what a person must look at soon, in the caller's words."""
    findings = []
    for words, told in _RISKS:
        found = hear(talk.caller, scorecard.words[words], unless_negated=True)
        if found:
            finding = _said(talk.caller, found, "manner", (FindingKind.RISK, Verdict.NOTE), told)
            findings.append(_with(finding, card="", subject=words, article=""))
    return findings


def _said(
    speech: Speech,
    found: Heard,
    item: str,
    judged: tuple[FindingKind, Verdict],
    told: str,
) -> Finding:
    kind, verdict = judged
    heard = speech.evidence(found.start, found.end)
    raw = speech.raw[slice(*speech.wording.span(found.start, found.end))]
    wrong = verdict is Verdict.WRONG
    return Finding(
        item=item,
        kind=kind,
        verdict=verdict,
        confidence=round(0.95 * found.certainty, 2),
        words=f"{told}：“{raw}”" if wrong else told,
        at_second=heard.at,
        until_second=heard.until,
        leg=speech.turns[0].leg,
        sentence=heard.sentence,
        heard=raw,
    )


def required_share(points: Sequence[Finding], card: Card) -> float:
    """Return the share of the required points that were said; 1 where none is required."""
    required = {f"{card.id}/{point.id}" for point in card.points if point.required}
    said = {one.subject for one in points if one.kind is FindingKind.POINT}
    return len(required & said) / len(required) if required else 1.0


def optional_count(points: Sequence[Finding], card: Card) -> int:
    """Return how many further points were said."""
    optional = {f"{card.id}/{point.id}" for point in card.points if not point.required}
    return sum(one.kind is FindingKind.POINT and one.subject in optional for one in points)
