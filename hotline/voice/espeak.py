"""espeak-ng through ctypes: pinyin in, samples and the time of each phoneme out.

The library keeps the position of its pitch and noise generators in static memory, so that the
same text sounds a few samples different the second time. Each :class:`Synthesiser` therefore
loads a private copy of the library: what it says depends on its own history alone. Noise comes
from the C library's generator, of which a process has one, so only one may speak at a time.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from hotline.errors import HotlineError

Samples = npt.NDArray[np.int16]

MANDARIN = "cmn-latn-pinyin"
"""Mandarin from numbered pinyin; ``cmn``, from Hanzi, spells them in English."""

SAMPLE_RATE = 22_050
"""What espeak-ng synthesises at."""

_SYNCHRONOUS = 2
_PHONEME_EVENTS = 0x0001
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
_EVENT_LIST_END = 0
_EVENT_PHONEME = 7
_RATE, _PITCH, _RANGE = 1, 3, 4


class SpeechSynthesisError(HotlineError):
    """语音合成失败，请检查 espeakng-loader 是否安装完整。"""

    error_id = "speech-synthesis"


class _EventId(ctypes.Union):
    _fields_ = (
        ("number", ctypes.c_int),
        ("name", ctypes.c_char_p),
        ("string", ctypes.c_char * 8),
    )


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True)
class Manner:
    """How to speak: espeak-ng's own scales."""

    variant: str = ""
    """A voice variant such as ``f2`` or ``Annie``; empty is the plain male voice."""
    words_per_minute: int = 165
    pitch: int = 50
    """0 to 100."""
    pitch_range: int = 50
    """0 (monotonous) to 100."""
    voice: str = MANDARIN
    """espeak-ng's name of the language; all but Mandarin read their own script."""


@dataclass(frozen=True)
class Phoneme:
    """A phoneme and the sample (at :data:`SAMPLE_RATE`) that it begins at."""

    sample: int
    name: str

    @property
    def silent(self) -> bool:
        """Whether it is a pause or a word's boundary."""
        return self.name.startswith("_")


_SPEAKING = threading.Lock()


@dataclass(frozen=True)
class Utterance:
    """What was said and when."""

    samples: Samples
    phonemes: tuple[Phoneme, ...]


class Synthesiser:
    """One private espeak-ng, as a context manager; a second one in the process waits for it."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._samples: list[Samples] = []
        self._phonemes: list[Phoneme] = []
        self._callback = _Callback(self._take)
        self._variants = Path()
        self._library: ctypes.CDLL

    def __enter__(self) -> Self:
        _SPEAKING.acquire()
        try:
            self._open()
        except BaseException:
            _SPEAKING.release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._library.espeak_Terminate()
            # ctypes has no public way to unload.
            _ctypes.dlclose(self._library._handle)  # noqa: SLF001
        finally:
            _SPEAKING.release()

    def _open(self) -> None:
        import espeakng_loader  # noqa: PLC0415 - only what speaks needs the library

        library = Path(espeakng_loader.get_library_path())
        try:
            self._library = _private_copy(library)
        except OSError as error:
            raise SpeechSynthesisError(f"装载不了 espeak-ng（{library}）：{error}") from error
        data = espeakng_loader.get_data_path()
        self._variants = Path(data) / "voices" / "!v"
        rate = self._library.espeak_Initialize(
            _SYNCHRONOUS, 0, data.encode(), _PHONEME_EVENTS | _DONT_EXIT
        )
        if rate != SAMPLE_RATE:
            raise SpeechSynthesisError(f"espeak-ng 初始化失败（返回 {rate}）。")
        self._library.espeak_Synth.argtypes = [
            ctypes.c_char_p,
            ctypes.c_size_t,
            ctypes.c_uint,
            ctypes.c_int,
            ctypes.c_uint,
            ctypes.c_uint,
            ctypes.c_void_p,
            ctypes.c_void_p,
        ]
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(self._seed))
        ctypes.CDLL(None).srand(self._seed)

    def speak(self, pinyin: str, manner: Manner) -> Utterance:
        """Say numbered pinyin, one token a word (``li2hun1``), ``,`` for a pause.

        Raises:
            SpeechSynthesisError: the variant does not exist, or the library refuses.
        """
        name = manner.voice + (f"+{manner.variant}" if manner.variant else "")
        # espeak-ng takes an unknown variant for the plain voice without a word.
        known = not manner.variant or (self._variants / manner.variant).is_file()
        if not known or self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise SpeechSynthesisError(f"没有名为“{name}”的合成音色。")
        for parameter, value in (
            (_RATE, manner.words_per_minute),
            (_PITCH, manner.pitch),
            (_RANGE, manner.pitch_range),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._samples, self._phonemes = [], []
        text = pinyin.encode() + b"\0"
        if self._library.espeak_Synth(text, len(text), 0, 0, 0, _CHARS_UTF8, None, None) != 0:
            raise SpeechSynthesisError
        self._library.espeak_Synchronize()
        joined = np.concatenate(self._samples) if self._samples else np.zeros(0, np.int16)
        return Utterance(joined, tuple(self._phonemes))

    def _take(self, wave: ctypes._Pointer[ctypes.c_short], count: int, events: object) -> int:
        if wave and count > 0:
            self._samples.append(np.ctypeslib.as_array(wave, (count,)).copy())
        for event in _until_end(events):
            if event.type == _EVENT_PHONEME:
                name = event.id.string.decode("utf-8", "replace")
                self._phonemes.append(Phoneme(event.sample, name))
        return 0


def _until_end(events: object) -> Iterator[_Event]:
    index = 0
    while events[index].type != _EVENT_LIST_END:  # type: ignore[index]
        yield events[index]  # type: ignore[index]
        index += 1


def _private_copy(library: Path) -> ctypes.CDLL:
    """Load ``library`` under an inode of its own: the loader shares what has the same one."""
    with _memory_file(library.read_bytes()) as path:
        return ctypes.CDLL(path)


@contextmanager
def _memory_file(content: bytes) -> Iterator[str]:
    descriptor = os.memfd_create("espeak-ng")
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(content)
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
