"""Numbers and statutes survive being written and read again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.library.numerals import ArticleNumber, parse_numeral, write_numeral
from knowledge_base.library.structure import Line, parse_lines

NUMBERS = st.builds(ArticleNumber, st.integers(1, 9999), st.integers(0, 30))
SENTENCES = st.text("集市摊主应当明码标价足斤两", min_size=1, max_size=12).map(lambda s: f"{s}。")


@given(st.integers(0, 99_999_999))
def test_a_numeral_is_read_as_it_was_written(number: int) -> None:
    assert parse_numeral(write_numeral(number)) == number


@given(NUMBERS)
def test_an_article_number_is_read_from_its_label(number: ArticleNumber) -> None:
    assert ArticleNumber.parse(number.label) == number
    assert ArticleNumber.parse(str(number)) == number


@given(st.lists(st.tuples(NUMBERS, st.lists(SENTENCES, min_size=1, max_size=3)), min_size=1))
def test_a_statute_is_read_as_it_was_written(
    articles: list[tuple[ArticleNumber, list[str]]],
) -> None:
    unique = dict(articles)
    lines = [Line("集市法", 1), Line("第一章 总则", 2)]
    for number, sentences in unique.items():
        lines.append(Line(f"{number.label} {sentences[0]}"))
        lines += [Line(sentence) for sentence in sentences[1:]]

    parsed = parse_lines(lines)

    assert {article.number: article.text.split("\n") for article in parsed.articles} == unique
    assert all(article.headings == ("第一章 总则",) for article in parsed.articles)
