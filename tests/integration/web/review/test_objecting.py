"""A lawyer objects to a grade, in time, and another reviewer answers."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from hotline.clock import ManualClock
from hotline.store import Database
from hotline.web.permissions import Role
from tests.integration.web.review.reviewing import RULES, drawn, graded
from transcripts.review import appeals
from transcripts.review.tables import (
    AppealTable,
    ResultTable,
)


async def test_a_lawyer_objects_in_time_and_another_reviewer_answers(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    mei = await signed_in("mei", Role.REVIEWER)
    await graded(mei, "1.1", **{"item-opening": "3"})
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    other = await signed_in("chen", Role.LAWYER, agent_id="chen")
    mine = (await wang.get("/review/mine")).text
    link = re.search(r"/review/mine/(\d+)", mine)
    assert link
    assert (await other.get(link.group(0))).status == 404
    assert "mei" not in (await wang.get(link.group(0))).text
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": " "})).status in {400, 422}
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": "开头语说了"})).status == 303
    assert (await wang.post(f"{link.group(0)}/appeal", {"words": "再说"})).status == 409
    assert "/review/1.1" not in (await mei.get("/review?tab=appeals")).text
    tao = await signed_in("tao", Role.REVIEWER)
    assert "律师申诉" in (await tao.get("/review?tab=appeals")).text
    assert "开头语说了" in (await tao.get("/review/1.1?purpose=appeal")).text
    await graded(tao, "1.1", "appeal")
    async with database.read() as session:
        assert (await session.get_one(ResultTable, "1.1")).total == 100
        appeal = (await session.scalars(select(AppealTable))).one()
        assert appeal.answer_id is not None
    assert "已答复" in (await wang.get(link.group(0))).text


async def test_an_appeal_after_five_working_days_is_too_late(
    signed_in: Any, talk: Any, database: Database, clock: ManualClock
) -> None:
    await talk("1.1")
    await drawn(database, clock)
    await graded(await signed_in("mei", Role.REVIEWER), "1.1")
    # Graded on Tuesday 2026-11-24: the fifth working day after it is Tuesday 12-01.
    until = appeals.deadline(clock.now(), RULES)
    assert f"{until:%m-%d}" == "12-01"
    clock.advance((until - clock.now()).total_seconds() + 1)
    wang = await signed_in("wang", Role.LAWYER, agent_id="wang")
    link = re.search(r"/review/mine/(\d+)", (await wang.get("/review/mine")).text)
    assert link
    assert "截止" in (await wang.get(link.group(0))).text
    late = await wang.post(f"{link.group(0)}/appeal", {"words": "迟了"})
    assert (late.status, "申诉期限" in late.text) == (409, True)
