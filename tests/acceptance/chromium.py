"""The browser that tests look and speak with."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright

from hotline import debian


@contextlib.asynccontextmanager
async def launched(*more: str) -> AsyncIterator[Browser]:
    """Launch a Chromium with some more arguments."""
    tool = await asyncio.to_thread(debian.chromium)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=tool.command[0],
            args=[*tool.command[1:], *more],
            env=tool.environment(),
        )
        yield browser
        await browser.close()
