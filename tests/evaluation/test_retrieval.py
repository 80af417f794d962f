"""The figures that search and topics must reach on the tuning questions."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hotline.app.commandline import cli
from knowledge_base.library import Library, collect


def measured(*arguments: str) -> dict[str, float]:
    result = CliRunner().invoke(cli, [*arguments, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    report: dict[str, float] = json.loads(result.stdout)
    return report


def retrieval(data: Path, *more: str) -> dict[str, float]:
    files = ("--laws", str(data / "laws"), "--questions", str(data / "questions_tune.json"))
    return measured("eval", "retrieval", *files, *more)


def test_cross_validated_retrieval_reaches_the_figures(data: Path) -> None:
    report = retrieval(data, "--folds", "5")

    assert report["recall@10"] >= 0.60
    assert report["recall@100"] >= 0.85
    assert report["mrr@10"] >= 0.45


def test_retrieval_without_questions_reaches_its_figure_in_time(data: Path) -> None:
    report = retrieval(data)

    assert report["recall@10"] >= 0.45
    assert report["cpu_p95_ms"] <= 10


@pytest.mark.parametrize(("folds", "first", "among_three"), [("0", 0.60, 0.80), ("5", 0.60, 0.80)])
def test_topics_reach_the_figures(data: Path, folds: str, first: float, among_three: float) -> None:
    files = ("--questions", str(data / "questions_tune.json"), "--laws", str(data / "laws"))

    report = measured("eval", "topics", *files, "--folds", folds)

    assert report["top1"] >= first
    assert report["top3"] >= among_three


def test_the_corpus_is_read_whole_and_opens_quickly(data: Path, tmp_path: Path) -> None:
    collected = collect([data / "laws"])
    library = Library.from_texts(collected.texts)
    library.save(tmp_path / "library.kb")
    begin = time.process_time()
    opened = Library.open(tmp_path / "library.kb")
    article = opened.article("民法典", 1079, date(2026, 11, 24))
    took = time.process_time() - begin

    assert collected.unreadable == ()
    assert len(opened.current_rows()) >= 57_910
    assert article is not None
    assert article.headings == ("婚姻家庭编", "第四章 离婚")
    assert took <= 2
