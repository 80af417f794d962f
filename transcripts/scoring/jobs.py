"""The job ``score``: from a transcript to a score with findings, told to ticket and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework.facets import set_facets
from hotline.casework.tables import Case
from hotline.clock import CHINA, Clock
from hotline.jobs import DeadLetterError, Handler, Job
from hotline.store import Database, append
from hotline.talks.tables import DialledTable
from knowledge_base.cited.keeping import CALL, cited_in, remember
from transcripts.scoring.findings import Finding
from transcripts.scoring.scorecard import Scorecard, load_scorecard
from transcripts.scoring.scorer import Knowledge, Scored, score
from transcripts.scoring.speech import Turn, Word, split_at_pauses
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingTable, TranscriptTable, TurnTable

SCORE = "score"

log = structlog.get_logger(__name__)

Hints = Callable[[AsyncSession], Awaitable[frozenset[str]]]
"""Reads the items and vetoes that are shown but do not count; see :func:`scorer.score`."""


async def no_hints(session: AsyncSession) -> frozenset[str]:
    """Let every item count."""
    del session
    return frozenset()


class NothingToScoreError(DeadLetterError):
    """这个通话没有转写文本，不能评分。请先转写录音。"""

    error_id = "nothing-to-score"


@dataclass(frozen=True, slots=True)
class Material:
    """What the database holds of a call that is to be scored."""

    call_id: str
    transcript_id: int
    turns: tuple[Turn, ...]
    topic: str | None
    on: date


class Scorer:
    """Handles ``score``: ``{"call": id, "transcript": id}``.

    ``open_knowledge`` is asked for every job, so that an edited card or a new statute counts at
    once; it should keep what it has opened.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        open_knowledge: Callable[[], Knowledge],
        scorecard: Callable[[], Scorecard] = load_scorecard,
        hints: Hints = no_hints,
    ) -> None:
        self._database = database
        self._clock = clock
        self._open_knowledge = open_knowledge
        self._scorecard = scorecard
        self._hints = hints

    async def __call__(self, job: Job) -> None:
        """Score the call of ``job.payload["call"]``; a run twice for one transcript keeps one.

        Raises:
            NothingToScoreError: there is no transcript.
        """
        transcript = job.payload.get("transcript")
        await self.run(str(job.payload["call"]), transcript, again=bool(job.payload.get("again")))

    async def run(
        self, call_id: str, transcript_id: int | None = None, *, again: bool = True
    ) -> Scored | None:
        """Score a call now and keep the result; None where it was scored and ``again`` is off."""
        async with self._database.read() as session:
            material = await read_material(session, call_id, transcript_id)
            if material is None:
                raise NothingToScoreError(f"通话 {call_id} 没有转写文本，不能评分。", call=call_id)
            hints = await self._hints(session)
            known = await session.scalar(
                select(Score.id).where(Score.transcript_id == material.transcript_id)
            )
        if known is not None and not again:
            return None
        begun = self._clock.monotonic()
        scored = await asyncio.to_thread(self._score, material, hints)
        async with self._database.write() as session:
            await keep(session, material, scored, self._clock.now())
        seconds = round(self._clock.monotonic() - begun, 3)
        log.info("scored", call=call_id, total=scored.total, faults=len(scored.faults), s=seconds)
        return scored

    def _score(self, material: Material, hints: frozenset[str]) -> Scored:
        return score(
            material.turns,
            self._open_knowledge(),
            self._scorecard(),
            on=material.on,
            topic=material.topic,
            hints=hints,
        )


async def read_material(
    session: AsyncSession, call_id: str, transcript_id: int | None = None
) -> Material | None:
    """Read what is to be scored: the given transcript, or the call's newest."""
    query = (
        select(TranscriptTable, RecordingTable.created_at)
        .join(RecordingTable, RecordingTable.id == TranscriptTable.recording_id)
        .where(RecordingTable.call_id == call_id)
        .order_by(TranscriptTable.id.desc())
        .limit(1)
    )
    if transcript_id is not None:
        query = query.where(TranscriptTable.id == transcript_id)
    found = (await session.execute(query)).first()
    if found is None:
        return None
    transcript, recorded_at = found
    rows = await session.scalars(
        select(TurnTable)
        .where(TurnTable.transcript_id == transcript.id)
        .order_by(TurnTable.position)
    )
    call = await session.get(CallTable, call_id)
    topic = call.topic if call is not None else await _placed_about(session, call_id)
    when: datetime = call.started_at if call else recorded_at
    return Material(
        call_id=call_id,
        transcript_id=transcript.id,
        turns=tuple(turns_of(list(rows))),
        topic=topic or None,
        on=when.astimezone(CHINA).date(),
    )


