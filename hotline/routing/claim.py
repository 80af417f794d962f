"""One controller at a time for one Asterisk: the others stand by.

To share the callers of one waiting room would need each decision to be agreed on, which costs more
than it serves. So one controller serves and says so beside its heartbeat, in Asterisk itself: as
long as callers can come, who serves them can be known, database or not. Whoever stands by takes
over when the heartbeat is stale, or at once when the one who served died on the same machine. The
database's partial indexes refuse a second open offer even so.
"""

from __future__ import annotations

import asyncio
import os
import socket

import structlog

from hotline.ami import AmiError, Link, actions
from hotline.errors import HotlineError
from hotline.routing import heartbeat

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 0.2
"""After this whoever claimed last is who serves."""
LOOK_SECONDS = 0.2
_NAME = "HL_CONTROLLER"


class ClaimLostError(HotlineError):
    """另一个派话程序已经接管，本程序退出；由系统服务重新启动后作为备用。"""

    error_id = "routing-claim-lost"


class Claim:
    """Who serves the callers of one Asterisk."""

    def __init__(self, link: Link, boot: str) -> None:
        self._link = link
        self.name = f"{socket.gethostname()}/{os.getpid()}/{boot}"

    async def wait(self) -> bool:
        """Wait until the callers are ours to serve; return whether somebody else had them."""
        stood_by = False
        while True:
            try:
                if await self.mine():
                    return stood_by
                if not stood_by:
                    log.info("another controller serves; standing by")
                stood_by = True
            except AmiError as error:
                log.info("cannot tell yet who serves", reason=error.message)
            await asyncio.sleep(LOOK_SECONDS)

    async def mine(self) -> bool:
        """Whether the callers are ours; they become so where nobody serves them.

        Raises:
            hotline.ami.AmiError: Asterisk does not tell.
        """
        holder = await self._read(_NAME)
        if holder == self.name:
            return True
        if holder and not _has_died(holder) and not await heartbeat.is_stale(self._link):
            return False
        await self._link.send(actions.Setvar(_NAME, self.name), within=2.0)
        await asyncio.sleep(SETTLE_SECONDS)
        return await self._read(_NAME) == self.name

    async def _read(self, name: str) -> str:
        return (await self._link.send(actions.Getvar(name), within=2.0))["Value"]


def _has_died(holder: str) -> bool:
    """Whether the holder ran on this machine and is gone."""
    host, _, rest = holder.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
