"""The command line of scoring: ``score``, ``eval facts`` and ``eval make-pairs``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge_base.library import Article, Library
    from transcripts.scoring.scorer import Scored

app = typer.Typer(no_args_is_help=True)
"""``hotline score``."""

evaluations = typer.Typer(no_args_is_help=True)
"""``hotline eval facts`` and ``hotline eval make-pairs``; hotline.app puts them into ``eval``."""

JsonOption = Annotated[bool, typer.Option("--json", help="输出一个 JSON 对象，供程序读取。")]
_VERDICTS = {"right": "✓", "wrong": "✗", "missing": "○", "unsure": "?", "note": "·"}


@app.command("score")
def score_call(
    call: Annotated[
        str, typer.Argument(help="通话编号，或通话文件（剧本 YAML、话轮 JSON、文本）。")
    ],
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="按哪一天的法律评（文件用；默认今天）。"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """给一个通话评分并列出证据。机器评分只是初筛，须人工确认。

    例：hotline score 1764000000.12        例：hotline score 通话.txt --on 2026-11-24
    """
    file = Path(call)
    scored = _score_file(file, on) if file.is_file() else _score_call(call)
    if as_json:
        typer.echo(json.dumps(_as_json(scored), ensure_ascii=False))
    else:
        _print(scored)


def _score_file(file: Path, on: datetime | None) -> Scored:
    from hotline import settings
    from hotline.clock import CHINA, SystemClock
    from transcripts.scoring.knowledge import InstalledKnowledge
    from transcripts.scoring.scorecard import load_scorecard
    from transcripts.scoring.scorer import score
    from transcripts.scoring.talks import read_talk

    turns, topic = read_talk(file)
    day = on.date() if on else SystemClock().now().astimezone(CHINA).date()
    knowledge = InstalledKnowledge(settings.load())()
    return score(turns, knowledge, load_scorecard(), on=day, topic=topic)


def _score_call(call_id: str) -> Scored:
    import asyncio

    from hotline import settings
    from hotline.clock import SystemClock
    from hotline.errors import NotFoundError
    from hotline.store import Database
    from transcripts.review.agreement import hints
    from transcripts.scoring.jobs import Scorer
    from transcripts.scoring.knowledge import InstalledKnowledge

    async def run() -> Scored | None:
        loaded = settings.load()
        database = Database(loaded.database_url)
        try:
            scorer = Scorer(database, SystemClock(), InstalledKnowledge(loaded), hints=hints)
            return await scorer.run(call_id)
        finally:
            await database.close()

    scored = asyncio.run(run())
    if scored is None:
        raise NotFoundError(f"没有找到通话 {call_id}。")
    return scored


def _as_json(scored: Scored) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "scorecard": scored.scorecard.id,
        "scorecard_version": scored.scorecard.version,
        "law_date": scored.law_date.isoformat() if scored.law_date else None,
        "card": scored.matter.card.id if scored.matter else None,
        "card_confidence": scored.matter.confidence if scored.matter else None,
        "total": scored.total,
        "accuracy": scored.accuracy,
        "legal_ok": scored.legal_ok,
        "judged_share": round(scored.judged_share, 3),
        "veto": scored.veto,
        "needs_person": list(scored.why_person),
        "items": [
            {
                "id": item.rule.id,
                "title": item.rule.title,
                "weight": item.rule.weight,
                "share": item.share,
                "hint": item.hint,
                "applies": item.applies,
                "words": item.words,
            }
            for item in scored.items
        ],
        "findings": [{**asdict(one), "fault": one.is_fault} for one in scored.findings],
    }


def _print(scored: Scored) -> None:
    from transcripts.scoring.findings import VETO_WORDS

    matter = scored.matter
    typer.echo(
        f"事项：{matter.card.title}（{matter.confidence:.0%}）" if matter else "事项：没有识别"
    )
    total = "无法评分" if scored.total is None else f"{scored.total:g} 分"
    veto = f"，一票否决：{VETO_WORDS[scored.veto]}（待人工确认）" if scored.veto else ""
    typer.echo(f"初筛：{total}（机器评了 {scored.judged_share:.0%} 的分值）{veto}")
    for item in scored.items:
        share = (
            "不适用" if not item.applies else "人工" if item.share is None else f"{item.share:.0%}"
        ) + ("（提示）" if item.hint else "")
        typer.echo(f"  {share:>5}  {item.rule.title}：{item.words}")
    typer.echo("证据：")
    for one in scored.findings:
        at = (
            "--:--"
            if one.at_second is None
            else f"{int(one.at_second) // 60:02}:{int(one.at_second) % 60:02}"
        )
        typer.echo(f"  {_VERDICTS[one.verdict]} {at} {one.words}（可信度 {one.confidence:.0%}）")
    if scored.why_person:
        typer.echo(f"请人工复核：{'、'.join(scored.why_person)}。")


@evaluations.command("facts")
def evaluate_facts(
    laws: Annotated[
        Path, typer.Option("--laws", help="法规文件夹。", exists=True, file_okay=False)
    ],
    pairs: Annotated[
        Path,
        typer.Option(
            "--pairs",
            help="成对答案 JSON：每项含 kind、question、right、wrong、articles。",
            exists=True,
            dir_okay=False,
        ),
    ],
    errors: Annotated[int, typer.Option(min=0, help="另列出判反的几对。")] = 0,
    as_json: JsonOption = False,
) -> None:
    """评测事实核对：两个答案只差一处法律事实时，正确的一个得分是否更高；分不出的算弃权。

    例：hotline eval facts --laws 法规 --pairs 成对答案.json --json
    """
    from knowledge_base.cards import load_cards
    from knowledge_base.library import Library, collect
    from knowledge_base.library.commands import progress
    from transcripts.scoring.agreement import AnswerRater
    from transcripts.scoring.evaluation import rate_pairs, read_pairs, summarise

    rows = read_pairs(pairs)
    with progress("读取法规", quiet=as_json) as advance:
        library = Library.from_texts(collect([laws], advance=advance).texts)
    without = any(not row.articles for row in rows)
    rater = AnswerRater(library, load_cards(), _searcher(library) if without else None)
    with progress("核对答案", quiet=as_json) as advance:
        rated = rate_pairs(rows, rater, advance)
    result = summarise(rated)
    reversed_ = sorted(
        (one for one in rated if one.covered and one.margin < 0), key=lambda r: r.margin
    )
    if as_json:
        if errors:
            result["reversed"] = [
                {**one.pair.model_dump(), "margin": round(one.margin, 4)}
                for one in reversed_[:errors]
            ]
        typer.echo(json.dumps(result, ensure_ascii=False))
        return
    typer.echo(
        f"{result['pairs']} 对，覆盖 {result['coverage']}，"
        f"其中正确答案更高 {result['right_higher']}，平均差距 {result['mean_margin']}。"
    )
    for kind, figures in result["by_kind"].items():
        typer.echo(
            f"  {kind}：{figures['pairs']} 对，覆盖 {figures['coverage']}，"
            f"正确更高 {figures['right_higher']}"
        )
    for one in reversed_[:errors]:
        typer.echo(f"  判反 {one.pair.kind}（{one.margin:.2f}）：{one.pair.question}")


_FOUND = 5


def _searcher(library: Library) -> Callable[[str], list[Article]]:
    """Return a search of the library for questions that come without articles."""
    from hotline.settings import cache_folder
    from knowledge_base.cards import load_cards
    from knowledge_base.library.installed import KnowledgeFiles
    from knowledge_base.search.documents import card_questions
    from knowledge_base.search.engine import Search
    from knowledge_base.search.installed import refresh_index
    from knowledge_base.search.tuning import read_weights
    from knowledge_base.search.vocabulary import shipped_vocabulary
    from knowledge_base.topics.taxonomy import load_taxonomy

    files = KnowledgeFiles(cache_folder() / "evaluation" / library.fingerprint)
    search = Search(
        library,
        refresh_index(library, files),
        load_taxonomy(),
        shipped_vocabulary(),
        read_weights(),
        questions=card_questions(load_cards()),
    )
    return lambda question: [hit.article for hit in search.articles(question, limit=_FOUND)]


@evaluations.command("make-pairs")
def make_fact_pairs(
    questions: Annotated[
        Path,
        typer.Option(
            "--questions", help="带参考答案的问题 JSON（question、answer、articles）。", exists=True
        ),
    ],
    output: Annotated[Path, typer.Option("--output", help="写到哪个文件。")],
    seed: Annotated[int, typer.Option(help="随机种子，相同种子得到相同的对。")] = 1,
) -> None:
    """从参考答案造成对答案：每个答案每类改一处（数字、期限、倍数、是非、主体）。

    例：hotline eval make-pairs --questions 问题.json --output 成对答案.json
    """
    import random
    from dataclasses import asdict

    from knowledge_base.claims.pairs import Answered, make_pairs

    rows = json.loads(questions.read_text(encoding="utf-8"))
    answered = [
        Answered(row["question"], row["answer"], tuple(row["articles"]))
        for row in rows
        if row.get("answer")
    ]
    chance = random.Random(seed)  # noqa: S311 - pairs need repeating, not secrecy
    made = [asdict(pair) for pair in make_pairs(answered, chance)]
    output.write_text(json.dumps(made, ensure_ascii=False, indent=1), encoding="utf-8")
    typer.echo(f"已写入 {len(made)} 对：{output}")
