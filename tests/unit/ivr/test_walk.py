import pytest

from hotline.errors import InvalidInputError
from hotline.settings import Settings
from ivr.model import Source
from ivr.plan import lay_out, lay_out_survey
from ivr.walk import Announced, Left, Moment, Pressed, Said, SurveyWalker, Walker, script
from tests.unit.ivr.conftest import Read


def walk(source: Source, keys: str, **more: object) -> tuple[Walker, list[Moment]]:
    walker = Walker(lay_out(source.menu), script(keys), lambda p, _: p, lambda *_: 2.0, **more)
    return walker, list(walker.walk())


def ask(source: Source, keys: str) -> list[Moment]:
    survey = lay_out_survey(source.survey)
    return list(SurveyWalker(survey, script(keys), lambda p, _: p, lambda *_: 2.0, "zh").walk())


def said(moments: list[Moment]) -> list[str]:
    return [one.prompt for one in moments if isinstance(one, Said)]


def answers(moments: list[Moment]) -> list[tuple[str, str]]:
    return [
        (one.fields["Question"], one.fields["Answer"])
        for one in moments
        if isinstance(one, Announced)
    ]


@pytest.mark.parametrize(
    ("keys", "topic", "language", "path"),
    [
        ("1", "wages", "zh", "1"),
        ("2", "marriage", "zh", "2"),
        ("0", "", "zh", "0"),
        ("-", "", "zh", ""),
        ("9", "", "zh", "9"),
        ("#", "", "zh", "#"),
        ("*2", "", "dialect", "*2"),
        ("*11", "wages", "zh", "*11"),
        ("*-", "", "zh", "*"),
        ("*9", "", "zh", "*9"),
        ("*0", "", "zh", "*0"),
    ],
)
def test_every_key_silence_and_mistake_leads_to_a_person(
    read: Read, keys: str, topic: str, language: str, path: str
) -> None:
    walker, moments = walk(read(), keys)
    assert moments[-1] == Left(walker.at, "person")
    assert (walker.topic, walker.language, walker.path) == (topic, language, path)


def test_a_key_during_the_notice_goes_on_at_once(read: Read) -> None:
    walker, moments = walk(read(), "0@3")
    assert said(moments) == ["notice"]
    assert next(one for one in moments if isinstance(one, Said)).cut
    assert walker.at == 3.0


def test_silence_waits_after_the_last_word_and_then_says_what_happens(read: Read) -> None:
    _, moments = walk(read(), "-")
    assert said(moments) == [
        "notice",
        "menu/intro",
        "menu/labour",
        "menu/family",
        "menu/connecting",
    ]
    (pressed,) = (one for one in moments if isinstance(one, Pressed))
    assert pressed.at == 5 * 2.0 + 4  # pause and four prompts, then four seconds


@pytest.mark.parametrize(("keys", "to"), [("5", "callback"), ("6", "voicemail"), ("-", "callback")])
def test_at_night_the_caller_leaves_a_message_or_is_called_back(
    read: Read, keys: str, to: str
) -> None:
    _, moments = walk(read(), keys, night=True)
    assert said(moments)[0] == "night/closed"
    assert isinstance(moments[-1], Left)
    assert moments[-1].to == to


def test_at_night_recorded_advice_is_told_and_the_key_for_emergencies_says_so(read: Read) -> None:
    told = "say: night/callback, topic: wages, to: advice, advice: [migrant-wages]"
    changed = (("say: night/callback, to: callback", told), ("person: false", "urgent: true"))
    _, moments = walk(read(*changed), "5", night=True)
    assert said(moments)[-2:] == ["advice/migrant-wages", "advice/after"]
    assert isinstance(moments[-1], Left)
    assert moments[-1].to == "advice"
    _, moments = walk(read(*changed), "0", night=True)
    done = next(one for one in moments if isinstance(one, Announced) and one.event == "HLMenuDone")
    assert done.fields["Urgent"] == "1"


def test_the_night_service_may_be_the_usual_menu_after_a_word(read: Read) -> None:
    source = read(("to: night}", "to: main}"), ("  night:\n    name", "  other:\n    name"))
    walker, moments = walk(source, "1", night=True)
    assert said(moments)[:2] == ["night/closed", "notice"]
    assert walker.topic == "wages"


def test_a_known_caller_hears_the_notice_and_no_menu(read: Read) -> None:
    _, moments = walk(read(), "", skip="elderly", night=True)
    assert said(moments) == ["notice/short"]
    done = next(one for one in moments if isinstance(one, Announced) and one.event == "HLMenuDone")
    assert done.fields["Skip"] == "elderly"
    assert done.fields["Night"] == "1"


def test_the_survey_takes_both_answers(read: Read) -> None:
    moments = ask(read(), "12")
    assert answers(moments) == [("satisfaction", "1"), ("solved", "2")]
    assert said(moments) == [
        "survey/intro",
        "survey/satisfaction",
        "survey/solved",
        "survey/thanks",
    ]


def test_no_answer_is_no_answer_and_ends_the_survey(read: Read) -> None:
    moments = ask(read(), "-1")
    assert answers(moments) == [("satisfaction", "")]
    assert said(moments)[-1] == "survey/thanks"


def test_a_wrong_key_is_asked_again_once(read: Read) -> None:
    assert answers(ask(read(), "931")) == [("satisfaction", "3"), ("solved", "1")]
    assert answers(ask(read(), "991")) == [("solved", "1")]


def test_keys_that_are_none_are_refused_with_how_to_write_them() -> None:
    with pytest.raises(InvalidInputError, match="看不懂按键 'x'"):
        script("1x")


def test_the_shipped_menu_reaches_a_person_in_one_key(own_settings: Settings) -> None:
    from ivr import compile_menu

    compiled = compile_menu(own_settings)
    for key in "1234560":
        walker = Walker(compiled.plan, script(key), lambda p, _: p, lambda *_: 1.0)
        moments = list(walker.walk())
        assert isinstance(moments[-1], Left)
        assert moments[-1].to == "person"
        assert sum(isinstance(one, Pressed) for one in moments) == 1
