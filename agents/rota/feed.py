"""Everyone's own shifts as a calendar (iCalendar, RFC 5545) behind a signed address.

A telephone's calendar cannot sign in; the address itself is the key. It is made from the
installation's secret, so that nothing is stored that could be read; a new version closes it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event
from sqlalchemy.ext.asyncio import AsyncSession

from agents.rota.rules import Rules
from agents.rota.tables import FeedTable, ShiftTable
from hotline.secretsfile import SecretsFile

_NAME = re.compile(r"([a-z0-9_-]{1,64})\.([0-9]{1,9})\.([A-Za-z0-9_-]{43})")
BEFORE = timedelta(days=60)
AFTER = timedelta(days=180)
REMIND = timedelta(minutes=30)


def name_of(secrets: SecretsFile, agent_id: str, version: int) -> str:
    """Return the last part of a person's address."""
    return f"{agent_id}.{version}.{_signature(secrets, agent_id, version)}"


async def owner(session: AsyncSession, secrets: SecretsFile, name: str) -> str | None:
    """Return whose calendar an address opens; ``None``: it is forged, or closed."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    agent_id, version, given = found.group(1), int(found.group(2)), found.group(3)
    if not hmac.compare_digest(given, _signature(secrets, agent_id, version)):
        return None
    return agent_id if version == await version_of(session, agent_id) else None


async def version_of(session: AsyncSession, agent_id: str) -> int:
    """Return the version of a person's address that is good now."""
    row = await session.get(FeedTable, agent_id)
    return row.version if row is not None else 1


async def renew(session: AsyncSession, agent_id: str) -> int:
    """Close a person's address; return the version of the new one."""
    row = await session.get(FeedTable, agent_id, with_for_update=True)
    if row is None:
        row = FeedTable(agent_id=agent_id, version=1)
        session.add(row)
    row.version += 1
    return row.version


def write(shifts: Iterable[ShiftTable], rules: Rules, host: str, hotline: str) -> bytes:
    """Write the calendar of one person."""
    calendar = Calendar()
    calendar.add("prodid", "-//hotline12348//rota//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{hotline} 值班")
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for shift in shifts:
        calendar.add_component(_event(shift, rules, host, hotline))
    return bytes(calendar.to_ical())


def _event(shift: ShiftTable, rules: Rules, host: str, hotline: str) -> Event:
    event = Event()
    event.add("uid", f"shift-{shift.id}@{host}")
    event.add("dtstamp", shift.changed_at)
    event.add("last-modified", shift.changed_at)
    event.add("sequence", shift.revision)
    event.add("dtstart", shift.starts_at)
    event.add("dtend", shift.ends_at)
    event.add("summary", f"{hotline} 值班（{rules.seat_name(shift.seat)}）")
    event.add("transp", "OPAQUE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", "即将值班")
    alarm.add("trigger", -REMIND)
    event.add_component(alarm)
    return event


def _signature(secrets: SecretsFile, agent_id: str, version: int) -> str:
    key = secrets.get("rota-feed").encode()
    digest = hmac.new(key, f"{agent_id}.{version}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def span(now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when a calendar tells."""
    return now - BEFORE, now + AFTER
