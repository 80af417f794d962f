"""Sound, transcript and score of the made-up talks. The sound is shaped noise, nobody's voice."""

from __future__ import annotations

import wave
import zlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.demo.sample.talks import Found, Talk
from transcripts.scoring.tables import FindingRow, Score
from transcripts.tables import RecordingState, RecordingTable, TranscriptTable, TurnTable

RATE = 8000
_PER_CHARACTER = 0.19
_PAUSE = 0.7
_UNSURE = frozenset("六八半")

_ITEMS = (
    ("opening", "开头语、结束语，报姓名工号", 5),
    ("listening", "倾听：复述诉求，询问时间、金额、证据", 12),
    ("matter", "法律关系（案由）判断正确", 15),
    ("basis", "法律依据正确且现行有效", 18),
    ("complete", "答复完整：结论、条件、程序、时限、风险", 15),
    ("guidance", "指引到位：法援、仲裁、调解、110 等", 10),
    ("legal_aid", "应告知法律援助的已告知", 5),
    ("manner", "态度、通俗、安抚", 10),
    ("ticket", "工单填写正确及时", 10),
)


async def record(
    session: AsyncSession,
    folder: Path,
    spoken: Sequence[tuple[str, Talk, datetime]],
    now: datetime,
) -> None:
    """Record the talks: the first round whole, of the second one damaged and one still waiting."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - made-up data, nobody waits
    for place, (call_id, talk, at) in enumerate(spoken):
        state = RecordingState.TRANSCRIBED
        if place == len(spoken) - 1:
            state = RecordingState.UNREADABLE
        elif place == len(spoken) - 2:
            state = RecordingState.WAITING
        await _one(session, folder, call_id, talk, at=min(at, now), state=state)


async def _one(
    session: AsyncSession, folder: Path, call_id: str, talk: Talk, *, at: datetime, state: str
) -> None:
    times = _times(talk)
    seconds = times[-1][1] + 1.0
    damaged = state == RecordingState.UNREADABLE
    for leg, side in (("c", "caller"), ("a", "agent")):
        spans = [span for span, (who, _) in zip(times, talk.turns, strict=True) if who == leg]
        file = folder / f"{call_id}-1.{side}.wav"
        _write(file, spans, seconds, pitch=120.0 if leg == "a" else 190.0)
        if damaged:
            file.write_bytes(file.read_bytes()[:5000])
    row = RecordingTable(
        call_id=call_id,
        caller_path=f"{call_id}-1.caller.wav",
        agent_path=f"{call_id}-1.agent.wav",
        seconds=seconds,
        state=state,
        error="录音文件不完整：文件比文件头所写的短。" if damaged else None,
        created_at=at,
    )
    session.add(row)
    await session.flush()
    if state == RecordingState.TRANSCRIBED:
        transcript = _transcript(row.id, talk, times, at)
        session.add(transcript)
        await session.flush()
        session.add(_score(call_id, transcript.id, talk, times, at))


def _times(talk: Talk) -> list[tuple[float, float]]:
    clock, found = 0.5, []
    for _, words in talk.turns:
        end = clock + max(1.2, len(words) * _PER_CHARACTER)
        found.append((clock, end))
        clock = end + _PAUSE
    return found


def _write(file: Path, spans: Sequence[tuple[float, float]], seconds: float, pitch: float) -> None:
    chance = np.random.default_rng(zlib.crc32(file.name.encode()))
    time = np.arange(int(seconds * RATE)) / RATE
    voice = np.sin(2 * np.pi * pitch * time) + 0.4 * np.sin(4 * np.pi * pitch * time)
    syllables = 0.35 + 0.65 * np.abs(np.sin(2 * np.pi * 2.6 * time + chance.uniform(0, 3)))
    loud = np.zeros_like(time)
    for start, end in spans:
        inside = (time >= start) & (time < end)
        loud[inside] = chance.uniform(0.55, 1.0)
    drift = 0.7 + 0.3 * np.sin(2 * np.pi * 0.31 * time)
    noise = chance.normal(0, 0.012, len(time))
    samples = (voice * syllables * loud * drift * 0.22 + noise) * 20000
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.astype("<i2").tobytes())


def _transcript(
    recording_id: int, talk: Talk, times: Sequence[tuple[float, float]], at: datetime
) -> TranscriptTable:
    return TranscriptTable(
        recording_id=recording_id,
        engine="vosk",
        model="hotline-tiny",
        model_description="随程序附带，只认得合成语音",
        demonstration=True,
        seconds_taken=3.1,
        created_at=at,
        turns=[
            TurnTable(
                position=place,
                leg="caller" if who == "c" else "agent",
                start=start,
                end=end,
                text=words,
                said=words,
                confidence=0.93,
                words=_words(words, start, end),
            )
            for place, ((who, words), (start, end)) in enumerate(
                zip(talk.turns, times, strict=True)
            )
        ],
    )


def _words(text: str, start: float, end: float) -> list[dict[str, object]]:
    step = (end - start) / max(1, len(text))
    return [
        {
            "text": letter,
            "start": start + place * step,
            "end": start + (place + 1) * step,
            "confidence": 0.52 if letter in _UNSURE else 0.95,
            "said": letter,
        }
        for place, letter in enumerate(text)
    ]


def _score(
    call_id: str, transcript_id: int, talk: Talk, times: Sequence[tuple[float, float]], at: datetime
) -> Score:
    wrong = {found.item for found in talk.findings if found.verdict == "wrong"}
    return Score(
        call_id=call_id,
        transcript_id=transcript_id,
        scorecard="12348",
        scorecard_version=1,
        law_date=at.date(),
        topic=talk.topic,
        card=f"{talk.topic}_sample",
        card_confidence=0.91,
        total=talk.total,
        judged_share=0.8,
        accuracy=1.0 if talk.legal_ok else 0.6,
        legal_ok=talk.legal_ok,
        veto="promised_outcome" if talk.total == 0 else None,
        faults=sum(1 for found in talk.findings if found.verdict == "wrong"),
        needs_person=bool(wrong),
        why_person="发现可能使来电人失权的差错，须质检员听录音确认。" if wrong else "",
        items=[_item(*item, wrong=item[0] in wrong) for item in _ITEMS],
        risks=[],
        created_at=at,
        findings=[_finding(found, talk, times) for found in talk.findings],
    )


def _item(code: str, title: str, weight: int, *, wrong: bool) -> dict[str, object]:
    judged = code not in {"manner", "ticket"}
    return {
        "id": code,
        "title": title,
        "weight": weight,
        "points": (0.4 * weight if wrong else float(weight)) if judged else None,
        "applies": True,
        "judged": judged,
        "confidence": 0.9,
        "words": "",
    }


def _finding(found: Found, talk: Talk, times: Sequence[tuple[float, float]]) -> FindingRow:
    missing = found.verdict == "missing"
    start, end = times[found.turn]
    return FindingRow(
        item=found.item,
        kind=found.kind,
        verdict=found.verdict,
        fault=found.verdict == "wrong",
        confidence=0.94 if found.verdict == "wrong" else 0.86,
        at_second=None if missing else start,
        until_second=None if missing else end,
        leg="agent",
        sentence="" if missing else talk.turns[found.turn][1],
        card=f"{talk.topic}_sample",
        subject="",
        article=found.article,
        heard=found.heard,
        expected=found.expected,
        critical=found.critical,
        words=found.words,
    )
