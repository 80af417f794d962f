"""The second language: what stands in the catalogue, and how a page is put together from it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO

from jinja2 import DictLoader, Environment

from hotline.web import display
from hotline.web.extracting import code, extracted, read
from hotline.web.translating import Translated, finalizer, in_words

HAN = re.compile(r"[一-鿿]")


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
        finalize=finalizer(lambda text: find(text) or text),
    )
    made.extend(translate=find)
    return made


def test_the_catalogue_holds_what_the_pages_say() -> None:
    """After a change of words: ``make messages``, then translate what it prints."""
    kept = {str(m.id) for m in read("en") if m.id}
    wanted = {str(m.id) for m in extracted() if m.id}
    assert wanted - kept == set()


def test_the_catalogue_is_sound() -> None:
    messages = [m for m in read("en") if m.id]
    assert len(messages) > 2000
    for message in messages:
        assert message.string, message.id
        assert not message.fuzzy, message.id
        # A translation may turn values round but neither lose nor invent one.
        places = [sorted(re.findall(r"\{\d+\}", t)) for t in (str(message.id), str(message.string))]
        assert places[0] == places[1], message.id
        # What to type into a Chinese form is quoted.
        assert not HAN.search(re.sub(r"“[^”]*”", "", str(message.string))), message.id
        assert not re.search(r"[<>\"]", str(message.string)), message.id


def test_code_that_pages_speak_with_is_looked_through() -> None:
    source = b'''"""\xe6\xa8\xa1\xe5\x9d\x97"""
class WrongError(HotlineError):
    """\xe5\xa1\xab\xe5\x86\x99\xe6\x9c\x89\xe8\xaf\xaf\xe3\x80\x82

    More for programmers."""
def act(n):
    """\xe4\xb8\x8d\xe6\x98\xbe\xe7\xa4\xba"""
    return f"\xe5\xb7\xb2\xe5\x8a\x9e {n:>3} \xe4\xbb\xb6"
'''
    assert [message for _, _, message, _ in code(BytesIO(source))] == ["填写有误。", "已办 {0} 件"]


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
