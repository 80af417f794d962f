"""Credentials of the browser's telephone: made for one sign-in, short-lived, taken back.

Each call of :meth:`Credentials.issue` makes a fresh secret and puts it into Asterisk's database,
where it replaces the one before: whoever kept an older one is refused. The page asks anew before
the end; a secret that nobody renewed, or whose sign-in is over, is taken back.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, or_, select

from agents.phones.lines import browser_endpoint
from agents.phones.tables import PhoneCredentialTable
from hotline.ami import AmiError, Link
from hotline.asterisk import phones
from hotline.asterisk.server import Asterisk
from hotline.clock import Clock
from hotline.errors import HotlineError
from hotline.settings import Settings
from hotline.store import Database
from hotline.web.tables import WebSession

GOOD_FOR = timedelta(minutes=10)
RENEW_AFTER = timedelta(minutes=4)
"""The page asks anew after this long; two tries may fail before the end."""


class SwitchAwayError(HotlineError):
    """话务服务器（Asterisk）没有应答，软电话暂时不能用。请稍候，页面会自动重试；仍不行请告诉管理员。"""

    error_id = "switch-away"


class Switch(Protocol):
    """What keeps the secrets: Asterisk."""

    async def put(self, name: str, secret: str) -> None:
        """Let ``name`` register with ``secret`` and no other."""
        ...

    async def forget(self, name: str) -> None:
        """Let nobody register as ``name``."""
        ...


class AsteriskSwitch:
    """The Asterisk of an installation, over a link that is opened when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._link: Link | None = None

    async def _up(self) -> Link:
        if self._link is None:
            address = Asterisk(self._settings).address
            # Its events are the controller's business: none is decoded here.
            link = Link(address, on_event=lambda _: None, wanted={"FullyBooted": ""})
            await link.start(patience=0)
            self._link = link
        return self._link

    async def put(self, name: str, secret: str) -> None:
        """See :class:`Switch`.

        Raises:
            SwitchAwayError: it cannot be reached, or refused.
        """
        try:
            await phones.set_secret(await self._up(), name, secret)
        except AmiError as error:
            raise SwitchAwayError from error

    async def forget(self, name: str) -> None:
        """See :class:`Switch`.

        Raises:
            SwitchAwayError: it cannot be reached, or refused.
        """
        try:
            await phones.revoke(await self._up(), name)
        except AmiError as error:
            raise SwitchAwayError from error

    async def close(self) -> None:
        """End the link."""
        if self._link is not None:
            await self._link.close()


@dataclass(frozen=True)
class Credential:
    """What a browser registers with."""

    user: str
    secret: str = field(repr=False)
    expires_at: datetime


class Credentials:
    """Makes credentials and takes them back."""

    def __init__(self, database: Database, clock: Clock, switch: Switch) -> None:
        self._database = database
        self._clock = clock
        self._switch = switch

    async def issue(self, agent_id: str, session_id: int) -> Credential:
        """Make a credential for a person's browser; the one before is good no more.

        Raises:
            SwitchAwayError: Asterisk did not take it.
        """
        now = self._clock.now()
        made = Credential(browser_endpoint(agent_id), secrets.token_urlsafe(32), now + GOOD_FOR)
        async with self._database.write() as session:
            await session.merge(
                PhoneCredentialTable(
                    endpoint=made.user,
                    agent_id=agent_id,
                    session_id=session_id,
                    issued_at=now,
                    expires_at=made.expires_at,
                )
            )
        # After the row: a secret that Asterisk knows always has an end that we know.
        await self._switch.put(made.user, made.secret)
        return made

    async def holder(self, agent_id: str) -> int | None:
        """Return the sign-in that a person's browser telephone belongs to now."""
        async with self._database.read() as session:
            row = await session.get(PhoneCredentialTable, browser_endpoint(agent_id))
        return row.session_id if row is not None and row.expires_at > self._clock.now() else None

    async def give_back(self, agent_id: str, session_id: int) -> None:
        """Take a credential back at once, if it still belongs to this sign-in.

        Raises:
            SwitchAwayError: Asterisk could not be told; it is tried again.
        """
        row = PhoneCredentialTable
        async with self._database.write() as session:
            found = await session.scalars(
                select(row).where(row.agent_id == agent_id, row.session_id == session_id)
            )
            for one in found:
                one.expires_at = self._clock.now()
        await self.take_back()

    async def take_back(self) -> Sequence[str]:
        """Take back what is over or whose sign-in is; return the telephones' names.

        Raises:
            SwitchAwayError: Asterisk could not be told; the rest is tried again next time.
        """
        row, now = PhoneCredentialTable, self._clock.now()
        query = (
            select(row)
            .join(WebSession, WebSession.id == row.session_id, isouter=True)
            .where(
                or_(
                    row.expires_at <= now,
                    WebSession.id.is_(None),
                    WebSession.revoked_at.is_not(None),
                    WebSession.expires_at <= now,
                )
            )
        )
        async with self._database.read() as session:
            over = list(await session.scalars(query))
        for one in over:
            await self._switch.forget(one.endpoint)
            async with self._database.write() as session:
                # Only what was looked at: a fresh one may have come in between.
                await session.execute(
                    delete(row).where(row.endpoint == one.endpoint, row.issued_at == one.issued_at)
                )
        return [one.endpoint for one in over]
