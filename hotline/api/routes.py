"""The section of the open API: operations, their description, and a page that people read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web

from hotline.api import appointments, cases, exchange, reading, times
from hotline.api.description import describe
from hotline.api.errors import dumps
from hotline.api.keys import Scope
from hotline.api.operations import PREFIX, Api, Operation
from hotline.api.origins import shared
from hotline.api.pushed import PUSHES
from hotline.api.serving import elsewhere, endpoint
from hotline.api.signing import Signer
from hotline.public.face import Face
from hotline.public.pages.showing import show
from hotline.web.context import address_of
from hotline.web.permissions import PUBLIC
from hotline.web.section import Route, Section

OPERATIONS: tuple[Operation, ...] = (
    *reading.OPERATIONS,
    *times.OPERATIONS,
    *cases.OPERATIONS,
    *appointments.OPERATIONS,
    *exchange.OPERATIONS,
)
"""Every operation, in the order of the page."""


def section(face: Face) -> Section:
    """Return the open API of one installation."""
    api = Api(face, Signer.of(face.settings.home))
    description = describe(OPERATIONS, face.settings.bureau)
    routes = [
        Route(o.method, _address(o), shared(endpoint(o, api), face), PUBLIC, checks_token=False)
        for o in OPERATIONS
    ]
    routes += [
        Route("GET", f"{PREFIX}/openapi.json", partial(_description, face, description), PUBLIC),
        Route("GET", f"{PREFIX}/docs", partial(_page, face, description), PUBLIC),
        Route(
            "*",
            f"{PREFIX}/{{rest:.*}}",
            shared(elsewhere(OPERATIONS, api), face),
            PUBLIC,
            checks_token=False,
        ),
    ]
    return Section(
        name="api",
        templates=Path(__file__).parent / "templates",
        static=Path(__file__).parent / "static",
        routes=tuple(routes),
    )


def _address(operation: Operation) -> str:
    """Return the operation's address as the server matches it."""
    address = PREFIX + operation.path
    for name, (pattern, _) in operation.path_fields.items():
        address = address.replace(f"{{{name}}}", f"{{{name}:{pattern}}}")
    return address


async def _description(
    face: Face, description: dict[str, Any], request: web.Request
) -> web.Response:
    face.limiter.check("look", address_of(request))
    return web.json_response(description, dumps=dumps)


async def _page(face: Face, description: dict[str, Any], request: web.Request) -> web.Response:
    return show(
        face,
        request,
        "api/docs.html",
        operations=[(o, PREFIX + o.path) for o in OPERATIONS],
        schemas=description["components"]["schemas"],
        described=description["paths"],
        version=description["info"]["version"],
        scopes=list(Scope),
        prefix=PREFIX,
        pushes=PUSHES,
    )
