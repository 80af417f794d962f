"""The commands as an administrator types them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import knowledge_base.tables  # noqa: F401 - the tables must be known before they are made
from hotline.app.commandline import cli
from hotline.settings import load
from hotline.store import Base, Database

MARKET = """# 中华人民共和国集市法

2001年3月1日 通过

第一条 摊主租用摊位，应当交押金。

第二条 集市收回摊位，应当退还押金。

第三条 本法自2001年6月1日起施行。
"""


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "集市法(2001-03-01).md").write_text(MARKET, encoding="utf-8")
    return folder


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.json"
    entries = [
        {
            "id": 1,
            "question": "集市收回摊位退押金吗",
            "articles": ["集市法第二条"],
            "topic": "租赁",
        },
        {"id": 2, "question": "租用摊位交押金吗", "articles": ["集市法第一条"], "topic": "lease"},
        {"id": 3, "question": "这部法何时施行", "articles": ["集市法第三条"], "topic": "行政"},
    ]
    file.write_text(json.dumps(entries, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture
def _tables() -> None:
    async def create() -> None:
        database = Database(load().database_url)
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        await database.close()

    asyncio.run(create())


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_CACHE", str(tmp_path / "cache"))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.usefixtures("_tables")
def test_statutes_are_imported_and_found(laws: Path) -> None:
    first = json.loads(run("kb", "import", str(laws), "--json"))
    second = run("kb", "import", str(laws))
    found = json.loads(run("kb", "search", "收回摊位要退押金吗", "--json"))
    shown = run("kb", "search", "收回摊位要退押金吗", "--on", "2005-01-01")

    assert (first["texts"], first["articles"], len(first["changes"])) == (1, 3, 1)
    assert "1 个没有变化，0 个有变化" in second
    assert found["articles"][0]["article"] == "第二条"
    assert any("押金" in reason for reason in found["articles"][0]["reasons"])
    assert "1. 《集市法》第二条" in shown


def test_retrieval_is_measured_on_files(laws: Path, questions: Path) -> None:
    arguments = ("eval", "retrieval", "--laws", str(laws), "--questions", str(questions), "--json")

    plain = json.loads(run(*arguments))
    trained = json.loads(run(*arguments, "--train", str(questions)))
    folded = json.loads(run(*arguments, "--folds", "3"))

    expected = {"questions", "recall@5", "recall@10", "recall@100", "mrr@10", "macro_by_law"}
    assert expected | {"p50_ms", "p95_ms"} <= set(plain)
    assert plain["questions"] == trained["questions"] == folded["questions"] == 3
    assert trained["recall@5"] == 1.0


def test_a_cache_that_cannot_be_written_stops_no_evaluation(
    laws: Path, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("HOTLINE_CACHE", str(tmp_path / "file"))

    report = json.loads(
        run("eval", "retrieval", "--laws", str(laws), "--questions", str(questions), "--json")
    )

    assert report["questions"] == 3


@pytest.mark.usefixtures("_tables")
def test_topics_are_trained_and_measured(laws: Path, questions: Path) -> None:
    report = json.loads(run("kb", "train-topics", "--questions", str(questions), "--json"))
    measured = json.loads(run("eval", "topics", "--questions", str(questions), "--json"))

    assert report["questions"] == 3
    assert measured["questions"] == 3
    assert measured["top1"] == 1.0


def test_weights_are_tuned_into_a_file(laws: Path, questions: Path, tmp_path: Path) -> None:
    output = tmp_path / "weights.yaml"

    run(
        *("kb", "tune-search", "--questions", str(questions)),
        *("--laws", str(laws), "--output", str(output)),
    )

    assert "lexical: [" in output.read_text(encoding="utf-8")
