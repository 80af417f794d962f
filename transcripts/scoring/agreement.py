"""Rates an answer by the articles it rests on, the laws around them and the cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from knowledge_base.cards import Card
from knowledge_base.cards.check import trusted_facts
from knowledge_base.citations import Citation, LawNames, parse
from knowledge_base.claims.agreement import Agreement, check_claims, rate
from knowledge_base.claims.contexts import held, sentences
from knowledge_base.claims.nearby import NearbyArticles
from knowledge_base.claims.sources import Source
from knowledge_base.claims.weighing import Claim, ClaimKind
from knowledge_base.library import Article, Library
from transcripts.scoring.facts import check_facts
from transcripts.scoring.findings import Verdict
from transcripts.scoring.matter import recognise
from transcripts.scoring.speech import AGENT, CALLER, Speech, Turn

_BY_CARD = 0.6
_BY_NUMBER = 0.3
_BESIDE = 0.2
"""Words of the answer that a cited article must share to be one of those that bear on it."""
_LEAST_CONFIDENCE = 0.7


@dataclass
class AnswerRater:
    """Rates answers; one answer at a time, never two against each other."""

    library: Library
    cards: Sequence[Card] = ()
    search: Callable[[str], Sequence[Article]] | None = None
    """Finds the articles for a question where none are given and the answer cites none."""
    names: LawNames = field(init=False)
    _nearby: NearbyArticles = field(init=False)
    _trusted: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.names = LawNames(self.library.aliases())
        self._nearby = NearbyArticles(self.library)
        self._trusted = trusted_facts(self.cards, self.library)

    def rate(self, question: str, answer: str, articles: Sequence[str] = ()) -> Agreement:
        """Rate an answer.

        Args:
            question: what was asked.
            answer: what was answered.
            articles: the articles that decide it, such as 民法典第八百三十九条; where none are
                given, those that the answer cites, else those that search finds.
        """
        cited = parse(answer, self.names)
        given = [one for words in articles for one in parse(words, self.names)]
        articles_found = [article for one in [*given, *cited] for article in self._texts(one)]
        if not articles_found and self.search is not None:
            articles_found = list(self.search(question))
        laws = sorted({article.law.name for article in articles_found})
        texts = {article.id: article.text for article in articles_found}
        for article in self._nearby.find(answer, laws):
            texts.setdefault(article.id, article.text)
        claims = check_claims(answer, Source.of(texts.values()), question)
        if given:
            claims += self._by_number(answer, cited, given)
        claims += self._by_card(question, answer)
        return rate(claims)

    def _texts(self, citation: Citation) -> list[Article]:
        if citation.law is None:
            return []
        found = self.library.article(citation.law, citation.number)
        return [found] if found else []

    def _by_number(
        self, answer: str, cited: Sequence[Citation], given: Sequence[Citation]
    ) -> list[Claim]:
        """Compare the numbers of cited articles with those that decide the question.

        Another article of the same law is wrong only if it says nothing of what is answered.
        """
        keys = {one.key for one in given}
        laws = {one.law for one in given}
        said = sentences(answer)
        claims = []
        for one in cited:
            if one.law not in laws:
                continue
            lean = _BY_NUMBER
            if one.key not in keys:
                texts = Source.of(article.text for article in self._texts(one))
                if any(
                    held(words.grams, other.grams) >= _BESIDE
                    for words in said
                    for other in texts.sentences
                ):
                    continue
                lean = -_BY_NUMBER
            claims.append(Claim(ClaimKind.CITATION, one.words, one.start, one.end, lean, ""))
        return claims

    def _by_card(self, question: str, answer: str) -> list[Claim]:
        if not self.cards:
            return []
        asked = Speech((Turn(CALLER, 0.0, 1.0, question),))
        told = Speech((Turn(AGENT, 1.0, 2.0, answer),))
        ranked = recognise(self.cards, asked, told)
        if not ranked or ranked[0].confidence < _LEAST_CONFIDENCE:
            return []
        findings = check_facts(told, [ranked[0].card], self._trusted, _LEAST_CONFIDENCE)
        return [
            Claim(
                ClaimKind.QUANTITY,
                finding.heard,
                0,
                0,
                _BY_CARD if finding.verdict is Verdict.RIGHT else -_BY_CARD,
                finding.subject,
            )
            for finding in findings
            if finding.verdict in (Verdict.RIGHT, Verdict.WRONG)
        ]
