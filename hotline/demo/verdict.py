"""What came of each scripted call, held against its script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.tables import AgentTable
from hotline.calls.tables import CallTable, Outcome
from hotline.casework.tables import Case
from hotline.demo.scripts import Conversation, Route
from hotline.store import Database
from transcripts.evaluation import comparable, edits
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

GREATEST_CER = 0.05
"""Character error rate of a whole call that the demonstration may have."""

_ROUTES = {
    Outcome.ANSWERED: Route.LAWYER,
    Outcome.STATION: Route.STATION,
    Outcome.VOICEMAIL: Route.VOICEMAIL,
    Outcome.ABANDONED: Route.ABANDONED,
}


@dataclass(frozen=True)
class Verdict:
    """One call of the demonstration; the public fields are printed by ``--json``."""

    scenario: str
    ticket: str | None
    route: str | None
    person: str | None
    transcript_cer: float | None
    findings: tuple[str, ...]
    satisfaction: int | None
    solved: bool | None
    problems: tuple[str, ...]
    """In what the call is not as its script says; empty where all is well."""

    @classmethod
    def missing(cls, script: Conversation, problem: str) -> Verdict:
        """Return the verdict on a call of which nothing is known."""
        return cls(script.id, None, None, None, None, (), None, None, (problem,))

    @property
    def ok(self) -> bool:
        """Whether the call went as its script says."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """Return the printed object."""
        return {**asdict(self), "ok": self.ok}


async def judge(database: Database, conversation: Conversation, since: datetime) -> Verdict | None:
    """Judge the newest call of a script that began after ``since``.

    Returns:
        ``None`` while the call, its transcript or its score is not there yet.
    """
    async with database.read() as session:
        call = await session.scalar(
            select(CallTable)
            .where(CallTable.number == conversation.number, CallTable.started_at >= since)
            .order_by(CallTable.started_at.desc())
            .limit(1)
        )
        if call is None or call.ended_at is None:
            return None
        case = await session.scalar(select(Case).where(Case.call_id == call.id))
        recording = await session.scalar(
            select(RecordingTable).where(RecordingTable.call_id == call.id)
        )
        expects_talk = conversation.expect.route is not Route.ABANDONED
        score = await session.scalar(select(Score).where(Score.call_id == call.id, Score.latest))
        unreadable = recording is not None and recording.state == RecordingState.UNREADABLE
        talked = conversation.expect.route in {Route.LAWYER, Route.STATION}
        if case is None or (expects_talk and recording is None):
            return None
        if talked and score is None and not unreadable:
            return None
        cer = await _error_rate(session, recording, conversation) if recording else None
        if conversation.expect.route is Route.VOICEMAIL and cer is None and not unreadable:
            return None
        person = await session.get(AgentTable, call.agent_id) if call.agent_id else None
        findings = sorted({f.kind for f in await _faults(session, score)})
    return _held_against(
        conversation, call, ticket=case.number, person=person, cer=cer, findings=findings
    )


def _held_against(
    conversation: Conversation,
    call: CallTable,
    *,
    ticket: str,
    person: AgentTable | None,
    cer: float | None,
    findings: Sequence[str],
) -> Verdict:
    expect = conversation.expect
    route = _ROUTES.get(Outcome(call.outcome)) if call.outcome else None
    solved = {1: True, 2: False}.get(call.solved or 0)
    problems = [
        f"{what}应为 {wanted}，实为 {got}"
        for what, wanted, got in (
            ("去向", expect.route, route or call.outcome),
            ("发现的问题", sorted(expect.findings), list(findings)),
            ("满意度", expect.satisfaction, call.satisfaction),
            ("是否解决", expect.solved, solved),
        )
        if wanted != got
    ]
    if conversation.lines and (cer is None or cer > GREATEST_CER):
        problems.append(f"转写字错率应不超过 {GREATEST_CER:.0%}，实为 {cer}")
    return Verdict(
        scenario=conversation.id,
        ticket=ticket,
        route=route or call.outcome,
        person=person.name if person else None,
        transcript_cer=cer,
        findings=tuple(findings),
        satisfaction=call.satisfaction,
        solved=solved,
        problems=tuple(problems),
    )


async def _error_rate(
    session: AsyncSession, recording: RecordingTable, conversation: Conversation
) -> float | None:
    transcript = await session.scalar(
        select(TranscriptTable)
        .where(TranscriptTable.recording_id == recording.id)
        .order_by(TranscriptTable.id.desc())
        .limit(1)
    )
    if transcript is None:
        return None
    turns = list(
        await session.scalars(
            select(TurnTable)
            .where(TurnTable.transcript_id == transcript.id)
            .order_by(TurnTable.position)
        )
    )
    wrong = said = 0
    legs: tuple[Literal["agent", "caller"], ...] = ("agent", "caller")
    for leg in legs:
        heard = comparable("".join(turn.said for turn in turns if turn.leg == leg))
        script = comparable(conversation.said_by(leg))
        wrong, said = wrong + edits(script, heard), said + len(script)
    return round(wrong / said, 4) if said else None


async def _faults(session: AsyncSession, score: Score | None) -> list[FindingRow]:
    if score is None:
        return []
    query = select(FindingRow).where(FindingRow.score_id == score.id, FindingRow.fault)
    return list(await session.scalars(query))
