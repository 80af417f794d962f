from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.alarms.rules import Facts, Names, Refused, Rules, judge, load
from agents.pages.load import curves
from agents.pages.wall import Person, Waiting, Wall
from hotline.calls.proportion import Proportion
from hotline.configfiles import ConfigFileError
from hotline.routing.people import AgentKind, Presence

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
NAMES = Names({"wages": "劳动报酬"}.__getitem__, {"qingshi": "青石镇"}.__getitem__)


def lawyer(name: str, state: Presence, *, reachable: bool = True) -> Person:
    return Person(name, name, AgentKind.LAWYER, state, False, NOW, "", reachable, "")


def told(rules: Rules | None = None, **facts: Any) -> dict[str, str]:
    waiting = tuple(
        Waiting(str(n), "139", "", "", NOW - timedelta(seconds=s))
        for n, s in enumerate(facts.pop("waits", ()))
    )
    wall = Wall(NOW, waiting, 0, 0, tuple(facts.pop("people", ())))
    known = Facts(
        wall,
        facts.get("rates", {}),
        facts.get("crowds", {}),
        facts.get("emergencies", ()),
        facts.get("late", ()),
        facts.get("trunks", ()),
        facts.get("refused", ()),
    )
    return {alarm.key: alarm.words for alarm in judge(known, rules or load(), NAMES)}


def test_a_quiet_day_has_no_alarm() -> None:
    assert told(people=[lawyer("王", Presence.READY)]) == {}


def test_a_trunk_that_does_not_answer_is_told() -> None:
    assert told(people=[lawyer("王", Presence.READY)], trunks=("trunk",)) == {
        "trunk:trunk": "中继 trunk 没有应答，打不出去，来电也可能进不来"
    }


def test_a_broken_policy_is_told_with_its_line_and_what_holds() -> None:
    refused = [Refused("routing.yaml", "第 3 行 ring_seconds：应为数字", "仍按原来的策略派话")]
    assert told(refused=refused) == {
        "config:routing.yaml": "routing.yaml 有误，没有生效：第 3 行 ring_seconds：应为数字。"
        "仍按原来的策略派话"
    }


def test_a_wait_is_told_from_the_second_on_that_the_bureau_set() -> None:
    people = [lawyer("王", Presence.READY)]
    assert told(waits=[59], people=people) == {}
    assert told(waits=[60, 12], people=people) == {"longest": "1 位来电人等待超过 1 分钟"}


def test_waiting_while_nobody_is_free() -> None:
    busy, dead = lawyer("王", Presence.BUSY), lawyer("李", Presence.READY, reachable=False)
    assert told(waits=[1], people=[busy, dead]) == {
        "nobody": "1 人等待，没有空闲律师",
        "lines": "话机不通：李",
    }


def test_a_mass_incident_by_theme_or_place() -> None:
    crowds = {("topic", 30): {"wages": 15}, ("place", 30): {"qingshi": 14}}
    assert told(crowds=crowds) == {"theme:wages": "集中来电：30 分钟内 15 人咨询“劳动报酬”"}
    crowds = {("place", 30): {"qingshi": 16}}
    assert told(crowds=crowds) == {"place:qingshi": "集中来电：30 分钟内 青石镇有 16 人来电"}


@pytest.mark.parametrize(("answered", "offered", "rings"), [(95, 100, 0), (94, 100, 1), (1, 19, 0)])
def test_a_low_rate_of_enough_calls(answered: int, offered: int, rings: int) -> None:
    assert len(told(rates={1440: Proportion(answered, offered)})) == rings


def test_the_emergency_key_and_an_empty_seat() -> None:
    late = [("wang", "王", timedelta(minutes=9)), ("li", "李", timedelta(minutes=10))]
    assert told(emergencies=[("1.1", "赵")], late=late) == {
        "emergency:1.1": "赵按了紧急求助键",
        "absent:li": "李已开班，尚未签入",
    }


def test_a_rule_that_cannot_be_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "alarms.yaml"
    for text in (
        "rules:\n  - {code: a, kind: mass, by: weather, callers: 3, minutes: 5}\n",
        "rules:\n  - {code: a, kind: unheard_of}\n",
        "rules:\n  - {code: a, kind: emergency}\n  - {code: a, kind: unreachable}\n",
    ):
        file.write_text(text)
        with pytest.raises(ConfigFileError) as caught:
            load(file)
        assert "alarms.yaml:" in caught.value.message


def test_curves_count_who_is_there_at_each_minute() -> None:
    def ago(minutes: float) -> datetime:
        return NOW - timedelta(minutes=minutes)

    found = curves([(ago(300), ago(119)), (ago(2.5), None)], [(ago(3), ago(1))], NOW)
    assert len(found.times) == 121
    assert found.times[-1] == int(NOW.timestamp())
    assert found.waiting == (1, *[0] * 117, 1, 1, 1)
    assert found.talking[-5:] == (0, 1, 1, 0, 0)
    assert found.line(found.waiting).startswith("M0.00 76.50 L0.83 100.00")
