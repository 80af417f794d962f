"""Schemathesis tries the API against its description, within bounds of time, and finds nothing."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from hotline.api import keys
from hotline.api.errors import SignatureError
from hotline.api.routes import section as api_section
from hotline.api.signing import ID, SIGNATURE, TIMESTAMP, Signer
from hotline.casework import Desk
from hotline.clock import SystemClock
from hotline.public.face import open_face
from hotline.public.limits import RATES, Limiter, Rate
from hotline.public.routes import section as public_section
from hotline.settings import Settings
from hotline.store import Base, Database
from hotline.web.server import create_app

SECONDS = 15


@dataclass
class Running:
    """A server in a thread of its own, and a key that opens everything."""

    address: str
    key: str


def _trusting(signer: Signer, owner: str, headers: Mapping[str, str], body: bytes, now: Any) -> str:
    """Take every well-formed signature: the fuzzer cannot sign, its bodies are to be read."""
    shapes = {ID: r"[\x21-\x7e]{1,100}", TIMESTAMP: r"[0-9]{1,14}", SIGNATURE: r"v1,[\w+/=]{1,100}"}
    if not all(re.fullmatch(shape, headers.get(name, "")) for name, shape in shapes.items()):
        raise SignatureError
    return headers[ID]


@pytest.fixture
def running(
    settings: Settings, tmp_path: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Running]:
    monkeypatch.setattr(Signer, "verify", _trusting)
    started: list[Running] = []
    ready, ending = threading.Event(), threading.Event()

    async def serve() -> None:
        database, clock = Database(f"sqlite+aiosqlite:///{tmp_path / 'fuzz.db'}"), SystemClock()
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with database.write() as session:
            key = await keys.add(session, "试验", list(keys.Scope), clock.now(), per_minute=10**6)
        face = open_face(settings, database, clock, desk=desk)
        many = {name: Rate(10**6, 60) for name in RATES}
        face = replace(face, limiter=Limiter(clock, many))
        sections = [public_section(face), api_section(face)]
        runner = web.AppRunner(create_app(settings, database, clock, sections), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        started.append(Running(f"http://{host}:{port}", key))
        ready.set()
        while not ending.is_set():
            await asyncio.sleep(0.05)
        await runner.cleanup()
        await database.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(60)
    yield started[0]
    ending.set()
    thread.join(30)


def test_schemathesis_finds_nothing(running: Running, tmp_path: Path) -> None:
    """The whole run is bounded; the same seed asks the same again."""
    program = Path(sys.executable).parent / "schemathesis"
    configuration = Path(__file__).with_name("schemathesis.toml")
    done = subprocess.run(
        [
            str(program),
            "--config-file",
            str(configuration),
            "run",
            f"{running.address}/api/v1/openapi.json",
            "--header",
            f"Authorization: Bearer {running.key}",
            "--max-time",
            str(SECONDS),
            "--max-examples",
            "40",
            "--phases",
            "examples,coverage,fuzzing",
            "--seed",
            "12348",
            "--no-color",
            "--suppress-health-check",
            "all",
            "--generation-database",
            "none",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS * 6,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
