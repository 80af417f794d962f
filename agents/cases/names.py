"""Names for the codes in cases, and what fields of type ``code`` choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agents.pages.tickets import Names as ListNames
from agents.pages.words import topics
from agents.tables import AgentTable, OrganisationTable
from hotline.casework.fields import FieldType, FormField, Sensitivity
from hotline.public.forms import Lists
from hotline.web import masking
from hotline.web.tables import User

HIDDEN = "已隐藏"


@dataclass(frozen=True)
class Names(ListNames):
    """Names of people, places and topics."""

    topics: Mapping[str, str]

    def of(self, field: str) -> Mapping[str, str]:
        """Return what a field of type ``code`` chooses from, by its name."""
        if field == "topic":
            return self.topics
        if field.endswith(("assignee_id", "person")):
            return self.people
        if field.endswith(("organisation_id", "place", "jurisdiction")):
            return self.places
        return {}

    def person(self, code: str | None) -> str:
        """Return who that is; an unknown code names itself."""
        if code == "system":
            return "系统"
        if code == "applicant":
            return "申请人"
        return super().person(code)

    def lists(self) -> Lists:
        """Return the lists as forms know them."""
        return Lists(
            topics=list(self.topics.items()),
            places=list(self.places.items()),
            organisations=list(self.places.items()),
            people=list(self.people.items()),
        )

    def words(self, field: FormField, value: Any) -> str:
        """Return a field's value as a person reads it, nothing hidden."""
        if value in (None, "", []):
            return ""
        if field.type is FieldType.CODE:
            return self.of(field.name).get(str(value), str(value))
        if field.type is FieldType.MONEY:
            return f"{float(value):,.2f} 元".replace(".00 元", " 元")
        if field.type is FieldType.DATETIME:
            return str(value)[:16].replace("T", " ")
        return field.words(value)

    def masked(self, field: FormField, value: Any) -> str:
        """Return it as the page shows it before somebody asks, on the record, for all of it."""
        words = self.words(field, value)
        if not words or field.sensitivity not in {Sensitivity.PERSONAL, Sensitivity.SENSITIVE}:
            return words
        if field.type is FieldType.PHONE:
            return masking.number(words)
        if field.type is FieldType.ID_NUMBER:
            return f"{words[:4]}**********{words[-2:]}"
        if field.name == "caller_name" or field.name.endswith("_name"):
            return masking.name(words)
        if field.sensitivity is Sensitivity.SENSITIVE:
            return HIDDEN
        return words


async def naming(session: AsyncSession) -> Callable[[str, str], str]:
    """Return what notices and documents call people and places by."""
    known = await read_names(session)
    return lambda field, code: known.of(field).get(code, code)


async def read_names(session: AsyncSession) -> Names:
    """Read the names of everybody who can be given a case, and of all places."""
    agents = await session.execute(select(AgentTable.id, AgentTable.name).order_by(AgentTable.id))
    people = {row[0]: row[1] for row in agents}
    users = await session.execute(
        select(User.account, User.agent_id, User.name)
        .where(User.disabled_at.is_(None))
        .order_by(User.account)
    )
    for account, agent_id, name in users:
        people.setdefault(agent_id or account, name)
    places = await session.execute(
        select(OrganisationTable.code, OrganisationTable.name).order_by(OrganisationTable.id)
    )
    return Names(people, {row[0]: row[1] for row in places}, topics())
