"""The bureau's words for codes, and how a state looks."""

from __future__ import annotations

from functools import cache
from typing import Any

import config
from hotline import configfiles
from hotline.calls.tables import Outcome
from hotline.routing.people import Presence

NO_TOPIC = "未选专题"
STATION = "station"
"""The menu's "topic" of callers who ask for their township's station."""


@cache
def topics() -> dict[str, str]:
    """Return topic names by code, in the file's order."""
    document: Any = configfiles.read(config.path("topics.yaml")).value
    return {str(entry["code"]): str(entry["name"]) for entry in document["topics"]}


def topic(code: str | None) -> str:
    """Return a topic's name; an unknown code names itself."""
    if code == STATION:
        return "乡镇服务站"
    return topics().get(code, code) if code else NO_TOPIC


PRESENCE = {
    Presence.READY: ("空闲", "good"),
    Presence.BUSY: ("通话中", "primary"),
    Presence.WRAPUP: ("话后", "warn"),
    Presence.PAUSED: ("小休", ""),
    Presence.OFFLINE: ("未签入", ""),
}
"""How a state is called and coloured; the word always stands beside the colour."""

RINGING = ("振铃", "warn")

OUTCOMES: dict[str, tuple[str, str]] = {
    Outcome.ANSWERED: ("律师接听", "good"),
    Outcome.STATION: ("乡镇站接听", "good"),
    Outcome.VOICEMAIL: ("留言", "warn"),
    Outcome.CALLBACK: ("登记回电", "warn"),
    Outcome.ABANDONED_MENU: ("菜单中挂断", ""),
    Outcome.ABANDONED: ("等待中挂断", "bad"),
    Outcome.UNREACHED: ("回拨未接通", "warn"),
    Outcome.ADVISED: ("录音解答", ""),
    Outcome.REFUSED: ("限制呼入", ""),
    Outcome.FAILED: ("未能接通", "bad"),
}

SATISFACTION = {1: ("满意", "good"), 2: ("基本满意", ""), 3: ("不满意", "bad")}

SOLVED = {1: "已解决", 2: "未解决"}

URGENCIES = {"normal": "一般", "urgent": "紧急", "emergency": "特急"}

LANGUAGES = {"zh": "普通话", "dialect": "本地话", "en": "English"}


def language(code: str) -> str:
    """Return a language's name; an unknown code names itself."""
    return LANGUAGES.get(code, code)
