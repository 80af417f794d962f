"""What a court grants or refuses: 请求…的，人民法院应予支持 says that it may be asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PETITION = re.compile(
    r"(?:请求|主张|要求|诉请|抗辩)(?P<asked>.{2,90}?)的?"
    r"(?:(?:人民)?法院|仲裁机构|仲裁委员会)(?:依法|一般|可以|应当|也|均|都|应|将|会)*"
    r"(?P<granted>不予支持|不支持|不能支持|不会支持|予以支持|予支持|支持|不予准许|予以准许|应予准许|准许)"
)


@dataclass(frozen=True, slots=True)
class Petition:
    """A request and what becomes of it.

    Attributes:
        start: where what is asked begins; ``end``: where it ends.
    """

    start: int
    end: int
    refused: bool


def petitions(text: str) -> tuple[Petition, ...]:
    """Find the requests in a text without punctuation."""
    return tuple(
        Petition(match.start("asked"), match.end("asked"), match["granted"].startswith("不"))
        for match in _PETITION.finditer(text)
    )


def refused(found: tuple[Petition, ...], place: int) -> bool | None:
    """Return whether what stands at ``place`` is asked for in vain; None where nobody asks."""
    for one in found:
        if one.start <= place < one.end:
            return one.refused
    return None
