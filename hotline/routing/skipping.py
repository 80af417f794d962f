"""Who need not listen to the menu (免菜单名单): kept in Asterisk's own database, by number.

The menu asks there (``HL_SKIP/<number>``), so that nobody is waited for and a controller that is
away changes nothing. The list follows from earlier tickets and surveys; nobody keeps it by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.ami import ActionFailedError, Link, actions
from hotline.calls.tables import CallTable
from hotline.casework.tables import Case
from hotline.routing import known
from hotline.routing.policy import Policy
from hotline.store import Database

log = structlog.get_logger(__name__)

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


async def follow(link: Link, list_: Mapping[str, str]) -> int:
    """Bring Asterisk's list to ``list_``; return how many numbers changed.

    Raises:
        AmiError: Asterisk did not take it; the next look goes on.
    """
    there = await _there(link)
    changed = 0
    for number, why in list_.items():
        if there.get(number) != why:
            await link.send(actions.DBPut(FAMILY, number, why))
            changed += 1
    for number in there.keys() - list_.keys():
        try:
            await link.send(actions.DBDel(FAMILY, number))
        except ActionFailedError:
            continue  # gone meanwhile
        changed += 1
    if changed:
        log.info("list of who skips the menu", numbers=len(list_), changed=changed)
    return changed


async def _there(link: Link) -> dict[str, str]:
    listing = actions.Custom("DBGetTree", {"Family": FAMILY}, listing=True)
    try:
        answer = await link.send(listing, within=30.0)
    except ActionFailedError:  # Asterisk's way to say that there are none
        return {}
    return {
        row["Key"].rpartition("/")[2]: row.get("Val", "") for row in answer.events if "Key" in row
    }


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
