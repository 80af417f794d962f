"""What a simulated caller does, step by step, and the SIPp scenario that does it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from hotline.errors import HotlineError

_NUMBER = re.compile(r"^[A-Za-z0-9+_.-]{1,40}$")
_DIGITS = re.compile(r"^[0-9*#A-D]+$")


class ScriptError(HotlineError):
    """模拟来电的脚本有误。"""

    error_id = "sipp-script"


@dataclass(frozen=True)
class Wait:
    """Do nothing for some seconds (speech that was begun goes on)."""

    seconds: float


@dataclass(frozen=True)
class Press:
    """Press keys, told by SIP INFO as telephones do that have no RFC 4733."""

    digits: str
    gap: float = 0.35

    def __post_init__(self) -> None:
        if not _DIGITS.match(self.digits):
            raise ScriptError(f"按键 {self.digits!r} 有误：只能是 0-9、*、#、A-D")


@dataclass(frozen=True)
class Speak:
    """Begin to speak a file of raw A-law (8 kHz, one byte a sample); doesn't wait for its end."""

    file: Path
    times: int = 1
    """How often; -1 for as long as the call lasts."""


@dataclass(frozen=True)
class Await:
    """Stop here until the driver's :meth:`~hotline.sipp.driver.Call.release` of this name."""

    name: str


@dataclass(frozen=True)
class HangUp:
    """Hang up; the last step."""


@dataclass(frozen=True)
class Stay:
    """Stay until the other side hangs up, at most so many seconds; the last step."""

    seconds: float = 60.0


Step = Wait | Press | Speak | Await | HangUp | Stay


@dataclass(frozen=True)
class Caller:
    """A call: who calls which number and what is done once it is answered."""

    number: str
    steps: Sequence[Step]
    dialled: str = "12348"
    name: str = ""

    def __post_init__(self) -> None:
        if not _NUMBER.match(self.number) or not _NUMBER.match(self.dialled):
            raise ScriptError(f"号码 {self.number!r} 或 {self.dialled!r} 有误")
        if not self.steps or not isinstance(self.steps[-1], HangUp | Stay):
            raise ScriptError("脚本的最后一步必须是 HangUp 或 Stay")
        if any(isinstance(step, HangUp | Stay) for step in self.steps[:-1]):
            raise ScriptError("HangUp 和 Stay 只能是最后一步")
        if not self.name.isprintable() or '"' in self.name:
            raise ScriptError("来电显示名含有控制字符或引号")

    @property
    def is_steered(self) -> bool:
        """Whether it waits for its driver at some step."""
        return any(isinstance(step, Await) for step in self.steps)


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("hotline.sipp", "scenarios"),
    undefined=jinja2.StrictUndefined,
    autoescape=jinja2.select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def scenario(caller: Caller) -> str:
    """Return the SIPp scenario of one call."""
    steps = [step for one in caller.steps for step in _plain(one)]
    return _render("caller.xml.j2", caller=caller, steps=steps)


def _plain(step: Step) -> list[dict[str, Any]]:
    match step:
        case Wait(seconds):
            return [{"kind": "pause", "ms": round(seconds * 1000)}]
        case Press(digits, gap):
            pause: dict[str, Any] = {"kind": "pause", "ms": round(gap * 1000)}
            return [part for digit in digits for part in ({"kind": "digit", "digit": digit}, pause)]
        case Speak(file, times):
            return [{"kind": "speak", "file": str(file.resolve()), "times": times}]
        case Await(name):
            return [{"kind": "await", "name": name}]
        case HangUp():
            return [{"kind": "hangup"}]
        case Stay(seconds):
            return [{"kind": "stay", "ms": round(seconds * 1000)}]


def load_scenario(*, ring_ms: int = 0, talk_ms: int = 0, caller: bool, file: Path | None) -> str:
    """Return a scenario for many equal calls: callers, or phones that answer."""
    speech = str(file.resolve()) if file is not None else ""
    name = "load_caller.xml.j2" if caller else "load_phone.xml.j2"
    return _render(name, ring_ms=ring_ms, talk_ms=talk_ms, speech=speech)


def _render(name: str, **values: Any) -> str:
    # SIPp's parser knows few escapes; what is put in is checked above to need none.
    return _ENVIRONMENT.get_template(name).render(**values)
