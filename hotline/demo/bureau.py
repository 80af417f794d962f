"""The demonstration's bureau: its places, people, telephones and sign-ins."""

from __future__ import annotations

from sqlalchemy import select

from agents.tables import AgentTable, OrganisationTable, PresenceTable
from hotline.clock import Clock
from hotline.demo.scripts import Cast, Person
from hotline.errors import ConflictError
from hotline.routing.people import Presence, Wish
from hotline.store import Database
from hotline.web.accounts import Accounts, NewUser
from hotline.web.passwords import random_password
from hotline.web.permissions import Role

DEMONSTRATOR = "demo"


async def settle(database: Database, cast: Cast, clock: Clock) -> None:
    """Put the places and people into the database, all signed in; what is there is kept."""
    async with database.write() as session:
        known = await session.execute(select(OrganisationTable.code, OrganisationTable.id))
        codes: dict[str, int] = {row[0]: row[1] for row in known}
        for place in cast.organisations:
            if place.code in codes:
                continue
            row = OrganisationTable(
                kind=place.kind,
                code=place.code,
                name=place.name,
                parent_id=codes.get(place.parent) if place.parent else None,
                numbers=list(place.numbers),
            )
            session.add(row)
            await session.flush()
            codes[place.code] = row.id
        for person in cast.people:
            if await session.get(AgentTable, person.id) is None:
                session.add(_agent(person, codes[person.organisation]))
                session.add(
                    PresenceTable(
                        agent_id=person.id,
                        state=Presence.READY.value,
                        wish=Wish.READY.value,
                        since=clock.now(),
                    )
                )
                await session.flush()


def _agent(person: Person, organisation_id: int) -> AgentTable:
    return AgentTable(
        id=person.id,
        staff_no=person.staff_no,
        name=person.name,
        kind=person.kind,
        organisation_id=organisation_id,
        skills=dict(person.skills),
        endpoint=f"PJSIP/{person.id}",
    )


async def demonstrator(accounts: Accounts) -> str:
    """Return a new password of the demonstration's account, which sees every page."""
    password = random_password()
    roles = frozenset({Role.SUPERVISOR, Role.REVIEWER, Role.BUREAU, Role.ADMIN})
    try:
        await accounts.add(NewUser(DEMONSTRATOR, "演示主管", roles), password)
    except ConflictError:
        await accounts.reset_password(DEMONSTRATOR, password)
    return password
