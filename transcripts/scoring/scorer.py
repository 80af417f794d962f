"""Scores one call: a pure function of what was said, the cards, the statutes and the form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from knowledge_base.cards import Card
from knowledge_base.cards.check import Statutes, trusted_facts
from knowledge_base.citations import LawNames, default_names
from transcripts.scoring.citing import check_citations, cited_keys
from transcripts.scoring.conduct import check_conduct
from transcripts.scoring.facts import check_facts
from transcripts.scoring.findings import Finding, FindingKind, Verdict
from transcripts.scoring.hints import check_hints
from transcripts.scoring.listening import (
    Conversation,
    check_duties,
    check_manner,
    check_points,
    check_prohibitions,
    check_risks,
    optional_count,
    required_share,
)
from transcripts.scoring.matter import Matter, recognise
from transcripts.scoring.scorecard import ItemRule, Scorecard
from transcripts.scoring.speech import AGENT, CALLER, Speech, Turn

_SURE_OF_CARD = 0.5
_ENOUGH_OPTIONAL = 2
VETO = "veto:"
"""Begins the name of a veto among ``hints``."""


@dataclass(frozen=True)
class Knowledge:
    """What answers are held against."""

    cards: tuple[Card, ...]
    statutes: Statutes | None = None
    names: LawNames = field(default_factory=default_names)


@dataclass(frozen=True, slots=True)
class ItemScore:
    """One item of the form. ``share`` is None where a machine cannot judge it."""

    rule: ItemRule
    share: float | None
    applies: bool
    words: str
    hint: bool = False
    """Shown only: on this item the machine has agreed too little with people."""

    @property
    def judged(self) -> bool:
        """Whether it counts."""
        return self.applies and self.share is not None and not self.hint


@dataclass(frozen=True, slots=True)
class Scored:
    """A pre-screen (初筛) of one call."""

    scorecard: Scorecard
    law_date: date | None
    matter: Matter | None
    items: tuple[ItemScore, ...]
    findings: tuple[Finding, ...]
    veto: str | None
    why_person: tuple[str, ...]

    @property
    def faults(self) -> list[Finding]:
        """Findings that say the answer was wrong."""
        return [finding for finding in self.findings if finding.is_fault]

    @property
    def judged_share(self) -> float:
        """The share of the applying weight that a machine judged."""
        applying = sum(item.rule.weight for item in self.items if item.applies)
        judged = sum(item.rule.weight for item in self.items if item.judged)
        return judged / applying if applying else 0.0

    @property
    def total(self) -> float | None:
        """Points of 100 over what applies and was judged; 0 with a veto; None where nothing was."""
        if self.veto:
            return 0.0
        weight = sum(item.rule.weight for item in self.items if item.judged)
        if not weight:
            return None
        points = sum(item.rule.weight * (item.share or 0.0) for item in self.items if item.judged)
        return round(100 * points / weight, 1)

    @property
    def accuracy(self) -> float | None:
        """The legal items' share of their points; None where not all were judged."""
        legal = [item for item in self.items if item.rule.legal]
        if not legal or not all(item.judged for item in legal):
            return None
        weight = sum(item.rule.weight for item in legal)
        return sum(item.rule.weight * (item.share or 0.0) for item in legal) / weight

    @property
    def legal_ok(self) -> bool | None:
        """Legally accurate (法律准确): right matter, no legal fault, required points said."""
        if self.accuracy is None:
            return None
        legal_faults = [one for one in self.faults if one.item in ("basis", "matter", "complete")]
        complete = next((item for item in self.items if item.rule.id == "complete"), None)
        return not legal_faults and (
            complete is None or (complete.share or 0.0) >= self.scorecard.required_share
        )

    @property
    def risks(self) -> list[str]:
        """Signs in the caller's words."""
        return [one.subject for one in self.findings if one.kind is FindingKind.RISK]


