"""What a simulated caller does, step by step, and the SIPp scenario that does it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from hotline.errors import HotlineError

_NUMBER = re.compile(r"^(?:[A-Za-z0-9+_.*-]|%[0-9A-F]{2}){1,90}\Z")
_DIGITS = re.compile(r"^[0-9*#A-D]+\Z")


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
    def plan(self) -> tuple[Step, ...]:
        """Its steps, each key a step of its own with the pause after it."""
        return tuple(part for step in self.steps for part in _parts(step))


def _parts(step: Step) -> tuple[Step, ...]:
    if isinstance(step, Press):
        pause = Wait(step.gap)
        return tuple(part for digit in step.digits for part in (Press(digit), pause))
    return (step,)


_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.PackageLoader("hotline.sipp", "scenarios"),
    undefined=jinja2.StrictUndefined,
    autoescape=jinja2.select_autoescape(default=True, default_for_string=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


_SILENCE = b"\xd5"
_RATE = 8000
_TAIL_SECONDS = 300


@dataclass(frozen=True)
class Speech:
    """Files of a call, as SIPp streams them: by the step's number, and silence."""

    silence: Path
    steps: Mapping[int, Path]


def write_speech(caller: Caller, folder: Path) -> Speech:
    """Copy what the caller says into ``folder``, each followed by minutes of silence.

    A telephone sends all the time; SIPp stops when a file ends.

    Raises:
        ScriptError: a file can't be read.
    """
    silence = folder / "silence.al"
    silence.write_bytes(_SILENCE * _RATE)
    steps = {}
    for number, step in enumerate(caller.plan):
        if not isinstance(step, Speak):
            continue
        try:
            speech = step.file.read_bytes()
        except OSError as error:
            raise ScriptError(f"读不了语音文件 {step.file}：{error.strerror}") from error
        tail = _SILENCE * (_RATE * _TAIL_SECONDS) if step.times == 1 else b""
        steps[number] = folder / f"speech-{number}.al"
        steps[number].write_bytes(speech + tail)
    return Speech(silence, steps)


def scenario(caller: Caller, speech: Speech) -> str:
    """Return the SIPp scenario of one call."""
    steps = [_rendered(number, step, speech) for number, step in enumerate(caller.plan)]
    return _render("caller.xml.j2", caller=caller, steps=steps, silence=speech.silence)


def _rendered(number: int, step: Step, speech: Speech) -> dict[str, Any]:
    match step:
        case Press(digits):
            return {"kind": "digit", "digit": digits}
        case Speak(times=times):
            return {"kind": "speak", "file": str(speech.steps[number]), "times": times}
        case HangUp():
            return {"kind": "hangup"}
        case _:
            return {"kind": "ask", "number": number}


def load_scenario(*, ring_ms: int = 0, talk_ms: int = 0, caller: bool, file: Path | None) -> str:
    """Return a scenario for many equal calls: callers, or phones that answer."""
    speech = str(file.resolve()) if file is not None else ""
    name = "load_caller.xml.j2" if caller else "load_phone.xml.j2"
    return _render(name, ring_ms=ring_ms, talk_ms=talk_ms, speech=speech)


def _render(name: str, **values: Any) -> str:
    # SIPp's parser knows few escapes; what is put in is checked above to need none.
    return _ENVIRONMENT.get_template(name).render(**values)
