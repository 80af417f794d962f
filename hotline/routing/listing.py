"""Lists of numbers that Asterisk keeps itself (AstDB), so that the dialplan knows without asking.

They outlive Asterisk and the controller: who skips the menu (``HL_SKIP/<number>``) and who is
blocked (``HL_BLOCKED/<number>``) are known also while the controller is away.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from hotline.ami import ActionFailedError, Link, actions

log = structlog.get_logger(__name__)


async def follow(link: Link, family: str, list_: Mapping[str, str]) -> int:
    """Bring a list to ``list_``, by number why it is there; return how many numbers changed.

    Raises:
        AmiError: Asterisk did not take it; the next look goes on.
    """
    there = await _there(link, family)
    changed = 0
    for number, why in list_.items():
        if there.get(number) != why:
            await link.send(actions.DBPut(family, number, why))
            changed += 1
    for number in there.keys() - list_.keys():
        try:
            await link.send(actions.DBDel(family, number))
        except ActionFailedError:
            continue  # gone meanwhile
        changed += 1
    if changed:
        log.info("list of numbers in Asterisk", list=family, numbers=len(list_), changed=changed)
    return changed


async def _there(link: Link, family: str) -> dict[str, str]:
    listing = actions.Custom("DBGetTree", {"Family": family}, listing=True)
    try:
        answer = await link.send(listing, within=30.0)
    except ActionFailedError:  # Asterisk's way to say that there are none
        return {}
    return {
        row["Key"].rpartition("/")[2]: row.get("Val", "") for row in answer.events if "Key" in row
    }
