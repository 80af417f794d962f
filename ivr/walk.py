"""Plays the menu without Asterisk: the same scenes, keys instead of a telephone, time simulated."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hotline.errors import InvalidInputError
from ivr.model import ENDS, PERSON
from ivr.plan import AFTER_ADVICE, PAUSE, Exit, Plan, Result, Scene, SurveyPlan, SurveyQuestion

DESTINATIONS: Mapping[str, str] = {
    "person": "等候室，找律师接听",
    "voicemail": "留言",
    "callback": "登记回电，挂机",
    "progress": "查询进度",
    "advice": "听录音解答，之后可登记回电或留言",
}

_PRESS = re.compile(r"([0-9*#-])(?:@(\d+(?:\.\d+)?))?,?")


@dataclass(frozen=True)
class Press:
    """A key, pressed some seconds after the prompts began; ``after`` None: when they are over."""

    key: str
    after: float | None = None


@dataclass(frozen=True)
class Said:
    """A prompt was played; ``cut`` where a key interrupted it."""

    at: float
    prompt: str
    text: str
    cut: bool = False


@dataclass(frozen=True)
class Pressed:
    """A key was pressed, or none in time (empty)."""

    at: float
    key: str
    meaning: str


@dataclass(frozen=True)
class Announced:
    """An event went to the controller."""

    at: float
    event: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class Left:
    """The caller left the menu."""

    at: float
    to: str


Moment = Said | Pressed | Announced | Left
Keys = Callable[[str, Sequence[str]], Press | None]
"""Asked for the next key: told the scene's title and the keys that mean something there."""


def script(text: str) -> Keys:
    """Read keys to press: ``1``, ``*31``, ``-`` for silence, ``1@3.5`` to interrupt at 3.5 s.

    Raises:
        InvalidInputError: something in ``text`` is no key.
    """
    presses: list[Press] = []
    position = 0
    while position < len(text):
        match = _PRESS.match(text, position)
        if match is None:
            raise InvalidInputError(
                f"看不懂按键 {text[position:]!r}：写 0–9、*、#，- 表示不按键，"
                "1@3.5 表示第 3.5 秒按 1",
                field="keys",
            )
        presses.append(Press(match[1], float(match[2]) if match[2] else None))
        position = match.end()
    remaining = iter(presses)

    def next_key(title: str, meaningful: Sequence[str]) -> Press | None:
        del title, meaningful
        press = next(remaining, None)
        return None if press is None or press.key == "-" else press

    return next_key


@dataclass
class Walker:
    """One caller on the way through a menu."""

    plan: Plan
    keys: Keys
    text: Callable[[str, str], str]
    """Prompt and language → what is said."""
    seconds: Callable[[str, str], float]
    """Prompt and language → how long it takes."""
    language: str = ""
    topic: str = ""
    path: str = ""
    at: float = 0.0
    night: bool = False
    skip: str = ""
    urgent: bool = False
    listen_first: bool = False
    """Whether the keys are asked for when all is said, as a person at a terminal wants it."""
    _lead: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self.language = self.language or self.plan.usual_language

    def walk(self) -> Iterator[Moment]:
        """Go from the answer to where the caller leaves the menu."""
        if self.skip:
            yield self._announce("skip", "", Result.SKIP)
            yield from self._say(self.plan.skip_say)
            yield from self._end(PERSON)
            return
        place = self.plan.start
        if self.night:
            yield self._announce("night", "", Result.NIGHT)
            place = self.plan.night_to
            if place in ENDS:
                yield from self._say((PAUSE, *self.plan.night_say))
            else:
                self._lead = (PAUSE, *self.plan.night_say)
        while place not in ENDS:
            place = yield from self._scene(self.plan.scenes[place])
        yield from self._end(place)

    def _scene(self, scene: Scene) -> Generator[Moment, None, str]:
        prompts, self._lead = (*self._lead, *scene.prompts), ()
        if self.listen_first:
            yield from self._say(prompts)
            press = self.keys(scene.title, tuple(scene.exits))
        else:
            press = self.keys(scene.title, tuple(scene.exits))
            yield from self._say(prompts, press.after if press else None)
        if press is None:
            self.at += scene.wait
            way = scene.silence
        else:
            self.path += press.key
            way = scene.exits.get(press.key, scene.wrong)
        yield Pressed(self.at, press.key if press else "", way.name)
        yield self._announce(scene.name, press.key if press else "", way.result)
        yield from self._leave(way)
        return way.to

    def _leave(self, way: Exit) -> Iterator[Moment]:
        self.language = way.language or self.language
        self.topic = way.topic or self.topic
        yield from self._say(way.say)
        self.urgent = self.urgent or way.urgent
        if way.advice:
            yield from self._say((*way.advice, AFTER_ADVICE[0]))

    def _end(self, to: str) -> Iterator[Moment]:
        yield Announced(
            self.at,
            "HLMenuDone",
            {
                "Topic": self.topic,
                "Lang": self.language,
                "Path": self.path,
                "Night": "1" if self.night else "",
                "Skip": self.skip,
                **({"Urgent": "1"} if self.urgent else {}),
            },
        )
        yield Left(self.at, to)

    def _announce(self, menu: str, key: str, result: Result) -> Announced:
        return Announced(self.at, "HLMenu", {"Menu": menu, "Key": key, "Result": result.value})

    def _say(self, prompts: Sequence[str], stop_after: float | None = None) -> Iterator[Moment]:
        stop = None if stop_after is None else self.at + stop_after
        for prompt in prompts:
            length = self.seconds(prompt, self.language)
            cut = stop is not None and self.at + length > stop
            if prompt != PAUSE:
                yield Said(self.at, prompt, self.text(prompt, self.language), cut)
            if stop is not None and cut:
                self.at = stop
                return
            self.at += length


@dataclass
class SurveyWalker:
    """One caller who is asked after the talk."""

    survey: SurveyPlan
    keys: Keys
    text: Callable[[str, str], str]
    seconds: Callable[[str, str], float]
    language: str
    at: float = 0.0

    def walk(self) -> Iterator[Moment]:
        """Ask every question until the caller falls silent."""
        lead = self.survey.intro
        for question in self.survey.questions:
            answered = yield from self._ask(question, lead)
            lead = ()
            if not answered:
                break
        yield from self._say(self.survey.thanks)

    def _ask(self, question: SurveyQuestion, lead: Sequence[str]) -> Generator[Moment, None, bool]:
        """Return whether the caller pressed anything at all."""
        for _ in range(self.survey.retries + 1):
            yield from self._say((*lead, question.prompt))
            press = self.keys(question.title, tuple(question.answers))
            lead = ()
            if press is None:
                self.at += self.survey.wait
                yield Pressed(self.at, "", "没有评价")
                yield Announced(self.at, "HLSurvey", {"Question": question.id, "Answer": ""})
                return False
            yield Pressed(self.at, press.key, question.answers.get(press.key, "按错键"))
            if press.key in question.answers:
                yield Announced(self.at, "HLSurvey", {"Question": question.id, "Answer": press.key})
                return True
        return True

    def _say(self, prompts: Sequence[str]) -> Iterator[Moment]:
        for prompt in prompts:
            yield Said(self.at, prompt, self.text(prompt, self.language))
            self.at += self.seconds(prompt, self.language)
