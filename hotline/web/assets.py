"""Styles, scripts and pictures, served by us with an address that changes with their content.

The whole tree shares one mark (``/static/MARK/…``), so that modules can import each other by
relative paths and browsers may keep everything for a year. In another language the mark says so
(``MARK-en``): scripts then come with their words translated.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from hotline.errors import NotFoundError
from hotline.web import scripts
from hotline.web.translating import FIRST_LANGUAGE, LANGUAGES, lookup

BUNDLE = "web/hotline.css"
"""All of :mod:`hotline.web`'s style sheets in the order of their names, as one file."""

_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_YEAR = 31536000
_COMPRESSED = {".js", ".css", ".svg"}


# Each application reads its files anew; one process may hold many, and the work is the same.
@functools.cache
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@functools.cache
def _spoken(script: bytes, code: str) -> bytes:
    return scripts.translated(script.decode(), lookup(code)).encode()


@dataclass(frozen=True)
class Asset:
    """One file in memory, plain and compressed."""

    content_type: str
    body: bytes
    gzipped: bytes | None


class Assets:
    """All static files of all sections, read once at start: they are few and small."""

    def __init__(self, folders: dict[str, Path]) -> None:
        self._files: dict[str, Asset] = {}
        self._spoken: dict[tuple[str, str], Asset] = {}
        """Scripts with words, by language and name."""
        for prefix, folder in sorted(folders.items()):
            for file in sorted(folder.rglob("*")):
                if file.is_file():
                    name = f"{prefix}/{file.relative_to(folder).as_posix()}"
                    self._add(name, file.suffix, file.read_bytes())
        sheets = sorted(n for n in self._files if n.startswith("web/css/"))
        self._add(BUNDLE, ".css", b"\n".join(self._files[n].body for n in sheets))
        self._speak()
        digest = hashlib.sha256()
        for name, asset in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + asset.body)
        for (code, name), asset in sorted(self._spoken.items()):
            digest.update(f"{code}/{name}".encode() + b"\0" + asset.body)
        self.mark = digest.hexdigest()[:12]

    def _add(self, name: str, suffix: str, body: bytes) -> None:
        kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
        self._files[name] = Asset(kind, body, _packed(body) if suffix in _COMPRESSED else None)

    def _speak(self) -> None:
        for code in LANGUAGES:
            if code == FIRST_LANGUAGE:
                continue
            for name, asset in self._files.items():
                if not name.endswith(".js"):
                    continue
                body = _spoken(asset.body, code)
                if body != asset.body:
                    self._spoken[code, name] = Asset(asset.content_type, body, _packed(body))

    def url(self, name: str, language: str = FIRST_LANGUAGE) -> str:
        """Return the address of a file such as ``web/js/shell.js``.

        Raises:
            NotFoundError: there is no such file: a slip in a template.
        """
        if name not in self._files:
            raise NotFoundError(f"没有静态文件 {name}")
        spoken = "" if language == FIRST_LANGUAGE else f"-{language}"
        return f"/static/{self.mark}{spoken}/{name}"

    def has(self, name: str) -> bool:
        """Whether a file is there; bundled libraries may not be."""
        return name in self._files

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer ``/static/{mark}/{name}``; an old mark gets today's file, uncached."""
        name = request.match_info["name"]
        mark, _, code = request.match_info["mark"].partition("-")
        asset = self._spoken.get((code, name)) or self._files.get(name)
        if asset is None:
            raise NotFoundError("没有这个文件")
        current = mark == self.mark
        headers = {
            "Cache-Control": f"public, max-age={_YEAR}, immutable" if current else "no-cache",
            "Vary": "Accept-Encoding",
        }
        body = asset.body
        if asset.gzipped is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
            body = asset.gzipped
            headers["Content-Encoding"] = "gzip"
        charset = "utf-8" if asset.content_type.startswith("text/") else None
        return web.Response(
            body=body, content_type=asset.content_type, charset=charset, headers=headers
        )
