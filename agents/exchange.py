"""Brings people's telephones, the menu and the dialplan to Asterisk."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

import ivr
from agents.tables import AgentTable
from hotline.asterisk import Asterisk, Endpoint, Rendering
from hotline.secretsfile import SecretsFile
from hotline.settings import Settings
from hotline.store import Database

TECHNOLOGY = "PJSIP/"


async def telephones(settings: Settings, database: Database) -> list[Endpoint]:
    """Return a telephone for everybody who has one of ours, each with its own secret."""
    async with database.read() as session:
        dialled = await session.scalars(select(AgentTable.endpoint).where(AgentTable.active))
        names = sorted({e.removeprefix(TECHNOLOGY) for e in dialled if e.startswith(TECHNOLOGY)})
    secrets = SecretsFile(settings.home)
    return [Endpoint(name, secret=secrets.get(f"endpoint-{name}")) for name in names]


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
