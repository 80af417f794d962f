import json
import math
import random
from datetime import datetime
from pathlib import Path

import pytest

from agents.staffing import traffic
from agents.staffing.lawyers import deal
from agents.staffing.traffic import Offered, Traffic, TrafficFileError
from hotline.calls.patience import Patience
from hotline.clock import CHINA


def written(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_times_without_a_zone_are_those_on_the_bureaus_wall(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "day.csv",
        "at,topic,handling\n2026-11-24 09:30:00,wages,300\n2026-11-24T09:00:00+08:00,,200\n",
    )
    found = traffic.read(file)
    assert found.origin == datetime(2026, 11, 24, tzinfo=CHINA)
    assert [call.at for call in found.calls] == [9 * 3600, 9.5 * 3600]
    assert found.calls[1] == Offered(9.5 * 3600, "wages", talk=300)
    assert found.when(3600) == datetime(2026, 11, 24, 1, tzinfo=CHINA)


def test_seconds_stay_seconds(tmp_path: Path) -> None:
    file = written(tmp_path, "day.json", json.dumps([{"at": 30.5}, {"at": 7, "patience": 20}]))
    found = traffic.read(file)
    assert found.origin is None
    assert found.calls == (Offered(7, patience=20), Offered(30.5))


def test_a_number_in_json_keeps_its_digits(tmp_path: Path) -> None:
    file = written(tmp_path, "a.json", '{"calls": [{"at": 1, "number": 13900000001}]}')
    assert traffic.read(file).calls[0].number == "13900000001"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "at,handling\n1,10\n2,-3\n", "a.csv:3：handling"),
        ("a.csv", "at\n上午\n", "a.csv:2：at"),
        ("a.csv", "at\n-5\n", "a.csv:2：at"),
        ("a.csv", "at\nnan\n", "a.csv:2：at"),
        ("a.csv", "topic\nwages\n", "第一行要写列名"),
        ("a.csv", "at\n", "没有一通来电"),
        ("a.csv", "at\n5\n2026-11-24 09:00\n", "要么全是时间"),
        ("a.json", "{", "不是 JSON"),
        ("a.json", '{"calls": 3}', "应为来电的列表"),
        ("a.json", '[{"topic": "wages"}]', "第 1 通：at"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(TrafficFileError) as refused:
        traffic.read(written(tmp_path, name, text))
    assert told in refused.value.message


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrafficFileError):
        traffic.read(tmp_path / "none.csv")


def test_what_is_not_known_is_drawn_from_what_is() -> None:
    known = Traffic((Offered(0, talk=100, patience=5), Offered(1, waited=40)))
    filled = known.completed(random.Random(1), Patience(60))
    assert filled.calls[0] == known.calls[0]
    assert filled.calls[1].talk == 100
    assert (filled.calls[1].patience or 0) >= 40
    assert known.completed(random.Random(1), None).calls[1].patience == math.inf
    with pytest.raises(TrafficFileError):
        Traffic((Offered(0),)).completed(random.Random(1), None)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    day = traffic.invent(50, random.Random(1), talk=400)
    traffic.write(tmp_path / "day.csv", day)
    again = traffic.read(tmp_path / "day.csv")
    assert [c.topic for c in again.calls] == [c.topic for c in day.calls]
    assert [c.at for c in again.calls] == pytest.approx([c.at for c in day.calls], abs=0.001)


def test_dealt_lawyers_cover_the_topics_in_the_measure_of_the_calls() -> None:
    calls = [Offered(n, "wages") for n in range(60)] + [Offered(n, "marriage") for n in range(30)]
    calls += [Offered(n, "traffic", "yue") for n in range(10)]
    lawyers = deal(10, Traffic(tuple(calls)))
    experts = [next(t for t, level in a.skills.items() if level == 3) for a in lawyers]
    assert (experts.count("wages"), experts.count("marriage"), experts.count("traffic")) == (
        6,
        3,
        1,
    )
    assert sum("yue" in agent.languages for agent in lawyers) == 1
    assert len({agent.id for agent in lawyers}) == 10
    assert deal(0, Traffic(())) == ()
