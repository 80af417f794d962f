"""Sign-ins that last: the cookie's token, the table that can list and revoke it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, select, update

from hotline.clock import Clock
from hotline.store import Database
from hotline.web.permissions import Role
from hotline.web.tables import User, WebSession
from hotline.web.viewer import Viewer

LONGEST = timedelta(hours=12)
"""A duty and its overtime; then one signs in again."""

IDLE = timedelta(hours=2)
"""A browser that shows nothing of us for this long is signed out. Live pages count as use."""

PASSWORD, OIDC = "password", "oidc"
"""How somebody signed in."""

TOUCH = timedelta(minutes=1)
"""How exact "last seen" is; less would write to the database at every click."""


class Sessions:
    """The table of sign-ins."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def open(self, user_id: int, address: str, browser: str, via: str = PASSWORD) -> str:
        """Record a sign-in; return the token for the cookie."""
        token = secrets.token_urlsafe(32)
        now = self.clock.now()
        async with self.database.write() as session:
            session.add(
                WebSession(
                    user_id=user_id,
                    token_hash=_hash(token),
                    address=address,
                    browser=browser[:200],
                    created_at=now,
                    seen_at=now,
                    expires_at=now + LONGEST,
                    via=via,
                )
            )
        return token

    async def viewer(self, token: str) -> Viewer | None:
        """Return who signed in with ``token``; ``None`` where it is over, revoked or forged."""
        now = self.clock.now()
        query = (
            select(WebSession, User)
            .join(User, User.id == WebSession.user_id)
            .where(WebSession.token_hash == _hash(token))
        )
        async with self.database.read() as session:
            found = (await session.execute(query)).first()
        if found is None:
            return None
        row, user = found
        over = row.revoked_at is not None or row.expires_at <= now or row.seen_at <= now - IDLE
        if over or user.disabled_at is not None:
            return None
        if row.seen_at <= now - TOUCH:
            async with self.database.write() as session:
                await session.execute(
                    update(WebSession).where(WebSession.id == row.id).values(seen_at=now)
                )
        return _viewer(user, row)

    async def of_user(self, user_id: int) -> list[WebSession]:
        """Return a person's sign-ins that are still good, newest first."""
        query = (
            select(WebSession)
            .where(WebSession.user_id == user_id, self._good())
            .order_by(WebSession.id.desc())
        )
        async with self.database.read() as session:
            return list(await session.scalars(query))

    async def counts(self) -> dict[int, int]:
        """Return how many good sign-ins each person has; who has none is left out."""
        query = (
            select(WebSession.user_id, func.count())
            .where(self._good())
            .group_by(WebSession.user_id)
        )
        async with self.database.read() as session:
            return {row[0]: row[1] for row in await session.execute(query)}

    def _good(self) -> ColumnElement[bool]:
        now = self.clock.now()
        return and_(
            WebSession.revoked_at.is_(None),
            WebSession.expires_at > now,
            WebSession.seen_at > now - IDLE,
        )

    async def revoke(
        self, user_id: int, session_id: int | None = None, keep: int | None = None
    ) -> int:
        """End one sign-in of a person, or all but ``keep``; return how many were ended."""
        query = update(WebSession).where(
            WebSession.user_id == user_id, WebSession.revoked_at.is_(None)
        )
        if session_id is not None:
            query = query.where(WebSession.id == session_id)
        if keep is not None:
            query = query.where(WebSession.id != keep)
        async with self.database.write() as session:
            result = await session.execute(
                query.values(revoked_at=self.clock.now()).returning(WebSession.id)
            )
            return len(result.all())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _viewer(user: User, row: WebSession) -> Viewer:
    known = {role.value for role in Role}
    return Viewer(
        user_id=user.id,
        account=user.account,
        name=user.name,
        roles=frozenset(Role(name) for name in user.roles if name in known),
        organisation=user.organisation,
        agent_id=user.agent_id,
        session_id=row.id,
        # Who came through the identity provider has never seen the first password here.
        must_change_password=user.must_change_password and row.via == PASSWORD,
    )
