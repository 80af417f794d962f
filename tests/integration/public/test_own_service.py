"""A bureau's own service: one new YAML file, and it is on the page, in the form, and works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hotline.casework import Actor, Case, Desk, services
from hotline.store import Database
from hotline.tickets.referral import destinations

OWN = """\
code: translation
digits: "77"
name: 彝语翻译陪同
catalogue:
  summary: 开庭、调解、办证时安排彝语翻译陪同
  for_whom: 不通晓汉语的居民
  procedure: [提出申请, 安排翻译, 陪同]
  time_limit: 3 个工作日内答复
  cost: 免费
  legal_basis: [{law: 民事诉讼法, article: 第十一条}]
  counter: 公共法律服务中心
  online: true
fields:
  - {name: caller_name, label: 姓名, required: true, sensitivity: personal, public: true}
  - {name: title, label: 什么场合需要翻译, required: true, longest: 100, public: true}
start: asked
opened_by: [system, lawyer, bureau, applicant]
states:
  asked: {name: 待安排, public: 等待安排}
  done: {name: 已陪同, kind: end}
transitions:
  - {action: accompany, name: 已陪同, from: [asked], to: done, who: [bureau]}
"""


@pytest.fixture
def desk(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "bureau" / "services"
    folder.mkdir(parents=True)
    (folder / "translation.yaml").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "bureau"))
    loaded = services.load()
    assert loaded.problems == ()
    return Desk(loaded, desk.worktime)


async def test_it_is_listed_applied_for_followed_and_offered_to_staff(
    visitor: Any, database: Database, desk: Desk
) -> None:
    one = visitor()
    assert "彝语翻译陪同" in (await one.get("/public")).text
    assert "彝语翻译陪同" in (await one.get("/public/services")).text
    assert "不通晓汉语的居民" in (await one.get("/public/services/translation")).text
    answer = await one.apply(
        "/public/services/translation/apply", {"caller_name": "阿木", "title": "开庭"}
    )
    assert answer.status == 303, answer.text
    assert "等待安排" in (await one.get(answer.to)).text
    async with database.read() as session:
        case = await session.scalar(select(Case))
    assert case is not None
    assert case.number[6:8] == "77"
    lawyer = Actor("wang", frozenset({"lawyer"}))
    assert "translation" in {s.code for s in destinations(desk.services, lawyer)}
