"""Brings the menu to Asterisk: its sounds and its dialplan, from the files to the installation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hotline import worktime
from hotline.settings import Settings
from hotline.worktime import WorkTime
from ivr import dialplan, model, rules, texts
from ivr.model import Source
from ivr.plan import Plan, SurveyPlan, lay_out, lay_out_survey
from ivr.sounds import Rendered, Speak, choose, make, speak
from ivr.texts import Catalogue

DIALPLAN = "ivr.conf"
COMFORT = "comfort/"
"""Prompts of what to have at hand, one a topic."""


@dataclass(frozen=True)
class Compiled:
    """Everything about the menu of one installation, checked and laid out."""

    source: Source
    plan: Plan
    survey: SurveyPlan
    opening: WorkTime
    catalogue: Catalogue

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages that a caller may end up in: each has a folder of sounds."""
        chosen = (choice.language for choice in self.source.menu.languages.choices)
        return tuple(dict.fromkeys((self.plan.usual_language, *chosen)))

    @property
    def prompts(self) -> tuple[str, ...]:
        """Every prompt that has a sound, whether the menu or the waiting room plays it."""
        played = (*self.plan.prompts, *self.survey.prompts)
        return tuple(dict.fromkeys((*played, *self.catalogue.prompts)))

    @property
    def comfort_topics(self) -> tuple[str, ...]:
        """Topics that have a comfort message."""
        return tuple(
            prompt.removeprefix(COMFORT)
            for prompt in self.catalogue.prompts
            if prompt.startswith(COMFORT)
        )

    def dialplan(self, prompts_dir: Path, agi: str = "127.0.0.1:4573") -> str:
        """Return the text of ``ivr.conf``; ``agi`` is who answers about cases."""
        return dialplan.compile_dialplan(
            self.source.menu,
            self.source.survey,
            self.opening,
            prompts_dir,
            self.comfort_topics,
            agi=agi,
        )


@dataclass(frozen=True)
class Deployed:
    """What :func:`deploy` wrote."""

    dialplan: Path
    sounds: Path
    rendered: Rendered

    @property
    def problems(self) -> Sequence[str]:
        """Recordings that could not be used."""
        return self.rendered.problems


def compile_menu(
    settings: Settings, menu_file: Path | None = None, survey_file: Path | None = None
) -> Compiled:
    """Read and lay out the menu, the survey, the hours and the words.

    Raises:
        ConfigFileError: a file is missing or malformed, or the menu breaks a rule.
        NotFoundError: the menu names hours that there are not.
    """
    source = model.load(menu_file, survey_file)
    rules.refuse_broken(source)
    return Compiled(
        source,
        lay_out(source.menu),
        lay_out_survey(source.survey),
        worktime.load(source.menu.hours),
        texts.load(texts.values(settings), source.menu.languages.usual),
    )


def sounds_folder(settings: Settings) -> Path:
    """Return where the sound files are: a folder a language."""
    return settings.asterisk_home / "sounds"


def render(settings: Settings, compiled: Compiled, synthesise: Speak = speak) -> Rendered:
    """Make the sound files that are missing or out of date."""
    chosen = choose(compiled.catalogue, compiled.languages, compiled.prompts, settings.prompts)
    return make(chosen, sounds_folder(settings), synthesise)


def deploy(settings: Settings, synthesise: Speak = speak) -> Deployed:
    """Write the sounds and ``etc/ivr.conf``; Asterisk takes it with ``dialplan reload``.

    Raises:
        ConfigFileError: a file of the menu is wrong; nothing is written then.
        MissingPromptError: a prompt has neither text nor recording.
    """
    compiled = compile_menu(settings)
    folder = sounds_folder(settings)
    own = settings.asterisk
    text = compiled.dialplan(folder, f"{own.ami_host}:{own.agi_port}")
    rendered = render(settings, compiled, synthesise)
    file = settings.asterisk_home / "etc" / DIALPLAN
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(file)
    return Deployed(file, folder, rendered)
