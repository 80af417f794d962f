"""Brings the seat into the moments that need a telephone, for a picture or a look with axe.

There is no Asterisk behind the made-up day: the page's own telephone is told that it rings, talks,
or lost its line, and draws the rest itself. What is wrong with a form is answered as the server
would.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import Page, Route

Pose = Callable[["Page"], Awaitable[None]]

_TELEPHONE = """async ({state, fault, session, answered}) => {
  const { phone } = window.hotlineDock;
  clearTimeout(phone.retrying);
  Object.assign(phone, { state, fault, answered, session: session ? {} : null });
  phone.changed();
}"""


def _telephone(
    state: str, *, fault: str = "", session: bool = False, answered: bool = False
) -> Pose:
    async def pose(page: Page) -> None:
        # The page asked for a microphone, got none, and is quiet from here on.
        await page.locator(":is([data-phone=refused], [data-phone=nodevice])").wait_for()
        await page.evaluate(
            _TELEPHONE,
            {"state": state, "fault": fault, "session": session, "answered": answered},
        )

    return pose


_talking = _telephone("ready", session=True, answered=True)


async def _held(page: Page) -> None:
    await _talking(page)
    await page.evaluate('document.querySelector("[data-dock]").dataset.held = ""')


async def _with_a_third(page: Page, *, consulting: bool) -> None:
    """Somebody was asked into the talk."""
    await _talking(page)
    who = await page.locator("[data-bar-state]").get_attribute("data-agent")
    li = {"id": "p1", "kind": "agent", "words": "李建国律师", "state": "talking"}
    can = ["back", "join", "handover"] if consulting else ["hold", "transfer", "drop", "handover"]
    state = {
        "call_id": await page.locator("[data-bar-state]").get_attribute("data-call"),
        "agent_id": who,
        "third": "",
        "held": consulting,
        "consulting": consulting,
        "parties": [{"id": "caller"}, {"id": who}, li],
        "can": [*can, "emergency", "pause_recording", "hangup"],
    }
    await page.evaluate("state => window.hotlineDock.tell(state)", state)


async def _with_the_police(page: Page) -> None:
    """An outside body talks along, and the recording is paused."""
    await _talking(page)
    who = await page.locator("[data-bar-state]").get_attribute("data-agent")
    police = {"id": "p1", "kind": "outside", "words": "110 公安报警", "state": "talking"}
    state = {
        "call_id": await page.locator("[data-bar-state]").get_attribute("data-call"),
        "agent_id": who,
        "third": "",
        "held": False,
        "consulting": False,
        "recording_paused": True,
        "pause_reason": "来电人报身份证号",
        "parties": [{"id": "caller"}, {"id": who}, police],
        "can": ["hold", "drop", "handover", "emergency", "resume_recording", "hangup"],
    }
    await page.evaluate("state => window.hotlineDock.tell(state)", state)
    await page.locator("[data-recording].paused").wait_for()


async def _consulting(page: Page) -> None:
    await _with_a_third(page, consulting=True)


async def _three(page: Page) -> None:
    await _with_a_third(page, consulting=False)


async def _transferring(page: Page) -> None:
    await _talking(page)
    await page.click('[data-act="transfer"]')
    await page.locator(".bar-target").first.wait_for()


async def _keys(page: Page) -> None:
    await _talking(page)
    await page.keyboard.press("?")


async def _signed_out(page: Page) -> None:
    await _telephone("fault", fault="signedout", session=True, answered=True)(page)
    await page.context.clear_cookies()
    await page.fill("#s-title", "店招被罚款，问能不能复议")
    await page.locator("[data-kept]:not([hidden])").wait_for()


async def _merged(page: Page) -> None:
    """Somebody else wrote another referral while this one was typed."""
    await _talking(page)

    async def answer(route: Route) -> None:
        told = {
            "revision": 9,
            "values": {},
            "at": "14:42",
            "saved": [],
            "problems": {},
            "theirs": {"title": {"value": "城管罚款", "words": "城管罚款两千元，问复议"}},
        }
        await route.fulfill(content_type="application/json", body=json.dumps(told))

    await page.route("**/seat/tickets/*", answer)
    await page.fill("#s-title", "店招被罚款，问能不能复议")
    await page.locator('[data-theirs="title"] button').first.wait_for()


POSES: Mapping[str, Pose] = {
    "ringing": _telephone("ready", session=True),
    "talking": _talking,
    "held": _held,
    "transferring": _transferring,
    "consulting": _consulting,
    "three": _three,
    "police": _with_the_police,
    "keys": _keys,
    "filling": _telephone("ready"),
    "lost": _telephone("fault", fault="lost", session=True, answered=True),
    "elsewhere": _telephone("fault", fault="elsewhere"),
    "refused": _telephone("fault", fault="refused"),
    "nodevice": _telephone("fault", fault="nodevice"),
    "insecure": _telephone("fault", fault="insecure"),
    "away": _telephone("fault", fault="away"),
    "signedout": _signed_out,
    "merged": _merged,
}
