"""A question that a person answers at once and a form robot does not, told in words alone.

No picture and no sound: who hears the page read aloud is asked the same as who sees it. Beside the
question stand a field that people don't see (a robot fills it) and the time that filling takes.
The question travels with the form, sealed, so that nothing is kept of visitors who never send it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken

from hotline.clock import Clock
from hotline.secretsfile import SecretsFile

TRAP: Final = "website"
"""The field that people don't see. Browsers don't fill it by themselves (autocomplete off)."""
ANSWER: Final = "human_answer"
SEAL: Final = "human_seal"

QUICKEST: Final = timedelta(seconds=3)
LONGEST: Final = timedelta(hours=3)
"""A long form, a telephone call in between: what was typed must not be lost for that."""

_DIGITS = "零一二三四五六七八九十"


class Doubt(StrEnum):
    """Why a form isn't taken yet."""

    WRONG = "答案不对，请看清问题再答一次"
    EMPTY = "请回答这个问题，以便我们知道不是机器在提交"
    QUICK = "提交得太快，请核对内容后再按一次提交"
    STALE = "页面打开太久，请回答新的问题后再提交；您填写的内容都在"
    ROBOT = "没有提交成功。请不要使用自动填表工具，核对内容后再提交一次"


@dataclass(frozen=True)
class Riddle:
    """A question and all answers that are right, folded."""

    words: str
    answers: frozenset[str]


@dataclass(frozen=True)
class Asking:
    """What the form shows: the question (none where it was answered already) and its seal."""

    words: str
    seal: str
    mark: str
    """The form's one-time mark: the same form sent twice makes one case."""


class Humanity:
    """Asks and judges. ``random`` chooses among ``riddles``; the seal needs no luck."""

    def __init__(
        self,
        secret: str,
        clock: Clock,
        random: Random | None = None,
        riddles: Sequence[Callable[[Random], Riddle]] = (),
    ) -> None:
        key = hashlib.sha256(secret.encode()).digest()
        self._box = Fernet(base64.urlsafe_b64encode(key))
        self._key = key
        self._clock = clock
        self._random = random or secrets.SystemRandom()
        self._riddles = riddles or RIDDLES

    @classmethod
    def of(cls, home: Path, clock: Clock) -> Humanity:
        """Return the one of the installation at ``home``."""
        return cls(SecretsFile(home).get("public-forms"), clock)

    def ask(self) -> Asking:
        """Return a new question."""
        riddle = self._random.choice(self._riddles)(self._random)
        mark = secrets.token_urlsafe(12)
        answers = [self._digest(mark, answer) for answer in sorted(riddle.answers)]
        return self._sealed(riddle.words, mark, answers)

    def judge(self, form: Mapping[str, Any]) -> tuple[Doubt | None, Asking]:
        """Judge what was sent: the doubt, if any, and what the form shows when it comes again.

        A question that was answered rightly isn't asked again when another field was wrong.
        """
        opened = self._open(str(form.get(SEAL, "")))
        if opened is None:
            return Doubt.STALE, self.ask()
        at, mark, words, answers = opened
        asking = self._sealed(words, mark, answers, at)
        if form.get(TRAP):
            return Doubt.ROBOT, self.ask()
        if answers:
            given = fold(str(form.get(ANSWER, "")))
            if not given:
                return Doubt.EMPTY, asking
            if self._digest(mark, given) not in answers:
                return Doubt.WRONG, self.ask()
            asking = self._sealed("", mark, [], at)
        if self._clock.now() - at < QUICKEST:
            return Doubt.QUICK, asking
        return None, asking

    def _sealed(
        self, words: str, mark: str, answers: list[str], at: datetime | None = None
    ) -> Asking:
        moment = at or self._clock.now()
        content = json.dumps([moment.timestamp(), mark, words, answers]).encode()
        stamp = int(self._clock.now().timestamp())
        return Asking(words, self._box.encrypt_at_time(content, stamp).decode(), mark)

    def _open(self, seal: str) -> tuple[datetime, str, str, list[str]] | None:
        try:
            at, mark, words, answers = json.loads(self._box.decrypt(seal.encode()))
        except (InvalidToken, ValueError, UnicodeEncodeError):
            return None
        now = self._clock.now()
        moment = datetime.fromtimestamp(at, now.tzinfo)
        return (moment, mark, words, answers) if now - moment < LONGEST else None

    def _digest(self, mark: str, answer: str) -> str:
        return hmac.new(self._key, f"{mark}:{answer}".encode(), hashlib.sha256).hexdigest()[:16]


def fold(answer: str) -> str:
    """Return an answer as it is compared: width, spaces, case and closing marks don't matter."""
    text = unicodedata.normalize("NFKC", answer).lower()
    text = "".join(c for c in text if not unicodedata.category(c).startswith(("P", "Z", "C")))
    for word in ("答案是", "等于", "第", "个", "元", "是"):
        text = text.removeprefix(word).removesuffix(word)
    return text


def _number_answers(value: int) -> frozenset[str]:
    words = {str(value), in_words(value)}
    if value == 2:
        words.add("两")
    return frozenset(words)


def in_words(value: int) -> str:
    """Return 0 … 99 in Chinese."""
    if value <= 10:
        return _DIGITS[value]
    tens, ones = divmod(value, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _sum(random: Random) -> Riddle:
    a, b = random.randint(2, 9), random.randint(2, 9)
    return Riddle(f"{in_words(a)}加{in_words(b)}等于多少？", _number_answers(a + b))


def _difference(random: Random) -> Riddle:
    a, b = random.randint(6, 10), random.randint(1, 5)
    return Riddle(f"{in_words(a)}减{in_words(b)}等于多少？", _number_answers(a - b))


def _largest(random: Random) -> Riddle:
    numbers = random.sample(range(1, 10), 3)
    said = "、".join(in_words(n) for n in numbers)
    return Riddle(f"{said}，哪个数最大？", _number_answers(max(numbers)))


def _odd_one(random: Random) -> Riddle:
    groups = (
        ("水果", ("苹果", "香蕉", "西瓜", "橘子")),
        ("动物", ("兔子", "老虎", "山羊", "大象")),
        ("颜色", ("红色", "蓝色", "绿色", "黄色")),
        ("交通工具", ("汽车", "火车", "飞机", "轮船")),
    )
    wanted, others = random.sample(groups, 2)
    answer = random.choice(wanted[1])
    said = [answer, *random.sample(others[1], 2)]
    random.shuffle(said)
    return Riddle(f"{'、'.join(said)}，哪个是{wanted[0]}？", frozenset({answer, answer[0]}))


def _tomorrow(random: Random) -> Riddle:
    days = "一二三四五六"
    place = random.randrange(len(days) - 1)
    answer = days[place + 1]
    digit = str(_DIGITS.index(answer))
    said = {f"{week}{day}" for week in ("星期", "周", "礼拜", "") for day in (answer, digit)}
    return Riddle(f"今天如果是星期{days[place]}，明天是星期几？", frozenset(said))


RIDDLES: tuple[Callable[[Random], Riddle], ...] = (
    _sum,
    _difference,
    _largest,
    _odd_one,
    _tomorrow,
)
"""Kinds of questions; each tells its own answer."""
