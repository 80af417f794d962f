from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import config
from hotline.errors import HotlineError
from knowledge_base.cards.commands import app as cards
from transcripts.scoring.commands import app, evaluations

LAW = """\
# 劳动争议调解仲裁法

第二十七条 劳动争议申请仲裁的时效期间为一年。仲裁时效期间从当事人知道其权利被侵害之日起计算。

第五十三条 劳动争议仲裁不收费。
"""
PAIRS: list[dict[str, Any]] = [
    {
        "kind": "period",
        "question": "多久内申请劳动仲裁？",
        "right": "劳动争议申请仲裁的时效期间为一年。",
        "wrong": "劳动争议申请仲裁的时效期间为三年。",
        "articles": ["劳动争议调解仲裁法第二十七条"],
    },
    {
        "kind": "negation",
        "question": "劳动仲裁收费吗？",
        "right": "证人可以出庭。",
        "wrong": "证人不可以出庭。",
        "articles": ["劳动争议调解仲裁法第五十三条"],
    },
]


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "劳动争议调解仲裁法(2007-12-29).md").write_text(LAW, encoding="utf-8")
    return folder


def run(command: Any, *arguments: str) -> str:
    result = CliRunner().invoke(command, [*arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_script_is_scored_with_its_evidence() -> None:
    script = config.path("demo/conversations/06-arbitration-wrong-period.yaml")
    told = json.loads(run(app, str(script), "--on", "2026-11-24", "--json"))
    assert told["veto"] == "critical_wrong_fact"
    (fault,) = [one for one in told["findings"] if one["fault"]]
    assert (fault["heard"], fault["expected"]) == ("两年", "一年")
    shown = run(app, str(script), "--on", "2026-11-24")
    assert "应为一年" in shown
    assert "请人工复核" in shown


def test_facts_are_evaluated_and_what_is_not_decided_is_left_out(
    tmp_path: Path, laws: Path
) -> None:
    file = tmp_path / "pairs.json"
    file.write_text(json.dumps(PAIRS, ensure_ascii=False), encoding="utf-8")
    told = json.loads(
        run(evaluations, "facts", "--laws", str(laws), "--pairs", str(file), "--json")
    )
    assert told["pairs"] == 2
    assert told["coverage"] == 0.5
    assert told["right_higher"] == 1.0
    assert told["mean_margin"] > 0.2
    assert told["by_kind"]["negation"]["coverage"] == 0.0


@pytest.mark.parametrize("text", ["不是 JSON", '[{"right": "只有一个"}]', "{}"])
def test_a_broken_file_of_pairs_is_told(tmp_path: Path, laws: Path, text: str) -> None:
    file = tmp_path / "pairs.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(HotlineError, match=r"pairs\.json"):
        run(evaluations, "facts", "--laws", str(laws), "--pairs", str(file), "--json")


def test_pairs_are_made_from_reference_answers(tmp_path: Path) -> None:
    questions, output = tmp_path / "questions.json", tmp_path / "pairs.json"
    questions.write_text(
        json.dumps(
            [
                {
                    "question": "多久？",
                    "answer": "用人单位应当在三十日内支付。",
                    "articles": ["劳动法第五十条"],
                }
            ],
            ensure_ascii=False,
        ),
        encoding="utf-8",
    )
    run(evaluations, "make-pairs", "--questions", str(questions), "--output", str(output))
    made = json.loads(output.read_text(encoding="utf-8"))
    assert {pair["kind"] for pair in made} == {"period", "negation", "subject"}
    assert set(made[0]) == {"kind", "question", "right", "wrong", "articles"}


def test_cards_are_checked_against_a_folder_of_statutes(laws: Path) -> None:
    result = CliRunner().invoke(cards, ["--laws", str(laws), "--json"])
    assert result.exit_code == 1, "the other laws of the cards are not in this folder"
    told = json.loads(result.stdout)
    assert told["confirmed"] >= 1
    assert {"labour-arbitration/limitation", "labour-arbitration/free"}.isdisjoint(
        f"{one['card']}/{one['what']}" for one in told["unconfirmed"]
    )
    assert any("劳动合同法" in one["provision"] for one in told["unknown_articles"])
