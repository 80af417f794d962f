"""Sign-in held back by address, beside the lock of one account.

A lock by account stops guessing one person's password; it does not stop trying one password on
everybody. The count stands in the database, so that several web servers share it. Success does
not reset it: whoever guesses may own an account too.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import CHINA, Clock
from hotline.errors import HotlineError
from hotline.store import Database
from hotline.web.tables import SignInThrottle

TRIES = 30
"""Failures from one address within the window; a whole bureau may share an address."""

WINDOW = timedelta(minutes=15)
BLOCK = timedelta(minutes=15)


class AddressBlockedError(HotlineError):
    """这台电脑所在网络的登录失败次数过多，请稍后再试。"""

    error_id = "address-blocked"


class Throttle:
    """Counts failures by address."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def check(self, address: str) -> None:
        """Refuse an address that has failed too often.

        Raises:
            AddressBlockedError: says until when, and what to do.
        """
        async with self.database.read() as session:
            row = await session.get(SignInThrottle, network_of(address))
        if row is not None and row.blocked_until and row.blocked_until > self.clock.now():
            raise _blocked(row.blocked_until)

    async def failed(self, address: str) -> None:
        """Count a failure; the one too many blocks the address."""
        now, network = self.clock.now(), network_of(address)
        async with self.database.write() as session:
            await _forget_old(session, now)
            row = await session.get(SignInThrottle, network, with_for_update=True)
            if row is None:
                session.add(SignInThrottle(network=network, failures=1, since=now))
                return
            if now - row.since > WINDOW:
                row.failures, row.since = 0, now
            row.failures += 1
            if row.failures >= TRIES:
                row.failures, row.since, row.blocked_until = 0, now, now + BLOCK

    async def release(self, address: str) -> bool:
        """Open an address again; return whether anything was counted there."""
        async with self.database.write() as session:
            row = await session.get(SignInThrottle, network_of(address))
            if row is not None:
                await session.delete(row)
        return row is not None


async def _forget_old(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(SignInThrottle).where(SignInThrottle.since < now - 2 * WINDOW))


def network_of(address: str) -> str:
    """Return what is counted: an IPv4 address, or the /64 that one IPv6 subscriber has whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64] or "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _blocked(until: datetime) -> AddressBlockedError:
    time = until.astimezone(CHINA).strftime("%H:%M")
    return AddressBlockedError(
        f"这台电脑所在网络的登录失败次数过多，{time} 后可以再试。"
        "急用请管理员在服务器上执行 hotline user release 地址。"
    )
