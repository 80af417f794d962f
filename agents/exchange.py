"""Brings people's telephones, the menu and the dialplan to Asterisk."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

import ivr
from agents.phones.lines import TECHNOLOGY, browser_endpoint
from agents.tables import AgentTable
from hotline.asterisk import Asterisk, Endpoint, Kind, Rendering
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings
from hotline.store import Database


async def telephones(settings: Settings, database: Database) -> list[Endpoint]:
    """Return a telephone for everybody who has one of ours, and everybody's browser.

    A telephone has a secret of its own; a browser is handed one at each sign-in.
    """
    async with database.read() as session:
        people = (
            await session.execute(
                select(AgentTable.id, AgentTable.endpoint, AgentTable.desk).where(AgentTable.active)
            )
        ).all()
    browsers = {browser_endpoint(row.id) for row in people}
    dialled = {end for row in people for end in (row.endpoint, row.desk)}
    names = {e.removeprefix(TECHNOLOGY) for e in dialled if e.startswith(TECHNOLOGY)}
    # What has an @ is a number of somebody else's exchange.
    own = sorted(name for name in names - browsers if "@" not in name)
    secrets = SecretsFile(settings.home)
    return [
        *(Endpoint(name, secret=secrets.get(f"endpoint-{name}")) for name in own),
        *(Endpoint(name, Kind.WEBRTC) for name in sorted(browsers)),
    ]


async def prepare(settings: Settings, database: Database, asterisk: Asterisk) -> list[Path]:
    """Write all of Asterisk's configuration, the compiled menu and its sounds.

    Returns:
        The files of the configuration that changed.

    Raises:
        ConfigFileError: the menu or another file is wrong; its line is told.
        AsteriskError: a template or certificate cannot be used.
    """
    sounds = str(ivr.sounds_folder(settings))
    changed = asterisk.render(Rendering(await telephones(settings, database), {"sounds": sounds}))
    ivr.deploy(settings)
    return changed