def score(
    turns: Sequence[Turn],
    knowledge: Knowledge,
    scorecard: Scorecard,
    *,
    on: date | None = None,
    topic: str | None = None,
    hints: frozenset[str] = frozenset(),
) -> Scored:
    """Score what was said.

    Args:
        turns: both legs, as recognised: errors and no punctuation are expected.
        knowledge: cards, statutes and names of laws.
        scorecard: the form.
        on: the day of the call; its law counts.
        topic: the topic chosen in the menu, a hint.
        hints: items and vetoes (``veto:KIND``) that are shown but do not count, because the
            machine has agreed too little with people on them.
    """
    talk = Conversation(Speech.of(turns, CALLER), Speech.of(turns, AGENT))
    cited = cited_keys(talk.agent, knowledge.names)
    ranked = recognise(knowledge.cards, talk.caller, talk.agent, topic, cited)
    matter = ranked[0] if ranked else None
    sure = matter is not None and matter.confidence >= _SURE_OF_CARD
    cards = _in_play(knowledge.cards, ranked)
    findings: list[Finding] = []
    if matter:
        findings.append(_topic(matter, sure=sure))
    if talk.answered:
        trusted = trusted_facts(cards, knowledge.statutes, on)
        findings += check_citations(talk.agent, cards, knowledge.names, knowledge.statutes, on)
        facts = check_facts(talk.agent, cards, trusted, scorecard.least_confidence)
        findings += facts
        findings += check_hints(talk.agent, cards[:1], facts)
        if matter:
            findings += check_points(talk, matter.card, scorecard)
        findings += check_duties(talk, matter.card if matter else None, sure, scorecard)
        findings += check_prohibitions(talk, scorecard)
        findings += check_manner(talk, scorecard)
        findings += check_conduct(turns, scorecard.conduct)
    findings += check_risks(talk, scorecard)
    items = tuple(
        replace(
            _item(rule, findings, matter, sure=sure, answered=talk.answered, scorecard=scorecard),
            hint=rule.id in hints,
        )
        for rule in scorecard.items
    )
    return Scored(
        scorecard=scorecard,
        law_date=on,
        matter=matter,
        items=items,
        findings=tuple(findings),
        veto=_veto(findings, scorecard, hints),
        why_person=_why_person(talk, matter, findings, scorecard, sure=sure),
    )


def _in_play(cards: Sequence[Card], ranked: Sequence[Matter]) -> list[Card]:
    """Return the cards whose facts and articles may come up: the matter's, its kin, the general."""
    if not ranked:
        return [card for card in cards if card.general]
    best = ranked[0]
    wanted = {best.card.id, *best.card.see_also}
    # A close second is as likely the matter; its facts are looked at as well.
    wanted |= {one.card.id for one in ranked[1:3] if one.score >= 0.8 * best.score}
    chosen = [card for card in cards if card.id in wanted or card.general]
    return sorted(chosen, key=lambda card: card.id != best.card.id)


def _topic(matter: Matter, *, sure: bool) -> Finding:
    doubt = "" if sure else "（把握不大，请人工确认）"
    return Finding(
        item="matter",
        kind=FindingKind.TOPIC,
        verdict=Verdict.NOTE if sure else Verdict.UNSURE,
        confidence=matter.confidence,
        words=f"识别的事项：{matter.card.title}{doubt}",
        card=matter.card.id,
        leg="caller",
    )


def _item(
    rule: ItemRule,
    findings: Sequence[Finding],
    matter: Matter | None,
    *,
    sure: bool,
    answered: bool,
    scorecard: Scorecard,
) -> ItemScore:
    if not answered:
        return ItemScore(rule, None, applies=True, words="答复过短，无法评分")
    judge = {
        "opening": lambda: _manner_item(rule, findings),
        "listening": lambda: _manner_item(rule, findings),
        "guidance": lambda: _manner_item(rule, findings),
        "manner": lambda: _manner_item(rule, findings),
        "matter": lambda: _matter_item(rule, findings, matter, sure=sure),
        "basis": lambda: _basis_item(rule, findings, scorecard),
        "complete": lambda: _complete_item(rule, findings, matter, sure=sure),
        "legal_aid": lambda: _legal_aid_item(rule, findings),
    }.get(rule.id)
    if judge is None:
        return ItemScore(rule, None, applies=True, words="由人工评定")
    return judge()


def _manner_item(rule: ItemRule, findings: Sequence[Finding]) -> ItemScore:
    looked = [
        one
        for one in findings
        if one.item == rule.id and one.kind in (FindingKind.CONDUCT, FindingKind.MISSING_CONDUCT)
    ]
    said = [one for one in looked if one.kind is FindingKind.CONDUCT]
    share = len(said) / len(looked) if looked else None
    return ItemScore(rule, share, applies=True, words="、".join(one.words for one in looked))


