"""The lawyers' and stations' telephones: a second Asterisk whose lines register at the hotline.

A telephone that is rung answers and speaks the part of the script that belongs to the caller's
number. To the hotline these are ordinary SIP phones: digest registration, RTP, hang-up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import jinja2

import config
from hotline.asterisk import Asterisk, Endpoint
from hotline.errors import HotlineError
from hotline.settings import Settings

RING_SECONDS = 1
_POLL_SECONDS = 0.2


class PhonesError(HotlineError):
    """演示话机没有全部登记成功，请查看演示目录下的 Asterisk 日志。"""

    error_id = "demo-phones"


class Phones:
    """All telephones of the demonstration in one process.

    Args:
        hotline: the settings of the Asterisk to register at.
        own: the settings of the telephones' own Asterisk: another home, other ports.
        endpoints: the telephones, with the secrets that the hotline knows.
        tracks: the folder of ``NUMBER.wav`` parts.
    """

    def __init__(
        self, hotline: Settings, own: Settings, endpoints: Sequence[Endpoint], tracks: Path
    ) -> None:
        self._asterisk = Asterisk(own)
        self._endpoints = tuple(endpoints)
        self._values = {
            "hotline": hotline.asterisk,
            "phones": self._endpoints,
            "tracks": tracks.resolve(),
            "ring_seconds": RING_SECONDS,
        }

    async def start(self, within: float = 20.0) -> None:
        """Start the telephones and wait until all are registered.

        Raises:
            PhonesError: some are not, in time.
        """
        self._asterisk.render()
        self._write_own_files()
        await self._asterisk.start()
        deadline = time.monotonic() + within
        while (missing := await asyncio.to_thread(self._unregistered)) > 0:
            if time.monotonic() > deadline:
                raise PhonesError(f"有 {missing} 部演示话机在 {within:g} 秒内没有登记成功")
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Hang everything up and stop."""
        await self._asterisk.stop()

    def _unregistered(self) -> int:
        shown = self._asterisk.console("pjsip show registrations")
        return len(self._endpoints) - shown.count("Registered")

    def _write_own_files(self) -> None:
        folder = config.path("demo/phones")
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # noqa: S701 - these are Asterisk's files, not pages
            trim_blocks=True,
        )
        for template in sorted(folder.glob("*.j2")):
            text = environment.get_template(template.name).render(self._values)
            file = self._asterisk.layout.etc / template.name.removesuffix(".j2")
            file.write_text(text, encoding="utf-8")
            file.chmod(0o600)
