from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.library import ArticleNumber, Library, Standing, StatuteText
from knowledge_base.library.container import DamagedIndexError
from knowledge_base.library.model import Level, split_paragraphs
from knowledge_base.library.structure import ParsedArticle


def statute(
    name: str,
    articles: dict[str, str],
    *,
    publish: date | None = date(2001, 3, 1),
    valid_from: date | None = date(2001, 6, 1),
    expired: bool = False,
    level: Level = Level.LAW,
    repeals: tuple[str, ...] = (),
) -> StatuteText:
    parsed = []
    for label, text in articles.items():
        number = ArticleNumber.parse(label)
        assert number is not None
        parsed.append(ParsedArticle(number, text, ("第一章 总则",)))
    return StatuteText(
        name=name,
        title=f"中华人民共和国{name}",
        level=level,
        category="经济法",
        publish=publish,
        valid_from=valid_from,
        expired=expired,
        source=f"{name}.md",
        taken=date(2025, 4, 30),
        articles=tuple(parsed),
        repeals=repeals,
    )


@pytest.fixture
def library() -> Library:
    return Library.from_texts(
        [
            statute("集市法", {"第一条": "旧文。", "第二条": "不变。"}),
            statute(
                "集市法",
                {"第一条": "新文。", "第一条之一": "添的。", "第二条": "不变。"},
                publish=date(2010, 5, 6),
                valid_from=date(2010, 10, 1),
                repeals=("中华人民共和国摆摊法",),
            ),
            statute(
                "最高人民法院关于审理摊位租用案件适用法律若干问题的解释（一）",
                {"第一条": "甲。"},
                level=Level.INTERPRETATION,
            ),
        ]
    )


def test_a_law_is_found_by_its_names(library: Library) -> None:
    for name in ("集市法", "中华人民共和国集市法", "《中华人民共和国集市法》", "集市 法"):
        found = library.find_law(name)
        assert found is not None
        assert found.name == "集市法"
    assert library.find_law("没有的法") is None


@pytest.mark.parametrize(
    "name",
    [
        "摊位租用司法解释（一）",
        "摊位租用解释(一)",
        "关于审理摊位租用案件适用法律若干问题的解释（一）",
    ],
)
def test_an_interpretation_is_found_by_the_short_names_that_lawyers_use(
    library: Library, name: str
) -> None:
    found = library.find_law(name)

    assert found is not None
    assert found.level is Level.INTERPRETATION


def test_each_day_has_its_own_text(library: Library) -> None:
    def text(day: date | None) -> str | None:
        article = library.article("集市法", 1, day)
        return article.text if article else None

    assert text(date(2001, 5, 31)) is None
    assert text(date(2005, 1, 1)) == "旧文。"
    assert text(date(2010, 9, 30)) == "旧文。"
    assert text(date(2010, 10, 1)) == "新文。"
    assert text(None) == "新文。"


def test_an_article_is_asked_for_in_any_writing(library: Library) -> None:
    for number in (ArticleNumber(1, 1), "第一条之一", "1-1", "1之1"):
        article = library.article("集市法", number)
        assert article is not None
        assert article.citation == "《集市法》第一条之一"
    assert library.article("集市法", 99) is None
    assert library.article("集市法", "不是数字") is None


def test_an_article_knows_its_versions_and_neighbours(library: Library) -> None:
    texts = [article.text for article in library.versions_of("集市法", 1)]
    article = library.article("集市法", "1-1")

    assert texts == ["旧文。", "新文。"]
    assert article is not None
    assert [each.label for each in library.neighbours(article)] == ["第一条", "第二条"]


def test_a_law_known_only_as_repealed_is_found_without_articles(library: Library) -> None:
    law = library.find_law("摆摊法")

    assert law is not None
    assert law.standing(date(2010, 9, 30)) is Standing.IN_FORCE
    assert law.standing(date(2010, 10, 1)) is Standing.EXPIRED
    assert list(library.articles_of(law)) == []
    assert library.article(law, 1) is None


def test_a_law_that_is_not_in_force_yet_says_so() -> None:
    library = Library.from_texts([statute("秤法", {"第一条": "甲。"}, valid_from=date(2030, 1, 1))])
    law = library.find_law("秤法")

    assert law is not None
    assert law.standing(date(2026, 11, 24)) is Standing.NOT_YET


def test_a_short_name_that_fits_two_laws_in_force_finds_neither() -> None:
    library = Library.from_texts(
        [
            statute("最高人民法院关于审理摊位案件适用法律若干问题的解释", {"第一条": "甲。"}),
            statute("最高人民法院关于办理摊位案件应用法律若干问题的解释", {"第一条": "乙。"}),
        ]
    )

    assert library.find_law("摊位司法解释") is None


def test_a_saved_library_opens_as_it_was(library: Library, tmp_path: Path) -> None:
    library.save(tmp_path / "library.kb")

    opened = Library.open(tmp_path / "library.kb")

    assert opened.fingerprint == library.fingerprint
    assert [article.text for article in opened.rows()] == [a.text for a in library.rows()]
    assert opened.taken == date(2025, 4, 30)


@pytest.mark.parametrize("keep", [0, 5, 40, -100])
def test_a_damaged_file_is_told(library: Library, tmp_path: Path, keep: int) -> None:
    file = tmp_path / "library.kb"
    library.save(file)
    data = file.read_bytes()
    file.write_bytes(data[:keep])

    with pytest.raises(DamagedIndexError):
        Library.open(file)


def test_an_empty_library_finds_nothing() -> None:
    empty = Library.empty()

    assert len(empty) == 0
    assert empty.find_law("集市法") is None


def test_paragraphs_hold_their_items() -> None:
    paragraphs = split_paragraphs("第一款：\n（一）甲；\n（二）乙。\n第二款。")

    assert [(each.number, len(each.items)) for each in paragraphs] == [(1, 2), (2, 0)]
    assert paragraphs[0].items[1].text == "乙。"
