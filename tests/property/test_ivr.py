"""Laws of the menu that hold for every menu a bureau may write, and every caller."""

from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hotline.configfiles import ConfigFileError, Document
from hotline.worktime import WorkTime
from ivr import rules
from ivr.model import MenuFile, Source, SurveyFile
from ivr.plan import lay_out
from ivr.timetable import tabulate
from ivr.walk import Left, Press, Walker
from tests.property.test_worktime import MOMENTS, WORK_TIMES

KEYS = st.sampled_from("0123456789*#")
ENDS = ["person", "voicemail", "callback"]
PLACES = st.sampled_from(ENDS * 4 + ["main", "night"])
FALLBACKS = st.sampled_from(["person"] * 20 + ["voicemail", "main", "night"])

OPTIONS = st.lists(
    st.builds(
        lambda key, to, topic: {
            "key": key,
            "name": f"第{key}项",
            "say": "x",
            "to": to,
            "topic": topic,
        },
        KEYS.filter(lambda key: key not in "0*"),
        PLACES,
        st.sampled_from(["", "wages"]),
    ),
    min_size=1,
    max_size=7,
    unique_by=lambda option: option["key"],
)
MENUS = st.fixed_dictionaries(
    {
        "name": st.just("菜单"),
        "options": OPTIONS,
        "silence": FALLBACKS,
        "wrong": FALLBACKS,
        "person": st.sampled_from([True] * 9 + [False]),
    }
)
CHOICES = st.lists(
    st.fixed_dictionaries(
        {
            "key": KEYS,
            "language": st.sampled_from(["zh", "en", "dialect"]),
            "name": st.just("语言"),
            "say": st.just("x"),
            "menu": st.booleans(),
        }
    ),
    max_size=3,
    unique_by=lambda choice: str(choice["key"]),
)
FILES = st.builds(
    lambda main, night, choices, night_to: {
        "version": 1,
        "name": "热线",
        "numbers": [{"number": "12348"}],
        "hours": "hotline",
        "notice": ["notice"],
        "start": "main",
        "menus": {"main": main} | ({"night": night} if night_to == "night" else {}),
        "languages": {"choices": choices},
        "night": {"to": night_to},
    },
    MENUS,
    MENUS,
    CHOICES,
    PLACES,
)
SURVEY = SurveyFile.model_validate(
    {
        "version": 1,
        "name": "评价",
        "questions": [
            {"id": "q", "name": "题", "say": "x", "answers": [{"key": "1", "name": "好"}]}
        ],
    }
)
DOCUMENT = Document(Path("menu.yaml"), None, {(): 1})


def accepted(file: dict[str, object]) -> MenuFile | None:
    menu = MenuFile.model_validate(file)
    try:
        rules.refuse_broken(Source(DOCUMENT, menu, DOCUMENT, SURVEY))
    except ConfigFileError:
        return None
    return menu


def walk(menu: MenuFile, keys: list[str | None], *, night: bool) -> tuple[str, str]:
    """Return where the caller came to, and the keys pressed on the way."""
    presses = iter(keys)

    def press(title: str, meaningful: object) -> Press | None:
        key = next(presses, None)
        return None if key is None else Press(key)

    walker = Walker(lay_out(menu), press, lambda p, _: p, lambda *_: 1.0, night=night)
    last = list(walker.walk())[-1]
    assert isinstance(last, Left)
    return last.to, walker.path


@given(FILES, st.lists(st.one_of(KEYS, st.none()), max_size=8))
def test_by_day_every_walk_ends_and_silence_ends_at_a_person(
    file: dict[str, object], keys: list[str | None]
) -> None:
    menu = accepted(file)
    if menu is not None:
        walk(menu, keys, night=False)
        assert walk(menu, [], night=False) == ("person", "")


@given(FILES, st.lists(KEYS.filter(lambda key: key != "*"), max_size=8))
def test_one_key_is_enough_off_the_language_choice(
    file: dict[str, object], keys: list[str | None]
) -> None:
    menu = accepted(file)
    if menu is not None:
        assert len(walk(menu, keys, night=False)[1]) <= 1
        assert len(walk(menu, keys, night=True)[1]) <= len(menu.menus)


@given(FILES)
def test_zero_is_a_person_from_every_menu_of_the_day(file: dict[str, object]) -> None:
    menu = accepted(file)
    if menu is not None:
        assert walk(menu, ["0"], night=False) == ("person", "0")


@given(WORK_TIMES, MOMENTS)
def test_the_table_for_the_dialplan_says_what_the_calendar_says(
    opening: WorkTime, moment: datetime
) -> None:
    assert tabulate(opening).is_open(moment) is opening.is_open(moment)
