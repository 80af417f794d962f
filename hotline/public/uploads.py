"""A file that comes with a form, read piece by piece so that nothing large is ever held whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from hotline.errors import InvalidInputError
from hotline.public import papers
from hotline.web import csrf
from hotline.web.cookie import box_of


async def paper(request: web.Request) -> papers.Paper:
    """Return the form's file, looked at for size, name and content.

    Raises:
        InvalidInputError: there is no file, or it is not one that we take.
        ForgedRequestError: the form's token does not come before the file, or is not ours.
    """
    try:
        reader = await request.multipart()
    except (ValueError, AssertionError) as error:
        raise InvalidInputError("没有收到文件，请重新选择") from error
    token_seen = False
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == csrf.FIELD:
            value = (await part.read_chunk(200)).decode("utf-8", "replace")
            csrf.check_token(box_of(request), value)
            token_seen = True
        elif part.name == "paper" and part.filename:
            if not token_seen:
                raise csrf.ForgedRequestError
            content = await papers.gather(_chunks(part))
            return papers.look_at(unquote(part.filename), content)
    raise InvalidInputError("请先选择要上传的文件")


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk():
        yield chunk
