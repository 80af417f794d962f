"""``hotline kb train-topics`` and ``hotline eval topics``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge_base.topics.classifier import Example, TopicClassifier
    from knowledge_base.topics.taxonomy import Taxonomy

app = typer.Typer()
evaluations = typer.Typer()

_JSON = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]
_SEED = 12348


@app.command("train-topics")
def train_topics(
    questions: Annotated[
        Path | None, typer.Option("--questions", help="另加的带分类的问题（JSON：question、topic）")
    ] = None,
    *,
    as_json: _JSON = False,
) -> None:
    """训练问题分类器：用分类词汇、典型问法、答案卡和已复核的工单。

    例：hotline kb train-topics
    """
    import asyncio
    import json

    from hotline.settings import load
    from hotline.store import Database
    from knowledge_base.library.installed import KnowledgeFiles
    from knowledge_base.search.questions import read_questions
    from knowledge_base.topics.classifier import TopicClassifier
    from knowledge_base.topics.taxonomy import load_taxonomy
    from knowledge_base.topics.teaching import confirmed_examples, labelled, shipped_examples

    settings = load()
    taxonomy = load_taxonomy()
    shipped = shipped_examples(taxonomy)
    added = labelled(read_questions(questions), taxonomy) if questions else []

    async def confirmed() -> list[Example]:
        database = Database(settings.database_url)
        try:
            async with database.read() as session:
                return await confirmed_examples(session)
        finally:
            await database.close()

    tickets = asyncio.run(confirmed())
    classifier = TopicClassifier.train(taxonomy, [*shipped, *tickets, *added])
    classifier.save(KnowledgeFiles.of(settings).topics)
    report = {"shipped": len(shipped), "tickets": len(tickets), "questions": len(added)}
    if as_json:
        print(json.dumps(report))
    else:
        print(
            f"分类器已训练：自带 {len(shipped)} 条、已复核工单 {len(tickets)} 条、"
            f"另加 {len(added)} 条。"
        )


@evaluations.command("topics")
def topics(
    questions: Annotated[
        Path, typer.Option("--questions", help="带分类的问题（JSON：question、topic）")
    ],
    *,
    train: Annotated[
        Path | None, typer.Option("--train", help="另外学习的带分类的问题（JSON）")
    ] = None,
    laws: Annotated[
        Path | None,
        typer.Option("--laws", help="法规文件夹：没有 topic 的问题按其法条归类"),
    ] = None,
    folds: Annotated[
        int, typer.Option("--folds", min=0, help="交叉验证份数：每份用其余各份另外学习")
    ] = 0,
    as_json: _JSON = False,
) -> None:
    """量出问题分类的水平：第一个猜对的比例，前三个里有对的比例。topic 可写代码或中文名。

    例：hotline eval topics --questions 分类.json --json
    """
    import json

    from hotline.settings import load
    from knowledge_base.library import Library, collect
    from knowledge_base.search.questions import read_questions
    from knowledge_base.topics.classifier import TopicClassifier
    from knowledge_base.topics.taxonomy import load_taxonomy
    from knowledge_base.topics.teaching import labelled, open_classifier, shipped_examples

    taxonomy = load_taxonomy()
    library = Library.from_texts(collect([laws]).texts) if laws else None
    asked = labelled(read_questions(questions), taxonomy, library)
    learnt = labelled(read_questions(train), taxonomy, library) if train else []
    if folds or learnt:
        shipped = shipped_examples(taxonomy)
        outcome = (
            _cross_validated(taxonomy, shipped, asked, folds)
            if folds
            else _evaluated(TopicClassifier.train(taxonomy, [*shipped, *learnt]), asked)
        )
    else:
        outcome = _evaluated(open_classifier(load(), taxonomy), asked)
    if as_json:
        print(json.dumps(outcome))
    else:
        for name, value in outcome.items():
            print(f"{name:>10}  {value}")


def _evaluated(classifier: TopicClassifier, asked: list[Example]) -> dict[str, float | int]:
    from knowledge_base.topics.classifier import evaluate

    return _report(*evaluate(classifier, asked))


def _cross_validated(
    taxonomy: Taxonomy, shipped: list[Example], asked: list[Example], folds: int
) -> dict[str, float | int]:
    import numpy as np

    from knowledge_base.topics.classifier import TopicClassifier, evaluate

    first: list[bool] = []
    among: list[bool] = []
    order = np.random.default_rng(_SEED).permutation(len(asked))
    for fold in np.array_split(order, folds):
        held_out = {int(number) for number in fold}
        others = [each for number, each in enumerate(asked) if number not in held_out]
        classifier = TopicClassifier.train(taxonomy, [*shipped, *others])
        outcome = evaluate(classifier, [asked[number] for number in sorted(held_out)])
        first += outcome[0]
        among += outcome[1]
    return _report(first, among)


def _report(first: list[bool], among_three: list[bool]) -> dict[str, float | int]:
    count = len(first)
    return {
        "questions": count,
        "top1": round(sum(first) / count, 4) if count else 0.0,
        "top3": round(sum(among_three) / count, 4) if count else 0.0,
    }
