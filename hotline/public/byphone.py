"""Progress by keys on the telephone: Asterisk asks here (FastAGI), and gets a sound file to play.

A caller keys in number and code. What is said is what the public page shows first: the service, its
state, the nearest promise. The limits against guessing are the page's own, counted together with
it. After the talk a caller may also hear the number and code of the call's ticket.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import select

from hotline.casework import Case
from hotline.clock import CHINA
from hotline.errors import HotlineError
from hotline.public import following
from hotline.public.face import Face
from hotline.public.following import NotYoursError, Progress
from hotline.public.limits import TooManyError
from hotline.voice.numerals import read_digits
from hotline.voice.speech import say, write_wav

SECONDS: Final = 5.0
"""A caller who waits longer than this for an answer goes to a person."""
KEPT_SECONDS: Final = 3600
"""Sounds are kept this long: the same state is asked for again."""
MOST_LINES: Final = 100
_SAFE = re.compile(r"[0-9.]{1,40}")

WRONG: Final = "编号或者查询码不对，请核对短信里的编号和六位查询码。"
BUSY: Final = "查询次数太多，请三十分钟以后再试。"

log = structlog.get_logger(__name__)


def speak(text: str, file: Path) -> None:
    """Say ``text`` into a sound file."""
    write_wav(file, say(text))


@dataclass(frozen=True)
class ByPhone:
    """Answers what callers ask about their cases."""

    face: Face
    folder: Path
    """Where Asterisk finds what is said."""
    speak: Callable[[str, Path], None] = speak

    async def progress(self, number: str, code: str, caller: str) -> str:
        """Return what is said to who keys in a number and a code."""
        face = self.face
        try:
            face.limiter.check("follow", f"tel:{caller or 'unknown'}")
            case = await following.admit(face.database, face.codes, number, code, face.clock.now())
        except NotYoursError:
            return WRONG
        except TooManyError:
            return BUSY
        async with face.database.read() as session:
            found = await following.progress(face.desk, session, case, face.clock.now())
        return _told(found)

    async def told(self, call_id: str) -> str:
        """Return number and code of a call's ticket as they are said; empty: there is none."""
        async with self.face.database.read() as session:
            case = await session.scalar(select(Case).where(Case.call_id == call_id))
        if case is None:
            return ""
        number = _in_groups(case.number)
        code = _in_groups(self.face.codes.code(case.number))
        words = f"工单编号，{number}。查询码，{code}。"
        return f"{words}再说一遍。{words}"

    async def sound(self, words: str) -> Path:
        """Return the sound file of what is said, without its ending."""
        name = hashlib.sha256(words.encode()).hexdigest()[:32]
        file = self.folder / f"{name}.wav"
        if not file.exists():
            await asyncio.to_thread(self._make, words, file)
        return file.with_suffix("")

    def _make(self, words: str, file: Path) -> None:
        oldest = self.face.clock.now().timestamp() - KEPT_SECONDS
        for old in self.folder.glob("*.wav"):
            if old.stat().st_mtime < oldest:
                old.unlink(missing_ok=True)
        self.speak(words, file)

    async def serve(self, host: str, port: int) -> None:
        """Answer until cancelled. A port that is taken is told, and calls go on without us."""
        try:
            server = await asyncio.start_server(self._connected, host, port)
        except OSError:
            log.exception("progress by telephone is not served", host=host, port=port)
            return
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                asked = await read_call(reader)
                words = await self._answer(asked)
                if words:
                    path = await self.sound(words)
                    writer.write(f'SET VARIABLE HL_SAY "{path}"\n'.encode())
                    await writer.drain()
                    await reader.readline()
        except (TimeoutError, OSError, ValueError, HotlineError) as error:
            log.warning("a caller's question went unanswered", why=repr(error))
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, asked: Mapping[str, str]) -> str:
        given = [asked.get(f"agi_arg_{place}", "") for place in (1, 2, 3)]
        if asked.get("agi_network_script") == "progress":
            return await self.progress(*given)
        if asked.get("agi_network_script") == "told" and _SAFE.fullmatch(given[0]):
            return await self.told(given[0])
        return ""


async def read_call(reader: asyncio.StreamReader) -> dict[str, str]:
    """Read what Asterisk tells of the call, up to the empty line."""
    found: dict[str, str] = {}
    for _ in range(MOST_LINES):
        line = (await reader.readline()).decode("utf-8", "replace").strip()
        if not line:
            break
        name, _, value = line.partition(":")
        found[name.strip()] = value.strip()
    return found


def _told(found: Progress) -> str:
    words = f"您的{found.service.name}，现在的状态是，{found.state}。"
    if found.appointment is not None:
        at = found.appointment.at.astimezone(CHINA)
        minutes = f"{at.minute}分" if at.minute else ""
        words += f"约的时间是{at.month}月{at.day}日{at.hour}点{minutes}。"
    for promise in found.promises[:1]:
        if promise.paused:
            continue
        day = promise.due.astimezone(CHINA)
        if promise.late:
            words += f"{promise.name}已经超期，请按零，请律师为您催办。"
        else:
            words += f"{promise.name}，最迟{day.month}月{day.day}日。"
    if found.may_evaluate:
        words += "办件已经办完，请在短信里的网址评价。"
    return words.replace("（", "").replace("）", "")


def _in_groups(digits: str) -> str:
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "，".join(map(read_digits, groups))
