"""Call-backs and blocked numbers of the made-up day."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import Asked, CallBackOutcome, CallBackTable
from hotline.casework import Case
from hotline.routing.tables import BlockedCallerTable

_OPEN = (
    ("13955120318", Asked.KEPT, "wages", 21, 0, "", "回拨：来电人登记回电，保留排队位置"),
    ("18609302277", Asked.KEPT, "marriage", 12, 0, "", "回拨：来电人登记回电，保留排队位置"),
    ("09306612208", Asked.MISSED, "lease", 95, 1, "", "第 1 次回拨未接通，11-24 14:50 后再拨"),
    ("15393010466", Asked.VOICEMAIL, "traffic", 240, 0, "", "回拨：来电人留言，安排回拨"),
    ("13830177652", Asked.WEB, "inheritance", 300, 0, "afternoon", "回拨：网上请求回电"),
)
_CLOSED = (
    ("13519301145", Asked.KEPT, "wages", 50, 1, CallBackOutcome.ANSWERED, "回拨已接通"),
    ("18793003310", Asked.MISSED, "lending", 130, 3, CallBackOutcome.UNREACHED, ""),
    ("13993055871", Asked.KEPT, "consumer", 160, 0, CallBackOutcome.CALLED_IN, ""),
    ("15101960023", Asked.VOICEMAIL, "neighbour", 200, 2, CallBackOutcome.ANSWERED, "回拨已接通"),
    ("13893044120", Asked.MISSED, "property", 230, 1, CallBackOutcome.ANSWERED, "回拨已接通"),
)
_UNREACHED = "3 次回拨均未接通，请人工联系来电人"


async def call_back(session: AsyncSession, now: datetime) -> None:
    """Put call-backs in line and close some; tickets that wait for one are theirs."""
    tickets = list(
        await session.scalars(
            select(Case)
            .where(Case.service == "ticket", Case.state == "callback", ~Case.confidential)
            .order_by(Case.opened_at.desc())
            .limit(len(_OPEN))
        )
    )
    for number, (caller, asked, topic, minutes, tries, part, words) in enumerate(_OPEN):
        since = now - timedelta(minutes=minutes)
        session.add(
            CallBackTable(
                id=f"b{number}",
                number=caller,
                asked=asked.value,
                case_id=tickets[number].id if number < len(tickets) else None,
                topic=topic,
                day_part=part,
                since=since,
                due_at=now + timedelta(minutes=8) if tries else since,
                tries=tries,
                created_at=since,
                words=words,
            )
        )
    for number, (caller, asked, topic, minutes, tries, outcome, words) in enumerate(_CLOSED):
        since = now - timedelta(minutes=minutes)
        session.add(
            CallBackTable(
                id=f"b1{number}",
                number=caller,
                asked=asked.value,
                topic=topic,
                since=since,
                due_at=since,
                tries=tries,
                created_at=since,
                closed_at=since + timedelta(minutes=9),
                outcome=outcome.value,
                words=words or (_UNREACHED if outcome is CallBackOutcome.UNREACHED else ""),
            )
        )


def block(session: AsyncSession, now: datetime) -> None:
    """Block some numbers: one waits for review, one was reviewed, one is over."""
    day = timedelta(days=1)
    for number, reason, by, since, until, asked, reviewed, note in (
        (
            *("13700930551", "11 月 23 日下午连续辱骂值班律师 6 次，录音可查", "周敏"),
            *(now - day * 0.9, now + day * 2.1, now + day * 6.1, "", ""),
        ),
        (
            *("17093015520", "推销网贷，一天拨打 40 余次", "林秀英"),
            *(now - day * 5, now + day * 25, now + day * 25, "周敏", "已听录音，属实"),
        ),
        (
            *("13309308874", "酒后反复拨打，不提出问题", "林秀英"),
            *(now - day * 20, now - day * 17, now - day * 13, "周敏", "已致歉，解除"),
        ),
    ):
        session.add(
            BlockedCallerTable(
                number=number,
                reason=reason,
                by=by,
                since=since,
                until=until,
                asked_until=asked,
                reviewed_by=reviewed,
                reviewed_at=since + day if reviewed else None,
                review_note=note,
            )
        )