async def _placed_about(session: AsyncSession, call_id: str) -> str | None:
    """Return the topic of the case from which somebody placed a call (点击外呼)."""
    query = select(Case.topic).join(DialledTable, DialledTable.case_id == Case.id)
    return await session.scalar(query.where(DialledTable.id == call_id))


def turns_of(rows: Sequence[TurnTable]) -> list[Turn]:
    """Take turns from their rows, cut where the speaker paused: a pause is a full stop."""
    turns: list[Turn] = []
    for row in rows:
        words = tuple(
            Word(
                text=str(word["text"]),
                start=float(word["start"]),
                end=float(word["end"]),
                confidence=word.get("confidence"),
            )
            for word in row.words
        )
        turn = Turn(row.leg, row.start, row.end, row.text, row.confidence, words)
        turns += split_at_pauses(turn)
    return turns


async def keep(session: AsyncSession, material: Material, scored: Scored, now: datetime) -> Score:
    """Write the score, put it on the ticket and tell of it, in the caller's transaction."""
    await session.execute(
        update(Score).where(Score.call_id == material.call_id).values(latest=False)
    )
    row = score_row(material, scored, now)
    session.add(row)
    await session.flush()
    case_id = await session.scalar(select(Case.id).where(Case.call_id == material.call_id))
    if case_id is not None:
        await set_facets(session, case_id, now, score=scored.total)
    spoken = [finding.article for finding in scored.findings if finding.item == "basis"]
    await remember(session, CALL, material.call_id, cited_in("。".join(spoken)), now)
    told = {
        "score": row.id,
        "total": scored.total,
        "accuracy": scored.accuracy,
        "legal_ok": scored.legal_ok,
        "veto": scored.veto,
        "faults": [finding.kind.value for finding in scored.faults],
        "needs_person": bool(scored.why_person),
        "risks": scored.risks,
    }
    append(session, "score.ready", material.call_id, told, now)
    return row


def score_row(material: Material, scored: Scored, now: datetime) -> Score:
    """Return the row of a score with its findings."""
    matter = scored.matter
    return Score(
        call_id=material.call_id,
        transcript_id=material.transcript_id,
        latest=True,
        scorecard=scored.scorecard.id,
        scorecard_version=scored.scorecard.version,
        law_date=material.on,
        topic=matter.card.topic if matter else None,
        card=matter.card.id if matter else None,
        card_version=matter.card.version if matter else None,
        card_confidence=matter.confidence if matter else 0.0,
        total=scored.total,
        judged_share=scored.judged_share,
        accuracy=scored.accuracy,
        legal_ok=scored.legal_ok,
        veto=scored.veto,
        faults=len(scored.faults),
        needs_person=bool(scored.why_person),
        why_person="、".join(scored.why_person),
        items=[
            {
                "id": item.rule.id,
                "title": item.rule.title,
                "weight": item.rule.weight,
                "legal": item.rule.legal,
                "applies": item.applies,
                "judged": item.judged,
                "hint": item.hint,
                "points": None if item.share is None else round(item.rule.weight * item.share, 2),
                "words": item.words,
            }
            for item in scored.items
        ],
        risks=scored.risks,
        created_at=now,
        findings=[finding_row(finding) for finding in scored.findings],
    )


def finding_row(finding: Finding) -> FindingRow:
    """Return the row of a finding."""
    return FindingRow(
        item=finding.item,
        kind=finding.kind.value,
        verdict=finding.verdict.value,
        fault=finding.is_fault,
        confidence=finding.confidence,
        at_second=finding.at_second,
        until_second=finding.until_second,
        leg=finding.leg,
        sentence=finding.sentence,
        card=finding.card,
        subject=finding.subject,
        article=finding.article,
        heard=finding.heard,
        expected=finding.expected,
        critical=finding.critical,
        words=finding.words,
    )


def handlers(
    database: Database,
    clock: Clock,
    open_knowledge: Callable[[], Knowledge],
    hints: Hints = no_hints,
) -> dict[str, Handler]:
    """Return what a worker needs to score."""
    return {SCORE: Scorer(database, clock, open_knowledge, hints=hints)}
