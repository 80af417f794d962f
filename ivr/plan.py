"""The menu laid out as scenes: the one model that the dialplan, the walk and the picture share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.model import ADVICE, ENDS, PERSON, PROGRESS, MenuFile, MenuPart, SurveyFile

PAUSE = "pause"
"""A prompt of silence: a telephone's audio path opens some moments after the answer."""
CONNECTING = "menu/connecting"
"""Said where the caller chose nothing, so that the change to waiting is not a surprise."""
LANGUAGE_SCENE = "language"
AFTER_ADVICE = ("advice/after", "advice/urgent", "advice/bye")
"""What is said once recorded advice was told."""


class Result(StrEnum):
    """Why a scene was left; ``Result`` of the event HLMenu."""

    OPTION = "option"
    PERSON = "person"
    LANGUAGE = "language"
    SILENCE = "silence"
    WRONG = "wrong"
    NIGHT = "night"
    SKIP = "skip"


@dataclass(frozen=True)
class Exit:
    """A way out of a scene: ``to`` is another scene or one of :data:`ivr.model.ENDS`."""

    result: Result
    to: str
    name: str = ""
    topic: str = ""
    language: str = ""
    advice: tuple[str, ...] = ()
    """Prompts of recorded advice, where that is where it leads."""
    urgent: bool = False
    """Whether the caller says by this key that it is an emergency."""
    say: tuple[str, ...] = ()
    """Prompts played on the way; they delay the caller, so they are few and short."""

    @property
    def ends(self) -> bool:
        """Whether the menu is done."""
        return self.to in ENDS


@dataclass(frozen=True)
class Scene:
    """Prompts that any key interrupts, then some seconds for a key."""

    name: str
    title: str
    prompts: tuple[str, ...]
    wait: float
    exits: Mapping[str, Exit]
    """Key → way out."""
    silence: Exit
    wrong: Exit


@dataclass(frozen=True)
class Plan:
    """The whole menu."""

    title: str
    numbers: tuple[tuple[str, str], ...]
    """Dialled number and the township it belongs to."""
    start: str
    scenes: Mapping[str, Scene]
    usual_language: str
    night_say: tuple[str, ...]
    night_to: str
    skip_say: tuple[str, ...]

    @property
    def ways(self) -> Iterator[Exit]:
        """Every way out of every scene."""
        for scene in self.scenes.values():
            yield from (*scene.exits.values(), scene.silence, scene.wrong)

    @property
    def tells_advice(self) -> bool:
        """Whether any key leads to recorded advice."""
        return any(way.to == ADVICE for way in self.ways)

    @property
    def has_urgent(self) -> bool:
        """Whether any key says that it is an emergency."""
        return any(way.urgent for way in self.ways)

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt that may be played, once each."""
        found = dict.fromkeys((*self.night_say, *self.skip_say))
        for scene in self.scenes.values():
            found |= dict.fromkeys(scene.prompts)
            for way in (*scene.exits.values(), scene.silence, scene.wrong):
                found |= dict.fromkeys((*way.say, *way.advice))
                if way.to == ADVICE:
                    found |= dict.fromkeys(AFTER_ADVICE)
        return tuple(prompt for prompt in found if prompt != PAUSE)


def lay_out(menu: MenuFile) -> Plan:
    """Lay the menu out; it should have passed :func:`ivr.rules.refuse_broken`."""
    scenes = {name: _scene(menu, name, part) for name, part in menu.menus.items()}
    if menu.languages.choices:
        scenes[LANGUAGE_SCENE] = _language_scene(menu)
    return Plan(
        title=menu.name,
        numbers=tuple((n.number, n.place) for n in menu.numbers),
        start=menu.start,
        scenes=scenes,
        usual_language=menu.languages.usual,
        night_say=menu.night.say,
        night_to=menu.night.to,
        skip_say=(PAUSE, *menu.skip.say),
    )


def _scene(menu: MenuFile, name: str, part: MenuPart) -> Scene:
    exits = {
        option.key: Exit(
            Result.OPTION,
            option.to,
            option.name,
            option.topic,
            advice=tuple(f"{ADVICE}/{card}" for card in option.advice),
        )
        for option in part.options
    }
    if part.person:
        name_of = "紧急，找值班人员" if part.urgent else "人工"
        exits[menu.person_key] = Exit(Result.PERSON, PERSON, name_of, urgent=part.urgent)
    if menu.languages.choices and name == menu.start:
        exits[menu.languages.key] = Exit(Result.LANGUAGE, LANGUAGE_SCENE, "语言选择")
    first = name == menu.start
    asks_progress = first and bool(menu.progress.hint)
    if asks_progress:
        exits[menu.progress.key] = Exit(Result.OPTION, PROGRESS, "查询进度")
    prompts = (
        *((PAUSE, *menu.notice) if first else ()),
        *part.intro,
        *(option.say for option in part.options),
        *part.outro,
        *(menu.progress.hint if asks_progress else ()),
        *(menu.languages.hint if first and menu.languages.choices else ()),
    )
    return Scene(
        name,
        part.name,
        prompts,
        part.wait,
        exits,
        _fallback(Result.SILENCE, part.silence),
        _fallback(Result.WRONG, part.wrong),
    )


def _fallback(result: Result, to: str) -> Exit:
    name = {Result.SILENCE: "不按键", Result.WRONG: "按错键"}[result]
    return Exit(result, to, name, say=(CONNECTING,) if to == PERSON else ())


def _language_scene(menu: MenuFile) -> Scene:
    languages = menu.languages
    exits = {
        choice.key: Exit(
            Result.LANGUAGE,
            menu.start if choice.menu else PERSON,
            choice.name,
            language=choice.language,
        )
        for choice in languages.choices
    }
    exits[menu.person_key] = Exit(Result.PERSON, PERSON, "人工")
    return Scene(
        LANGUAGE_SCENE,
        "语言选择",
        tuple(choice.say for choice in languages.choices),
        languages.wait,
        exits,
        _fallback(Result.SILENCE, PERSON),
        _fallback(Result.WRONG, PERSON),
    )


@dataclass(frozen=True)
class SurveyQuestion:
    """One question: its prompt, and the meaning of each key."""

    id: str
    title: str
    prompt: str
    answers: Mapping[str, str]


@dataclass(frozen=True)
class SurveyPlan:
    """The survey laid out."""

    title: str
    intro: tuple[str, ...]
    questions: tuple[SurveyQuestion, ...]
    wait: float
    retries: int
    number: tuple[str, ...]
    thanks: tuple[str, ...]

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt that may be played."""
        asked = (question.prompt for question in self.questions)
        return (*self.intro, *asked, *self.number, *self.thanks)


def lay_out_survey(survey: SurveyFile) -> SurveyPlan:
    """Lay the survey out."""
    return SurveyPlan(
        survey.name,
        survey.intro,
        tuple(
            SurveyQuestion(q.id, q.name, q.say, {a.key: a.name for a in q.answers})
            for q in survey.questions
        ),
        survey.wait,
        survey.retries,
        survey.number,
        survey.thanks,
    )
