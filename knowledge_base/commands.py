"""``hotline kb …`` and the knowledge base's part of ``hotline eval …``, composed of the rooms'."""

from __future__ import annotations

import typer

from knowledge_base.library.commands import app as library
from knowledge_base.search.commands import app as search
from knowledge_base.search.commands import evaluations as search_evaluations
from knowledge_base.topics.commands import app as topics
from knowledge_base.topics.commands import evaluations as topic_evaluations

app = typer.Typer(help="知识库：法规、检索、分类、答案卡。", no_args_is_help=True)
app.add_typer(library)
app.add_typer(search)
app.add_typer(topics)

evaluations = typer.Typer()
evaluations.add_typer(search_evaluations)
evaluations.add_typer(topic_evaluations)