def _matter_item(
    rule: ItemRule, findings: Sequence[Finding], matter: Matter | None, *, sure: bool
) -> ItemScore:
    if matter is None or not sure:
        return ItemScore(rule, None, applies=True, words="事项识别把握不大，请人工评定")
    on_matter = any(
        one.kind in (FindingKind.POINT, FindingKind.FACT, FindingKind.CITATION)
        and one.verdict is Verdict.RIGHT
        for one in findings
    )
    if not on_matter:
        return ItemScore(rule, None, applies=True, words="没有听到与事项有关的要点，请人工评定")
    return ItemScore(rule, 1.0, applies=True, words=f"按“{matter.card.title}”答复")


def _basis_item(rule: ItemRule, findings: Sequence[Finding], scorecard: Scorecard) -> ItemScore:
    wrong = [one for one in findings if one.item == "basis" and one.is_fault]
    if wrong:
        return ItemScore(rule, 0.0, applies=True, words="；".join(one.words for one in wrong))
    right = [one for one in findings if one.kind is FindingKind.CITATION]
    if right:
        cited = "、".join(dict.fromkeys(one.article for one in right))
        return ItemScore(rule, 1.0, applies=True, words=f"依据正确：{cited}")
    if any(one.kind is FindingKind.CITATION_UNCERTAIN for one in findings):
        return ItemScore(rule, None, applies=True, words="引用的法条需人工核对")
    return ItemScore(
        rule, scorecard.no_citation_share, applies=True, words="没有引用法律依据，也没有发现错误"
    )


def _complete_item(
    rule: ItemRule, findings: Sequence[Finding], matter: Matter | None, *, sure: bool
) -> ItemScore:
    if matter is None or not sure:
        return ItemScore(rule, None, applies=True, words="事项识别把握不大，请人工评定")
    points = [one for one in findings if one.kind in (FindingKind.POINT, FindingKind.MISSING_POINT)]
    required = required_share(points, matter.card)
    further = min(1.0, optional_count(points, matter.card) / _ENOUGH_OPTIONAL)
    missing = [one.words for one in points if one.kind is FindingKind.MISSING_POINT]
    words = "；".join(missing) if missing else "要点齐全"
    return ItemScore(rule, 0.8 * required + 0.2 * further, applies=True, words=words)


def _legal_aid_item(rule: ItemRule, findings: Sequence[Finding]) -> ItemScore:
    looked = [one for one in findings if one.item == "legal_aid"]
    if not looked:
        return ItemScore(rule, None, applies=False, words="本事项不要求")
    if looked[0].verdict is Verdict.UNSURE:
        return ItemScore(rule, None, applies=True, words=looked[0].words)
    done = looked[0].verdict is Verdict.RIGHT
    return ItemScore(rule, 1.0 if done else 0.0, applies=True, words=looked[0].words)


def _veto(findings: Sequence[Finding], scorecard: Scorecard, hints: frozenset[str]) -> str | None:
    """Return the first veto that counts."""
    counting = scorecard.vetoes - {h.removeprefix(VETO) for h in hints if h.startswith(VETO)}
    danger = any(one.kind is FindingKind.RISK and one.subject == "danger" for one in findings)
    for finding in findings:
        if not finding.is_fault:
            continue
        if finding.kind is FindingKind.MISSING_POLICE_110 and not danger:
            continue  # a matter that calls for the notice, but nobody's life hangs on it now
        if finding.kind.value in counting:
            return finding.kind.value
        critical = finding.kind is FindingKind.WRONG_FACT and finding.critical
        if critical and "critical_wrong_fact" in counting:
            return "critical_wrong_fact"
    return None


def _why_person(
    talk: Conversation,
    matter: Matter | None,
    findings: Sequence[Finding],
    scorecard: Scorecard,
    *,
    sure: bool,
) -> tuple[str, ...]:
    why = []
    if not talk.answered:
        why.append("答复过短")
    if matter is None or not sure:
        why.append("没有识别出事项")
    if talk.agent.confidence < scorecard.least_heard:
        why.append("听写可信度低")
    if any(one.is_fault for one in findings):
        why.append("发现疑似错误")
    if any(one.verdict is Verdict.UNSURE for one in findings if one.kind is not FindingKind.TOPIC):
        why.append("有结论证据不足")
    if any(one.kind is FindingKind.RISK for one in findings):
        why.append("来电人话语有风险信号")
    return tuple(why)
