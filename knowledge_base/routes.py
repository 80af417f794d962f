"""The section of the knowledge base."""

from __future__ import annotations

from pathlib import Path

from hotline.web.permissions import SIGNED_IN
from hotline.web.section import NavEntry, Route, Section
from knowledge_base.pages import statutes

section = Section(
    name="knowledge",
    templates=Path(__file__).parent / "pages" / "templates",
    routes=(
        Route("GET", "/statutes", statutes.look_up, SIGNED_IN),
        Route("GET", "/statutes/{law}", statutes.statute, SIGNED_IN),
        Route("GET", "/statutes/{law}/{number}", statutes.article, SIGNED_IN),
    ),
    nav=(NavEntry("/statutes", "法规", "book", SIGNED_IN, order=60),),
    resources=(statutes.open_desk,),
)
