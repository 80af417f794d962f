from __future__ import annotations

import pytest

from knowledge_base.citations import Style, parse, parse_one, render


def read(text: str, *, speech: bool = False, home: str | None = None) -> list[str]:
    return [
        f"{one.law or '?'} {one.number}"
        + (f" 款{one.paragraph}" if one.paragraph else "")
        + (f" 项{one.item}" if one.item else "")
        for one in parse(text, speech=speech, home=home)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("根据《中华人民共和国劳动合同法》第38条", ["劳动合同法 38"]),
        ("中华人民共和国民法典第八百三十九条", ["民法典 839"]),
        ("刑法第二百八十七条之二", ["刑法 287-2"]),
        (
            "劳动合同法第三十八条第一款第（二）项、第（三）项",
            ["劳动合同法 38 款1 项2", "劳动合同法 38 款1 项3"],
        ),
        ("《劳动合同法》第三十八条和第四十六条", ["劳动合同法 38", "劳动合同法 46"]),
        ("民法典第1077、1079条", ["民法典 1077", "民法典 1079"]),
        (
            "工伤保险条例第三十五条至第三十七条",
            ["工伤保险条例 35", "工伤保险条例 36", "工伤保险条例 37"],
        ),
        ("工伤保险条例第35-37条", ["工伤保险条例 35", "工伤保险条例 36", "工伤保险条例 37"]),
        ("消法五十五条退一赔三", ["消费者权益保护法 55"]),
        (
            "《民法典》第一千零七十七条规定了冷静期，该法第一千零七十九条规定了判决离婚",
            ["民法典 1077", "民法典 1079"],
        ),
        (
            "《民法典》婚姻家庭编解释（一）第三条",
            ["最高人民法院关于适用《民法典》婚姻家庭编的解释（一） 3"],
        ),
        (
            "最高人民法院关于适用《民法典》婚姻家庭编的解释（一）第五条",
            ["最高人民法院关于适用《民法典》婚姻家庭编的解释（一） 5"],
        ),
        ("《某某管理办法》第五条", ["? 5"]),
        ("我给您三条建议，记住这两条", []),
        ("第三十条件不成立", []),
    ],
)
def test_written_citations(text: str, expected: list[str]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        ("劳动和同法第四十七条", ["劳动合同法 47"]),
        ("民法点第一千零七十七条说", ["民法典 1077"]),
        ("按照劳动争议调解仲裁法二十七条", ["劳动争议调解仲裁法 27"]),
        ("劳动合同法第四十期条", ["劳动合同法 47"]),
        ("劳动合同法四十六四十七条", ["劳动合同法 46", "劳动合同法 47"]),
        ("根据老动合同法第八十二条", ["劳动合同法 82"]),
    ],
)
def test_citations_as_a_recogniser_writes_them(heard: str, expected: list[str]) -> None:
    assert read(heard, speech=True) == expected


def test_a_law_that_was_not_understood_is_not_taken_for_the_one_before() -> None:
    heard = "根据劳动合同法第八十二条。根据法点第一百八十八条"
    assert read(heard, speech=True) == ["劳动合同法 82", "? 188"]


def test_a_malformed_numeral_is_marked_as_doubtful() -> None:
    (citation,) = parse("根据民法典第一千零八四条", speech=True)
    assert citation.by_sound


def test_the_law_itself_is_known_in_its_own_text() -> None:
    assert read("依照本法第四十条的规定", home="劳动合同法") == ["劳动合同法 40"]


def test_a_citation_tells_where_it_stands() -> None:
    text = "依据《劳动合同法》第四十七条，按年支付"
    (citation,) = parse(text)
    assert text[citation.start : citation.end] == "《劳动合同法》第四十七条"


def test_a_citation_is_rendered_as_lawyers_write_it() -> None:
    citation = parse_one("劳动合同法第38条第1款第2项")
    assert citation is not None
    assert render(citation) == "《劳动合同法》第三十八条第一款第（二）项"
    assert render(citation, Style.ARABIC) == "《劳动合同法》第38条第1款第2项"
    assert render(citation, Style.SPOKEN, name="劳合法") == "劳合法第三十八条第一款第二项"
