from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.citations import Citation, Style, default_names, parse, render
from knowledge_base.claims.quantities import quantities
from knowledge_base.library.numerals import ArticleNumber, write_numeral

LAWS = sorted({law for law in default_names().table.values() if "最高" not in law})

citations = st.builds(
    Citation,
    law=st.sampled_from(LAWS),
    said=st.just(""),
    number=st.builds(ArticleNumber, st.integers(1, 1500), st.one_of(st.just(0), st.integers(1, 9))),
    paragraph=st.one_of(st.none(), st.integers(1, 9)),
    item=st.one_of(st.none(), st.integers(1, 20)),
)


@settings(deadline=None, max_examples=60)
@given(citations, st.sampled_from(Style), st.booleans())
def test_what_is_rendered_is_read_back(citation: Citation, style: Style, speech: bool) -> None:
    text = f"您好，根据{render(citation, style)}的规定，可以申请。"
    (found,) = parse(text, speech=speech)
    assert (found.law, found.number) == (citation.law, citation.number)
    assert (found.paragraph, found.item) == (citation.paragraph, citation.item)


@settings(deadline=None, max_examples=60)
@given(citations, st.sampled_from(Style))
def test_what_is_read_is_rendered_the_same(citation: Citation, style: Style) -> None:
    written = render(citation, style)
    (found,) = parse(written)
    assert render(found, style) == written


@settings(deadline=None, max_examples=60)
@given(st.lists(citations, min_size=2, max_size=4))
def test_a_list_of_citations_keeps_its_order(cited: list[Citation]) -> None:
    text = "，以及".join(render(one) for one in cited)
    assert [one.key for one in parse(text)] == [one.key for one in cited]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.booleans())
def test_any_text_can_be_read(text: str, speech: bool) -> None:
    for found in parse(text, speech=speech):
        assert 0 <= found.start < found.end <= len(text)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 9999), st.sampled_from(["年", "个月", "日", "元", "倍", "周岁", "小时"]))
def test_a_number_is_read_alike_in_figures_and_in_words(number: int, unit: str) -> None:
    figures, words = (
        quantities(f"是{number}{unit}。"),
        quantities(f"是{write_numeral(number)}{unit}。"),
    )
    if figures and words:
        assert figures[0].value == words[0].value
