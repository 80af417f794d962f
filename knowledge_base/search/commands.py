"""``hotline kb search``, ``hotline kb tune-search`` and ``hotline eval retrieval``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from knowledge_base.library import Library
    from knowledge_base.search.answered import AnsweredQuestion
    from knowledge_base.search.engine import Search
    from knowledge_base.search.index import SearchIndex
    from knowledge_base.search.ranking import Ranker

app = typer.Typer()
evaluations = typer.Typer()

_LAWS = Annotated[Path, typer.Option("--laws", help="法规文件夹", exists=True)]
_QUESTIONS = Annotated[Path, typer.Option("--questions", help="带法条答案的问题（JSON）")]
_JSON = Annotated[bool, typer.Option("--json", help="输出 JSON，供程序读取")]


@app.command("search")
def search(
    question: Annotated[str, typer.Argument(help="市民的问题，或法条名称")],
    *,
    on: Annotated[
        datetime | None,
        typer.Option("--on", formats=["%Y-%m-%d"], help="只找这一天有效的条文"),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100, help="最多几条")] = 10,
    as_json: _JSON = False,
) -> None:
    """查找能回答问题的法条、答案卡、已复核问答和服务事项，并说明理由。

    例：hotline kb search 公司拖欠工资怎么办 --on 2026-11-24
    """
    import asyncio
    import json

    async def opened() -> Search:
        from hotline.settings import load
        from hotline.store import Database
        from knowledge_base.search.installed import InstalledSearch

        settings = load()
        database = Database(settings.database_url)
        try:
            return (await InstalledSearch.open(database, settings)).search
        finally:
            await database.close()

    found = asyncio.run(opened())
    hits = found.articles(question, on=on.date() if on else None, limit=limit)
    documents = found.documents(question)
    if as_json:
        print(
            json.dumps(
                {
                    "articles": [
                        {
                            "law": hit.article.law.name,
                            "article": hit.article.label,
                            "text": hit.article.text,
                            "score": round(hit.score, 4),
                            "reasons": [reason.words for reason in hit.reasons],
                        }
                        for hit in hits
                    ],
                    "documents": [
                        {
                            "kind": hit.document.kind.value,
                            "id": hit.document.id,
                            "title": hit.document.title,
                            "likeness": round(hit.likeness, 4),
                        }
                        for hit in documents
                    ],
                },
                ensure_ascii=False,
            )
        )
        return
    if not len(found.library):
        typer.echo("法规库是空的，请先运行 hotline kb import 法规文件夹。", err=True)
    for number, hit in enumerate(hits, start=1):
        print(f"{number}. {hit.article.citation}　{hit.article.text.splitlines()[0][:60]}")
        for reason in hit.reasons:
            print(f"     {reason.words}")
    for found_document in documents:
        document = found_document.document
        print(f"· {document.kind.label}：{document.title}（相近 {found_document.likeness:.0%}）")


@app.command("tune-search")
def tune_search(
    questions: _QUESTIONS,
    *,
    laws: _LAWS,
    output: Annotated[Path, typer.Option("--output", help="写出的权重文件")],
) -> None:
    """用带答案的问题重新确定排序权重（几十个数，不含问题文字）。

    例：hotline kb tune-search 问题.json --laws ~/laws --output weights.yaml
    """
    from knowledge_base.library.commands import progress
    from knowledge_base.search.questions import answered_question, read_questions
    from knowledge_base.search.tuning import tune, write_weights

    library, index = _library_and_index(laws, quiet=False)
    asked = [
        answered_question(entry, library, str(number))
        for number, entry in enumerate(read_questions(questions))
    ]
    with progress("调整权重") as advance:
        write_weights(tune(_ranker_maker(library, index), asked, advance), output)
    print(f"已写出 {output}")


@evaluations.command("retrieval")
def retrieval(
    *,
    laws: _LAWS,
    questions: _QUESTIONS,
    train: Annotated[
        Path | None,
        typer.Option("--train", help="可供学习的已答问题（JSON）；不填则不学习任何问题"),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(
            "--folds", min=0, help="把 --questions 分成几份交叉验证：每份用其余各份学习和调权重"
        ),
    ] = 0,
    as_json: _JSON = False,
) -> None:
    """量出检索水平：带法条答案的问题，前 5、10、100 条里找到多少。

    例：hotline eval retrieval --laws ~/laws --questions 问题.json --train 已答.json --json
    """
    import json

    from knowledge_base.library.commands import progress
    from knowledge_base.search import evaluation
    from knowledge_base.search.questions import answered_question, read_questions
    from knowledge_base.search.tuning import read_weights

    asked = read_questions(questions)
    learnt = read_questions(train) if train else []
    library, index = _library_and_index(laws, quiet=as_json)
    maker = _ranker_maker(library, index)
    items = [answered_question(entry, library, f"q{number}") for number, entry in enumerate(asked)]
    with progress("提问", quiet=as_json) as advance:
        if folds:
            outcomes = evaluation.cross_validate(library, maker, items, folds, advance)
        else:
            known = [
                answered_question(entry, library, f"t{number}")
                for number, entry in enumerate(learnt)
            ]
            ranker = maker(known)
            outcomes = evaluation.ask(
                library, ranker, read_weights(), evaluation.questions_of(items), advance
            )
    report = evaluation.report(outcomes)
    if as_json:
        print(json.dumps(report))
    else:
        for name, value in report.items():
            print(f"{name:>14}  {value}")


def _library_and_index(laws: Path, *, quiet: bool) -> tuple[Library, SearchIndex]:
    from hotline.settings import cache_folder
    from knowledge_base.library import Library, collect
    from knowledge_base.library.commands import progress
    from knowledge_base.library.installed import KnowledgeFiles
    from knowledge_base.search.index import SearchIndex
    from knowledge_base.search.installed import refresh_index

    with progress("读取法规", quiet=quiet) as advance:
        library = Library.from_texts(collect([laws], advance=advance).texts)
    # Indexing takes longer than all the questions: it is kept for the next run, by its content.
    files = KnowledgeFiles(cache_folder() / "evaluation" / library.fingerprint)
    with progress("建立检索索引", quiet=quiet) as advance:
        try:
            return library, refresh_index(library, files, advance)
        except OSError as error:
            typer.echo(f"索引写不进缓存（{error.strerror}），这次只在内存里用。", err=True)
            return library, SearchIndex.build(library, advance)


def _ranker_maker(
    library: Library, index: SearchIndex
) -> Callable[[Sequence[AnsweredQuestion]], Ranker]:
    from knowledge_base.cards import load_cards
    from knowledge_base.search.answered import AnsweredQuestions
    from knowledge_base.search.documents import card_questions
    from knowledge_base.search.ranking import Ranker
    from knowledge_base.search.vocabulary import shipped_vocabulary
    from knowledge_base.topics.taxonomy import load_taxonomy

    taxonomy, vocabulary = load_taxonomy(), shipped_vocabulary()
    cards = card_questions(load_cards())

    def make(known: Sequence[AnsweredQuestion]) -> Ranker:
        answered = AnsweredQuestions(library, index, [*known, *cards])
        return Ranker(library, index, taxonomy, vocabulary, answered)

    return make
