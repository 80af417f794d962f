"""Who need not listen to the menu (免菜单名单): kept in Asterisk's own database, by number.

The menu asks there (``HL_SKIP/<number>``), so that nobody is waited for and a controller that is
away changes nothing. The list follows from earlier tickets and surveys; nobody keeps it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.calls.tables import CallTable
from hotline.casework.tables import Case
from hotline.routing import known
from hotline.routing.policy import Policy
from hotline.store import Database

FAMILY = "HL_SKIP"
WORDS = {"elderly": "elderly", known.REPEAT: "unsolved"}
"""Priority class to the menu's word for it; the first that somebody has counts."""
_NUMBER = re.compile(r"\+?\d{5,20}", re.ASCII)
_AT_ONCE = 400


async def wanted(database: Database, policy: Policy, now: datetime) -> dict[str, str]:
    """Return why each number skips the menu that does.

    Raises:
        DatabaseUnavailableError: the list stays as it is.
    """
    async with database.read() as session:
        numbers = {*await _of_the_old(session, policy, now), *await _unhelped(session, policy, now)}
    found: dict[str, str] = {}
    for some in _parts(sorted(n for n in numbers if _NUMBER.fullmatch(n))):
        told = await known.look_up(database, some, now, policy.last_agent_days, policy.group_days)
        for number, one in told.items():
            why = next((WORDS[c] for c in policy.skip_menu if c in one.classes), "")
            if why:
                found[number] = why
    return found


async def _of_the_old(session: AsyncSession, policy: Policy, now: datetime) -> Iterable[str]:
    """Return the numbers of tickets that name somebody old; a later ticket may say otherwise."""
    if not policy.group_days:
        return ()
    query = (
        select(Case.caller_number)
        .where(
            Case.service == known.TICKET,
            Case.opened_at > now - timedelta(days=policy.group_days),
            Case.caller_number.is_not(None),
            or_(
                Case.data["age_band"].as_string() == "senior",
                Case.data["special_group"].as_string().like("%elderly%"),
            ),
        )
        .distinct()
    )
    return [str(number) for number in await session.scalars(query)]


async def _unhelped(session: AsyncSession, policy: Policy, now: datetime) -> Iterable[str]:
    query = (
        select(CallTable.number)
        .where(
            CallTable.started_at > now - timedelta(days=policy.last_agent_days),
            or_(CallTable.solved == known.UNSOLVED, CallTable.satisfaction == known.DISSATISFIED),
        )
        .distinct()
    )
    return (await session.scalars(query)).all()


def _parts(numbers: list[str]) -> Iterable[list[str]]:
    return [numbers[at : at + _AT_ONCE] for at in range(0, len(numbers), _AT_ONCE)]
