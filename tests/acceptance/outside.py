"""The world outside: callers, mobiles, the police; one telephone behind the trunk."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from hotline.sipp import Account, Phone, Ringing

TRUNK = "127.0.0.2"


class Outside:
    """The world behind the trunk: every number is a telephone that somebody holds."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.phone: Phone | None = None
        self._rung: defaultdict[str, asyncio.Queue[Ringing]] = defaultdict(asyncio.Queue)

    async def listen(self, server: tuple[str, int]) -> None:
        self.phone = Phone(Account("trunk", "", server), self._take, address=TRUNK)
        await self.phone.listen(self.port)

    def vanish(self) -> None:
        """Hang nothing up, say nothing more."""
        if self.phone is not None:
            self.phone.vanish()

    async def _take(self, call: Ringing) -> None:
        self._rung[call.invite.start.partition("sip:")[2].partition("@")[0]].put_nowait(call)
        await call.ended

    async def rings(self, number: str, seconds: float = 15) -> Ringing:
        """Wait until a number is rung."""
        async with asyncio.timeout(seconds):
            return await self._rung[number].get()

    async def answers(self, number: str) -> Ringing:
        """Wait until a number is rung, and pick up."""
        call = await self.rings(number)
        await call.answer()
        return call

    def is_rung(self, number: str) -> bool:
        return not self._rung[number].empty()
