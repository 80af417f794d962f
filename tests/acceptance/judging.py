"""What axe and the edge of the window have against a page, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import axe_playwright_python
from playwright.async_api import Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
JUDGE = """async ({only}) => (await axe.run(document,
      {preload: false, runOnly: only ?? undefined, resultTypes: ["violations"]}))
    .violations.map(v => v.id + ": " + v.help
    + " " + v.nodes.map(n => n.target.join(" ") + " "
    + (n.any[0]?.message ?? "")).join(" | "))"""
"""Without ``preload``: it waits ten seconds for each recording that a page only offers."""
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that a dark page may break where the light one does not."""
WIDTHS = (1024, 390)


async def broken(page: Page, rules: Sequence[str] | None = STANDARDS) -> list[str]:
    """Return what axe finds in a page as it stands; ``None`` stands for every rule."""
    await page.evaluate(AXE)
    return list(await page.evaluate(JUDGE, {"only": rules and list(rules)}))


async def judged(page: Page) -> list[str]:
    """Return what is wrong with a page in either scheme and on narrow screens.

    It is loaded once; the scheme and the window change under it.
    """
    await page.set_viewport_size({"width": 1440, "height": 900})
    await page.emulate_media(color_scheme="light")
    wrong = await broken(page)
    await page.emulate_media(color_scheme="dark")
    wrong += [f"dark {one}" for one in await page.evaluate(JUDGE, {"only": list(COLOURS)})]
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 768})
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"wider than {width}")
    return wrong
