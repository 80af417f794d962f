"""The prompts as sound files: a recording wins, else the text is spoken; made once per text.

Files are 8 kHz, 16-bit, mono WAV. For 100 callers who listen at once Asterisk 22 took 20 % of a
core with WAV, 17 % with A-law and 16 % with raw samples, so a second format is not worth keeping.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np

from hotline.errors import HotlineError
from hotline.voice import TELEPHONE_RATE, Manner, Samples, say, say_as_written, write_wav
from ivr.audio import RecordingError, read_recording
from ivr.plan import PAUSE
from ivr.texts import MANDARIN, Catalogue, Line

INDEX = "index.json"
_VERSION = 2
"""Raised where the same text is to sound different: every prompt is then made anew."""

MANNER = Manner(words_per_minute=185)
"""A little quicker than espeak-ng's usual; slower, the menu is a minute long."""

_PAUSE_SECONDS = 0.4
_GAP_SECONDS = 0.2
"""Silence after each prompt, so that the options of a menu stand apart."""


class Speak(Protocol):
    """Says a text with a voice, as 8 kHz samples."""

    def __call__(self, text: str, voice: str) -> Samples:
        """Say it."""
        ...


class Origin(StrEnum):
    """Where a prompt's sound comes from."""

    RECORDING = "recording"
    """A person's recording, of this language."""
    SYNTHESIS = "synthesis"
    SILENCE = "silence"


@dataclass(frozen=True)
class Sound:
    """One sound file: what it says and where it comes from."""

    language: str
    prompt: str
    origin: Origin
    text: str
    voice: str = ""
    recording: Path | None = None

    @property
    def name(self) -> str:
        """The file, below the folder of sounds."""
        return f"{self.language}/{self.prompt}.wav"


@dataclass(frozen=True)
class Rendered:
    """What :func:`make` did."""

    sounds: tuple[Sound, ...]
    made: int
    """How many files were written; the others were there already."""
    removed: int
    problems: tuple[str, ...]
    """Recordings that cannot be used, in Chinese; their texts are spoken instead."""


class MissingPromptError(HotlineError):
    """有提示音既没有文字也没有录音。"""

    error_id = "missing-prompt"


def speak(text: str, voice: str) -> Samples:
    """Say ``text`` with espeak-ng."""
    return say(text, MANNER) if voice == MANDARIN else say_as_written(text, voice)


def recording(folder: Path, language: str, prompt: str) -> Path | None:
    """Return the recording of a prompt, if there is one."""
    file = folder / language / f"{prompt}.wav"
    return file if file.is_file() else None


def choose(
    catalogue: Catalogue, languages: Iterable[str], prompts: Iterable[str], recordings: Path
) -> list[Sound]:
    """Decide where each prompt's sound comes from, for every language.

    A recording in the language wins, then its own text, then the usual language's recording or
    text: every language's folder is complete, so that the dialplan never has to look twice.

    Raises:
        MissingPromptError: a prompt has neither text nor recording in the usual language.
    """
    sounds: list[Sound] = []
    missing: list[str] = []
    wanted = tuple(prompts)
    for language in languages:
        sounds.append(Sound(language, PAUSE, Origin.SILENCE, ""))
        for prompt in wanted:
            sound = _choose(catalogue, language, prompt, recordings)
            if sound is None:
                missing.append(f"{prompt}（{language}）")
            else:
                sounds.append(sound)
    if missing:
        raise MissingPromptError(
            f"这些提示音既没有文字也没有录音：{'、'.join(missing)}。"
            f"请在 prompts/{catalogue.usual}.yaml 里补上文字。"
        )
    return sounds


def _choose(catalogue: Catalogue, language: str, prompt: str, recordings: Path) -> Sound | None:
    for code in dict.fromkeys((language, catalogue.usual)):
        words = catalogue.languages.get(code)
        line = words.lines.get(prompt) if words else None
        text = line.text if line else ""
        file = recording(recordings, code, prompt)
        if file is not None:
            return Sound(language, prompt, Origin.RECORDING, text, _voice(line), file)
        if line is not None:
            return Sound(language, prompt, Origin.SYNTHESIS, text, line.voice)
    return None


def _voice(line: Line | None) -> str:
    return line.voice if line else MANDARIN


def make(sounds: Sequence[Sound], folder: Path, synthesise: Speak = speak) -> Rendered:
    """Write the sound files that are missing or out of date, and remove those not wanted.

    Raises:
        SpeechSynthesisError: a text cannot be spoken.
    """
    index = _read_index(folder)
    fresh: dict[str, str] = {}
    problems: list[str] = []
    done: list[Sound] = []
    spoken: dict[tuple[str, str], Samples] = {}
    made = 0
    for wanted in sounds:
        sound, samples = wanted, None
        mark = _fingerprint(sound)
        if index.get(sound.name) != mark or not (folder / sound.name).is_file():
            try:
                samples = _samples(sound, synthesise, spoken)
            except RecordingError as error:
                problems.append(error.message)
                if not sound.text:
                    continue
                sound = Sound(
                    sound.language, sound.prompt, Origin.SYNTHESIS, sound.text, sound.voice
                )
                mark = _fingerprint(sound)
                samples = _samples(sound, synthesise, spoken)
            write_wav(folder / sound.name, samples)
            made += 1
        fresh[sound.name] = mark
        done.append(sound)
    removed = _remove(folder, index.keys() - fresh.keys())
    if made or removed or not (folder / INDEX).exists():
        _write_index(folder, fresh)
    return Rendered(tuple(done), made, removed, tuple(problems))


def _samples(sound: Sound, synthesise: Speak, spoken: dict[tuple[str, str], Samples]) -> Samples:
    if sound.origin is Origin.SILENCE:
        return np.zeros(round(_PAUSE_SECONDS * TELEPHONE_RATE), np.int16)
    if sound.recording is not None:
        return read_recording(sound.recording)
    key = (sound.text, sound.voice)
    if key not in spoken:
        gap = np.zeros(round(_GAP_SECONDS * TELEPHONE_RATE), np.int16)
        spoken[key] = np.concatenate([synthesise(sound.text, sound.voice), gap])
    return spoken[key]


def _fingerprint(sound: Sound) -> str:
    content = (
        sound.recording.read_bytes()
        if sound.recording is not None
        else f"{sound.voice}|{sound.text}".encode()
    )
    return hashlib.sha256(f"{_VERSION}|{sound.origin}|".encode() + content).hexdigest()


def _read_index(folder: Path) -> Mapping[str, str]:
    try:
        read = json.loads((folder / INDEX).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Without an index every file is made anew, which is all that it is for.
        return {}
    return read if isinstance(read, dict) else {}


def _write_index(folder: Path, marks: Mapping[str, str]) -> None:
    unfinished = folder / f"{INDEX}.part"
    unfinished.write_text(json.dumps(marks, indent=0, sort_keys=True), encoding="utf-8")
    unfinished.replace(folder / INDEX)


def _remove(folder: Path, names: Iterable[str]) -> int:
    return sum(1 for _ in _unlinked(folder, names))


def _unlinked(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    for name in names:
        file = folder / name
        if file.is_relative_to(folder) and file.is_file():
            file.unlink()
            yield file
