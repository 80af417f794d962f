"""Which telephone a seat is rung on: the browser, a telephone on the desk, a mobile (漫游坐席)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from agents.tables import AgentTable
from hotline.errors import InvalidInputError

TECHNOLOGY = "PJSIP/"
_BROWSER = "web_"
_TRUNK = "@trunk"


class Line(StrEnum):
    """What rings."""

    BROWSER = "browser"
    DESK = "desk"
    MOBILE = "mobile"


class LineUnavailableError(InvalidInputError):
    """这条线路没有登记，不能使用。请管理员在人员资料里登记话机或手机号后再选。"""

    error_id = "line-unavailable"


@dataclass(frozen=True)
class Choice:
    """One line that a person may choose."""

    line: Line
    words: str
    detail: str
    chosen: bool
    there: bool
    """Whether it is registered with us at all."""


def browser_endpoint(agent_id: str) -> str:
    """Return the name with Asterisk of a person's browser.

    Ids are ``[a-z0-9_-]``, and a telephone's name has no hyphen: a capital stands for it.
    """
    return _BROWSER + agent_id.replace("-", "D")


def line_of(agent: AgentTable) -> Line:
    """Return which line rings now."""
    if agent.endpoint == TECHNOLOGY + browser_endpoint(agent.id):
        return Line.BROWSER
    if agent.endpoint.endswith(_TRUNK):
        return Line.MOBILE
    return Line.DESK


def desk_of(agent: AgentTable) -> str:
    """Return what Asterisk dials for the telephone on the desk; empty where there is none."""
    return agent.endpoint if line_of(agent) is Line.DESK else agent.desk


def choose(agent: AgentTable, line: Line) -> None:
    """Let ``line`` ring from now on; the telephone on the desk is remembered.

    Raises:
        LineUnavailableError: the person has no such telephone.
    """
    desk = desk_of(agent)
    wanted = {
        Line.BROWSER: TECHNOLOGY + browser_endpoint(agent.id),
        Line.DESK: desk,
        Line.MOBILE: f"{TECHNOLOGY}{agent.mobile}{_TRUNK}" if agent.mobile.isdigit() else "",
    }[line]
    if not wanted:
        raise LineUnavailableError
    agent.desk, agent.endpoint = desk, wanted


def choices(agent: AgentTable) -> list[Choice]:
    """Return the lines in the order in which they are offered."""
    now, desk = line_of(agent), desk_of(agent)
    return [
        Choice(Line.BROWSER, "浏览器", "戴耳机，在本页接听", now is Line.BROWSER, there=True),
        Choice(
            Line.DESK,
            "桌面话机",
            desk.removeprefix(TECHNOLOGY) or "未登记",
            now is Line.DESK,
            there=bool(desk),
        ),
        Choice(
            Line.MOBILE,
            "手机",
            f"尾号 {agent.mobile[-4:]}" if agent.mobile else "未登记",
            now is Line.MOBILE,
            there=agent.mobile.isdigit(),
        ),
    ]
