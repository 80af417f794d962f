"""How soon a lawyer sees who calls, after the telephone in the page was rung.

    python tests/bench/bench_screen_pop.py [CALLS]

A real Asterisk, the controller, the pages and Chromium on one machine. Measured in the page: from
the INVITE (the telephone knows of the call) to the frame in which topic, number and reason of the
call stand on the seat.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from hotline.sipp import Stay
from tests.acceptance.seat.conftest import opened, speaking

WATCH = """() => {
  window.pops = [];
  let rung = 0;
  hotlineDock.watch(() => {
    if (!hotlineDock.phone.ringing) rung = 0;
    else if (!rung) rung = performance.now();
  });
  new MutationObserver(() => {
    const card = document.querySelector(".now.ringing");
    if (!rung || rung < 0 || !card || !card.textContent.includes("为何转来")) return;
    const since = rung;
    rung = -1;
    requestAnimationFrame(() => window.pops.push(performance.now() - since));
  }).observe(document.querySelector("[data-seat]"), {subtree: true, childList: true});
}"""


async def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with (
            speaking(Path(folder)) as browser,
            opened(Path(folder), browser) as desk,
        ):
            page = await desk.page()
            await desk.ready(page)
            await page.evaluate(WATCH)
            for done in range(1, calls + 1):
                call = await desk.call(Stay(60))

                async def popped(wanted: int = done) -> bool:
                    return len(await page.evaluate("window.pops")) >= wanted

                await desk.until(popped)
                await call.hang_up()
                await desk.ready(page)
            times = np.array(await page.evaluate("window.pops"))
    print(  # noqa: T201 - a script's result
        f"{calls} calls: INVITE in the page → caller on the screen, ms: "
        f"p50 {np.percentile(times, 50):.0f}, p95 {np.percentile(times, 95):.0f}, "
        f"longest {times.max():.0f}"
    )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
