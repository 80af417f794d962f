"""The schema of an answer card; one YAML file a matter.

Cards are written in our own words. A fact names the article it rests on; ``hotline kb check`` looks
whether that article exists and says so. What it cannot confirm never drives an automatic finding.
"""

from __future__ import annotations

import enum
import hashlib
import json
from datetime import date
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from knowledge_base.citations import Citation, parse
from knowledge_base.claims.quantities import Quantity, quantities
from knowledge_base.claims.wording import Phrase
from knowledge_base.library.numerals import ArticleNumber


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class FactKind(enum.StrEnum):
    """What a fact is about; the first four carry a ``value``, the others wordings."""

    PERIOD = "period"
    AMOUNT = "amount"
    MULTIPLE = "multiple"
    SHARE = "share"
    NUMBER = "number"
    POLARITY = "polarity"
    SUBJECT = "subject"


VALUED = frozenset(
    {FactKind.PERIOD, FactKind.AMOUNT, FactKind.MULTIPLE, FactKind.SHARE, FactKind.NUMBER}
)


class Role(enum.StrEnum):
    """What an article is to a matter."""

    KEY = "key"
    """The answer rests on it."""
    SUPPORT = "support"
    """It may well be cited."""


class Duty(enum.StrEnum):
    """What must be told where the matter calls for it (告知义务)."""

    LEGAL_AID_NOTICE = "legal_aid_notice"
    """法律援助法 23: tell of legal aid where the matter falls under it."""
    POLICE_110 = "police_110"
    """Danger to life or limb: call 110."""
    CONFIDENTIALITY = "confidentiality"
    """Tell that the talk is kept secret and ask whether it is safe to talk."""


class Provision(_Part):
    """An article of a law, written 劳动合同法第四十七条."""

    law: str
    number: int
    branch: int = 0

    @property
    def article(self) -> ArticleNumber:
        """Its number."""
        return ArticleNumber(self.number, self.branch)

    @property
    def words(self) -> str:
        """How a lawyer cites it."""
        return f"《{self.law}》{self.article.label}"

    @property
    def key(self) -> tuple[str, ArticleNumber]:
        """What a citation is compared with."""
        return self.law, self.article


def _provision(value: object) -> object:
    if not isinstance(value, str):
        return value
    found: list[Citation] = parse(value)
    if len(found) != 1:
        raise ValueError("应为一条法条，如“劳动合同法第四十七条”")
    law = found[0].law or found[0].said
    return {"law": law, "number": found[0].number.number, "branch": found[0].number.branch}


def _phrases(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) and one.strip() for one in value):
        return tuple(Phrase.read(one) for one in value)
    return value


Article = Annotated[Provision, BeforeValidator(_provision)]
Phrases = Annotated[tuple[Phrase, ...], BeforeValidator(_phrases)]


class CitedArticle(_Part):
    """An article that belongs to the matter."""

    article: Article
    role: Role = Role.KEY


class Point(_Part):
    """Something a right answer says (要点).

    Attributes:
        say: phrasings; any of them covers the point (see :class:`Phrase` for how to write one).
        articles: the articles that it rests on.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    text: str
    required: bool = False
    say: Phrases = Field(min_length=1)
    articles: tuple[Article, ...] = ()


class Fact(_Part):
    """A number, a period, a yes or no, or a subject, that the law fixes (法律事实).

    Attributes:
        value: 一年, 三倍, 五百元 …: as a statute writes it, for the kinds that carry one.
        also: values that may rightly be said in its place or beside it.
        cues: words near which a value of this dimension is this fact's value.
        unless: words that turn a cue into something else.
        right: wordings that are right, for polarity and subject.
        wrong: wordings that are wrong, for polarity and subject.
        quote: words of the article that bear the fact out, where no value does.
        critical: a caller who believes the wrong one may lose a right (a time limit).
        confidence: 3 read in the statute, 2 secondary, 1 from memory.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    subject: str
    kind: FactKind
    value: str = ""
    also: tuple[str, ...] = ()
    cues: Phrases = ()
    unless: tuple[str, ...] = ()
    right: Phrases = ()
    wrong: Phrases = ()
    quote: str = ""
    article: Article
    critical: bool = False
    confidence: int = Field(default=3, ge=1, le=3)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.kind in VALUED:
            if len(quantities(self.value)) != 1:
                raise ValueError("value 应为一个带单位的数值，如“一年”“三倍”“五百元”")
            if not self.cues:
                raise ValueError("带数值的事实要写 cues（在哪些说法附近出现的数值算这个事实）")
            for other in self.also:
                if len(quantities(other)) != 1:
                    raise ValueError(f"also 中的“{other}”应为一个带单位的数值")
        elif not self.wrong or not self.quote:
            raise ValueError("是非、主体类事实要写 wrong（错误说法）和 quote（法条原文片段）")
        return self

    @cached_property
    def quantity(self) -> Quantity | None:
        """Its value, where the kind has one."""
        return quantities(self.value)[0] if self.kind in VALUED else None

    @cached_property
    def accepted(self) -> tuple[Quantity, ...]:
        """Every value that may stand beside its cues."""
        return tuple(quantities(value)[0] for value in (self.value, *self.also) if value)

    @property
    def fingerprint(self) -> str:
        """Changes with what the fact claims, so that a confirmation holds for this claim only."""
        claim = [self.kind, self.value, self.quote, self.article.law, *self.article.article]
        return hashlib.sha256(json.dumps(claim, ensure_ascii=False).encode()).hexdigest()[:16]


class Card(_Part):
    """An answer card.

    Attributes:
        questions: the matter as lay people ask it.
        keywords: words that tell of the matter.
        general: its facts hold for every matter (limitation, appeal …).
        duties: what must be told to a caller with this matter.
        see_also: cards whose facts may come up in the same call.
        version: which version of those published here it is; 0 as shipped.
    """

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    topic: str
    title: str
    questions: tuple[str, ...] = Field(min_length=2)
    keywords: tuple[str, ...] = ()
    general: bool = False
    points: tuple[Point, ...] = Field(min_length=1)
    facts: tuple[Fact, ...] = ()
    articles: tuple[CitedArticle, ...] = Field(min_length=1)
    duties: tuple[Duty, ...] = ()
    see_also: tuple[str, ...] = ()
    note: str = ""
    version: int = Field(default=0, ge=0)
    reviewed: date
    review_due: date
    sources: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for what, ids in (
            ("points", [point.id for point in self.points]),
            ("facts", [fact.id for fact in self.facts]),
        ):
            twice = {one for one in ids if ids.count(one) > 1}
            if twice:
                raise ValueError(f"{what} 的 id 重复：{'、'.join(sorted(twice))}")
        if self.review_due <= self.reviewed:
            raise ValueError("review_due（复审日期）应晚于 reviewed（审核日期）")
        return self

    @cached_property
    def provisions(self) -> frozenset[tuple[str, ArticleNumber]]:
        """Every article that may rightly be cited in this matter."""
        named = [cited.article for cited in self.articles]
        named += [article for point in self.points for article in point.articles]
        named += [fact.article for fact in self.facts]
        return frozenset(provision.key for provision in named)
