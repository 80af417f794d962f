"""The second language: what stands in the catalogue, and how a page is put together from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import DictLoader, Environment

from agents.pages import words
from agents.rota import attendance, plan, requests
from hotline.app.processes import SECTIONS
from hotline.web import display
from hotline.web.permissions import Role
from hotline.web.routes import section as own
from hotline.web.templating import THEMES
from hotline.web.translating import (
    DOMAIN,
    LOCALE,
    Translated,
    finalizer,
    in_words,
    lookup,
    messages_of,
)

ROOT = Path(__file__).parents[3]
PAGES = (
    *("hotline/web/templates/page.html", "hotline/web/templates/ui.html"),
    *("hotline/web/templates/gate.html", "hotline/web/templates/signin.html"),
    *("hotline/web/templates/signin_code.html", "hotline/web/templates/account.html"),
    *("agents/pages/templates/tickets.html", "agents/pages/templates/ticket_parts.html"),
    *("agents/pages/templates/seat.html", "agents/pages/templates/seat_line.html"),
    *("agents/pages/templates/seat_none.html", "agents/pages/templates/seat_parts.html"),
    *("agents/pages/templates/seat_bar.html", "agents/pages/templates/seat_dock.html"),
    "agents/alarms/templates/alarms.html",
)
"""What is wholly there in the second language, beside the wallboard and the rota."""

HAN = re.compile(r"[一-鿿]")


def files() -> list[Path]:
    return [
        *(ROOT / page for page in PAGES),
        *sorted((ROOT / "agents/pages/templates").glob("wall*.html")),
        *sorted((ROOT / "agents/rota/templates").glob("*.html")),
    ]


def environment(**templates: str) -> Environment:
    find = {
        "工单": "Tickets",
        "另有 {0} 个专题": "{0} more topics",
        "从 {0} 到 {1} 为止": "up to {1} from {0}",
        "保存": "Save",
        "空闲": "Ready",
    }.get
    made = Environment(
        loader=DictLoader(templates),
        autoescape=True,
        extensions=[Translated],
        finalize=finalizer(find),
    )
    made.extend(translate=find)
    return made


@pytest.mark.parametrize("file", files(), ids=lambda file: f"{file.parts[-3]}/{file.name}")
def test_no_message_of_these_pages_lacks_a_translation(file: Path) -> None:
    plain = Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    find = lookup("en")
    missing = [m for m in messages_of(plain, file.read_text("utf-8")) if find(m) is None]
    assert not missing


def test_navigation_states_and_roles_are_translated() -> None:
    find = lookup("en")
    ours = [
        *(entry.words for section in (own, *SECTIONS) for entry in section.nav),
        *(role.words for role in Role),
        *THEMES.values(),
        *(words_ for words_, _ in words.PRESENCE.values()),
        *(words_ for words_, _ in requests.STATE_WORDS.values()),
        *requests.ACT_WORDS.values(),
        *(words_ for words_, _ in attendance.MARK_WORDS.values()),
        *plan.WEEKDAYS,
    ]
    assert not [one for one in ours if find(one) is None]


def test_the_catalogue_is_sound() -> None:
    file = LOCALE / "en" / "LC_MESSAGES" / f"{DOMAIN}.po"
    with file.open("rb") as source:
        messages = [m for m in read_po(source, locale="en") if m.id]
    assert len(messages) > 300
    for message in messages:
        # A translation may turn values round but neither lose nor invent one.
        places = [sorted(re.findall(r"\{\d+\}", t)) for t in (str(message.id), str(message.string))]
        assert places[0] == places[1], message.id
        assert not HAN.search(str(message.string)), message.id
        assert not re.search(r"[<>\"]", str(message.string)), message.id


def test_a_run_of_text_is_one_message_with_its_values_in_place() -> None:
    made = environment(
        page='<p title="工单">另有 {{ n }} 个专题</p>从 {{ a }} 到 {{ b }} 为止{{ state }}'
        '{% if n %}工单{% endif %}{{ button("保存") }} 没有译文 {{ n }}'
    )
    drawn = made.get_template("page").render(
        n=3, a="<i>", b="2", state="空闲", button=lambda words: f"[{words}]"
    )
    assert drawn == (
        '<p title="Tickets">3 more topics</p>up to 2 from &lt;i&gt;ReadyTickets[Save] 没有译文 3'
    )


def test_somebodys_text_stays_as_it_is() -> None:
    made = environment(page="{{ text }}")
    assert made.get_template("page").render(text="工单写错了") == "工单写错了"


def test_times_are_told_in_words() -> None:
    now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    ago = partial(in_words(display.moment), now=now)
    assert ">3 min ago</time>" in ago(now - timedelta(minutes=3))
    assert ">just now</time>" in ago(now)
    assert in_words(display.until)(now + timedelta(days=2), now) == "2 days left"
