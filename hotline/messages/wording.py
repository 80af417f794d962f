"""How messages read: the bureau's own words from ``config/messages/messages.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

import config
from hotline import configfiles
from hotline.casework import Codes

PLACES = frozenset({"bureau", "hotline", "number", "code", "service", "text", "link", "evaluate"})
_PLACE = re.compile(r"\{([a-z_]+)\}")

FOLLOW = "/public/follow"
EVALUATE = "evaluate"
"""The purpose of the mark in an evaluation's link (see :meth:`Codes.mark`)."""


class Wording(BaseModel):
    """``messages.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str = "file"
    signature: str = ""
    notice: str = "{text}"
    first: str
    first_link: str
    opened: str
    evaluate: str
    own_code: str = "验证码 {text}，十分钟内有效，用于查看热线保存的您的信息，请勿告诉他人。"
    own_code_sent: str = "查看个人信息的验证码已发到您的手机。"
    mail_provider: str = "file"
    staff_deadline: str = "{service} {number}：{text}。请登录系统办理。"
    staff_task: str = "{service} {number} 有新的通知，请登录系统查看。"
    staff_confidential: str = "您有一条新的通知，请登录系统查看。"
    call_delay_minutes: int = Field(ge=0, le=24 * 60)

    @field_validator(
        *("signature", "notice", "first", "first_link", "opened", "evaluate", "own_code"),
        *("staff_deadline", "staff_task", "staff_confidential"),
    )
    @classmethod
    def _known_places(cls, text: str) -> str:
        unknown = set(_PLACE.findall(text)) - PLACES
        if unknown:
            raise ValueError(f"不认识的位置：{'、'.join(f'{{{name}}}' for name in unknown)}")
        return text


def load(file: Path | None = None) -> Wording:
    """Read the words.

    Raises:
        ConfigFileError: the file is wrong.
    """
    return configfiles.load(file or config.path("messages/messages.yaml"), Wording)


@dataclass(frozen=True)
class Address:
    """Where this installation's public pages are, for links; empty: no links."""

    public_url: str

    def follow(self) -> str:
        """Return the address at which number and code are asked for."""
        return f"{self.public_url.rstrip('/')}{FOLLOW}" if self.public_url else ""

    def evaluate(self, codes: Codes, number: str) -> str:
        """Return the address at which one case is evaluated."""
        if not self.public_url:
            return ""
        return f"{self.public_url.rstrip('/')}{evaluation_path(codes, number)}"


def evaluation_path(codes: Codes, number: str) -> str:
    """Return the path of one case's evaluation, with the mark that opens it."""
    return f"/public/evaluate/{number}-{codes.mark(EVALUATE, number)}"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill the places; a sentence whose value is empty is left out altogether."""
    if any(not values.get(name) for name in _PLACE.findall(text)):
        return ""
    return _PLACE.sub(lambda place: values[place[1]], text)
