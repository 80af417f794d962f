"""Templates: one environment for all sections, everything escaped, undefined names refused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from hotline.web import csrf, display, masking
from hotline.web.assets import Assets
from hotline.web.context import CLOCK, SETTINGS, TEMPLATES, bars, navigation, viewer_or_none
from hotline.web.cookie import box_of
from hotline.web.live import HUB
from hotline.web.section import Section
from hotline.web.translating import (
    HTML_LANGUAGES,
    LANGUAGES,
    Translated,
    finalizer,
    in_words,
    language,
    lookup,
    phrases,
)

FLASHES = "flashes"
THEME_COOKIE = "theme"
THEMES = {"auto": "跟随系统", "light": "浅色", "dark": "深色"}

FRAGMENT_HEADER = "X-Fragment"
"""Our scripts send it where they want a piece of a page instead of the page."""


def make_environments(sections: tuple[Section, ...], assets: Assets) -> dict[str, Environment]:
    """Return an environment for each language of the pages."""
    return {code: make_environment(sections, assets, code) for code in LANGUAGES}


def make_environment(
    sections: tuple[Section, ...], assets: Assets, code: str = "zh"
) -> Environment:
    """Return the environment; ``web/`` holds the design system, each section its own prefix."""
    loaders = {"web": FileSystemLoader(Path(__file__).parent / "templates")}
    for section in sections:
        if section.templates is not None and section.name not in loaders:
            loaders[section.name] = FileSystemLoader(section.templates)
    environment = Environment(
        loader=PrefixLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        duration=display.duration,
        spoken=display.spoken_duration,
        exact=display.exact,
        clock=display.clock_time,
        thousands=display.thousands,
        percent=display.percent,
        share=display.share,
        browser=display.browser,
        short_place=display.short_place,
        epoch=display.epoch,
        mask_number=masking.number,
        mask_name=masking.name,
    )
    environment.globals.update(asset=partial(assets.url, language=code), has_asset=assets.has)
    if code != "zh":
        find = lookup(code)
        environment.add_extension(Translated)
        environment.extend(translate=find)
        environment.finalize = finalizer(phrases(code).shown)
        environment.filters["spoken"] = in_words(display.spoken_duration)
        environment.filters["exact"] = in_words(display.exact)
        environment.filters["share"] = in_words(display.share)
    return environment


def render(
    request: web.Request, template: str, /, *, status: int = 200, **values: Any
) -> web.Response:
    """Answer with a page or a fragment."""
    return web.Response(
        text=render_text(request, template, **values), content_type="text/html", status=status
    )


def render_text(request: web.Request, template: str, /, **values: Any) -> str:
    """Return a template's text with what every page knows."""
    app, viewer = request.app, viewer_or_none(request)
    box = box_of(request)
    flashes = [] if is_fragment(request) else box.pop(FLASHES, [])
    theme = request.cookies.get(THEME_COOKIE, "auto")
    now = app[CLOCK].now()
    known: dict[str, Any] = {
        "viewer": viewer,
        "bureau": app[SETTINGS].bureau,
        "navigation": navigation(app, viewer) if viewer else [],
        "bars": bars(app, viewer) if viewer else [],
        "path": request.path,
        "csrf": csrf.token_of(box),
        "flashes": flashes,
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "html_lang": HTML_LANGUAGES[language.get()],
        "page_languages": LANGUAGES,
        "page_language": language.get(),
        "now": now,
        "position": app[HUB].position,
    }
    page = app[TEMPLATES][language.get()].get_template(template)
    return page.render(known | timed(app) | values)


def timed(app: web.Application) -> dict[str, Any]:
    """Return the display functions that need the present time."""
    now = app[CLOCK].now()
    shown = {
        "moment": display.moment,
        "ago": display.ago,
        "day_time": display.day_time,
        "until": display.until,
    }
    chinese = language.get() == "zh"
    return {
        name: partial(show if chinese else in_words(show), now=now) for name, show in shown.items()
    }


def render_fragment(app: web.Application, template: str, values: Mapping[str, Any]) -> Markup:
    """Return a fragment that belongs to no request: live views and panels."""
    page = app[TEMPLATES][language.get()].get_template(template)
    return Markup(page.render({"now": app[CLOCK].now()} | timed(app) | dict(values)))  # noqa: S704 - rendered with autoescape


def is_fragment(request: web.Request) -> bool:
    """Whether one of our scripts asks for a piece of a page."""
    return FRAGMENT_HEADER in request.headers


def flash(request: web.Request, words: str, kind: str = "good") -> None:
    """Show ``words`` once on the next page (``kind``: good, warn or bad)."""
    box = box_of(request)
    box[FLASHES] = [*box.get(FLASHES, []), {"words": words, "kind": kind}]


def see_other(path: str) -> web.HTTPSeeOther:
    """Return the answer after a form: look at ``path`` (so that reload sends nothing twice)."""
    return web.HTTPSeeOther(path)
