"""From files to articles. The statutes are made up for the tests."""

from __future__ import annotations

import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import pytest

from hotline.errors import NotFoundError
from knowledge_base.library import ArticleNumber, collect
from knowledge_base.library.model import Level
from knowledge_base.library.readers import UnreadableStatuteError, read_statute

MARKET = """# 中华人民共和国集市法

2001年3月1日 第九届全国人民代表大会通过

2010年5月6日 修正

<!-- INFO END -->

## 第一章 总则

第一条 为了让集市有序，制定本法。

第二条 集市由摊主和顾客组成。

摊主应当：

（一）明码标价；

（二）足斤足两。

## 第二章 摊位

### 第一节 租用

第三条之一 摊位可以转让。
第三十一条的规定不适用于摊位。

第四条 本法自2001年6月1日起施行。《中华人民共和国摆摊法》同时废止。

## 附件一

第一条 附件里的条文不是正文。
"""


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_articles_keep_their_headings_paragraphs_and_items(tmp_path: Path) -> None:
    statute = read_statute(write(tmp_path, "集市法.md", MARKET))

    numbers = [article.number for article in statute.articles]
    assert numbers == [(1, 0), (2, 0), (3, 1), (4, 0)]
    assert statute.articles[0].headings == ("第一章 总则",)
    assert statute.articles[2].headings == ("第二章 摊位", "第一节 租用")
    assert statute.articles[1].text.splitlines() == [
        "集市由摊主和顾客组成。",
        "摊主应当：",
        "（一）明码标价；",
        "（二）足斤足两。",
    ]


def test_a_sentence_that_begins_with_an_article_number_is_no_article(tmp_path: Path) -> None:
    statute = read_statute(write(tmp_path, "集市法.md", MARKET))

    assert "第三十一条的规定" in statute.articles[2].text


def test_dates_and_repealed_laws_are_read_from_the_text(tmp_path: Path) -> None:
    statute = read_statute(write(tmp_path, "集市法.md", MARKET))

    assert statute.passed == date(2010, 5, 6)
    assert statute.effective == date(2001, 6, 1)
    assert statute.repeals == ("中华人民共和国摆摊法",)


def test_a_decision_without_articles_is_cut_at_its_enumeration(tmp_path: Path) -> None:
    text = "# 关于集市的决定\n\n一、摊位费取消。\n\n二、本决定自公布之日起施行。\n"

    statute = read_statute(write(tmp_path, "关于集市的决定.md", text))

    assert [article.number.number for article in statute.articles] == [1, 2]
    assert statute.on_publication


def test_rules_that_count_with_figures_are_cut_there(tmp_path: Path) -> None:
    text = "# 集市执行规定\n\n## 一、总则\n\n1. 甲。\n\n2. 乙。\n\n## 二、附则\n\n3. 丙。\n"

    statute = read_statute(write(tmp_path, "集市执行规定.md", text))

    assert [article.number.number for article in statute.articles] == [1, 2, 3]
    assert statute.articles[2].headings == ("二、附则",)


def test_a_reply_without_any_numbering_is_one_article(tmp_path: Path) -> None:
    statute = read_statute(write(tmp_path, "批复.md", "# 关于摊位的批复\n\n摊位可以转让。\n"))

    assert [article.number for article in statute.articles] == [ArticleNumber(0)]
    assert statute.articles[0].number.label == "全文"


def docx(file: Path, paragraphs: list[str]) -> Path:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    xml = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", xml)
    return file


OFFICIAL = [
    "中华人民共和国集市法",
    "（2001年3月1日通过）",
    "目　　录",
    "第一章　总　　则",
    "第二章　附　　则",
    "第一章　总　　则",
    "第一条　为了让集市有序，制定本法。",
    "第二条　摊主应当：",
    "（一）明码标价。",
    "第二章　附　　则",
    "第三条　本法自2001年6月1日起施行。",
]


def test_an_official_docx_reads_like_the_markdown(tmp_path: Path) -> None:
    statute = read_statute(docx(tmp_path / "集市法.docx", OFFICIAL))

    assert statute.title == "中华人民共和国集市法"
    assert [article.number.number for article in statute.articles] == [1, 2, 3]
    assert statute.articles[0].headings == ("第一章 总 则",)
    assert statute.articles[1].text == "摊主应当：\n（一）明码标价。"


@pytest.mark.parametrize(
    "head",
    [
        ["最高人民法院", "关于适用《中华人民共和国民法典》", "集市编的解释（一）"],
        ["最高人民法院关于适用《中华人民共和国民法典》", "集市编的解释（一）"],
        ["最高人民法院关于适用《中华人民共和国民法典》集市编的解释（一）"],
    ],
)
@pytest.mark.parametrize(
    "after", ["（2020年12月25日通过，自2021年1月1日起施行）", "法释〔2020〕22号", "目　录"]
)
def test_a_title_that_is_printed_on_several_lines_is_one(
    tmp_path: Path, head: list[str], after: str
) -> None:
    statute = read_statute(docx(tmp_path / "下载.docx", [*head, "", after, *OFFICIAL[5:]]))

    assert statute.title == "最高人民法院关于适用《中华人民共和国民法典》集市编的解释（一）"


def test_a_title_of_no_usual_kind_takes_no_text_with_it(tmp_path: Path) -> None:
    text = "国务院就集市的答复\n摊主何时收摊，由各地自行决定。\n此复。"

    assert read_statute(write(tmp_path, "答复.txt", text)).title == "国务院就集市的答复"


def test_an_official_page_reads_like_the_docx(tmp_path: Path) -> None:
    body = "".join(f"<p>{text}</p>" for text in OFFICIAL)
    page = (
        f"<html><head><title>x</title><script>第九条 假</script></head><body>{body}</body></html>"
    )

    statute = read_statute(write(tmp_path, "集市法.html", page))

    assert [article.number.number for article in statute.articles] == [1, 2, 3]
    assert statute.articles[2].text == "本法自2001年6月1日起施行。"


def test_plain_text_in_gb18030_is_read(tmp_path: Path) -> None:
    file = tmp_path / "集市法.txt"
    file.write_bytes("\n".join(OFFICIAL).encode("gb18030"))

    assert len(read_statute(file).articles) == 3


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("集市法.docx", b"PK no archive"),
        ("集市法.doc", b"old"),
        ("集市法.md", b""),
        ("集市法.txt", b"\xff\xfe\xff\xff\x80"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)

    with pytest.raises(UnreadableStatuteError, match="集市法"):
        read_statute(file)


def test_a_docx_with_a_document_type_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "集市法.docx"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>")

    with pytest.raises(UnreadableStatuteError, match="拒绝读取"):
        read_statute(file)


def test_dates_come_from_the_catalogue_then_the_name_then_the_text(tmp_path: Path) -> None:
    write(tmp_path, "经济法/集市法(2010-05-06).md", MARKET)
    write(tmp_path, "经济法/摊位法(2011-01-01).md", MARKET.replace("集市法", "摊位法"))
    write(tmp_path, "经济法/秤法.md", MARKET.replace("集市法", "秤法"))
    with sqlite3.connect(tmp_path / "db.sqlite3") as catalogue:
        catalogue.executescript(
            "create table category (id text, folder text);"
            "create table law (name text, publish date, valid_from date, expired integer,"
            " level text, category_id text);"
            "insert into category values ('e', '经济法');"
            "insert into law values ('集市法', '2010-05-06', '2010-10-01', 1, '法律', 'e');"
        )

    texts = {text.name: text for text in collect([tmp_path]).texts}

    assert texts["集市法"].valid_from == date(2010, 10, 1)
    assert texts["集市法"].expired
    assert texts["集市法"].level is Level.LAW
    assert texts["摊位法"].publish == date(2011, 1, 1)
    assert not texts["摊位法"].expired
    assert texts["秤法"].publish == date(2010, 5, 6)


def test_a_law_spread_over_files_becomes_one(tmp_path: Path) -> None:
    for part, number in (("买卖编", "第一条"), ("秤编", "第二条")):
        text = f"# 集市法典\n\n# {part}\n\n2020年1月2日 通过\n\n## 第一章 总则\n\n{number} 甲。\n"
        write(tmp_path, f"集市法典/{part}.md", text)

    texts = collect([tmp_path]).texts

    assert [text.name for text in texts] == ["集市法典"]
    assert [article.headings for article in texts[0].articles] == [
        ("买卖编", "第一章 总则"),
        ("秤编", "第一章 总则"),
    ]


def test_unreadable_files_are_told_and_the_others_read(tmp_path: Path) -> None:
    write(tmp_path, "集市法.md", MARKET)
    (tmp_path / "坏.docx").write_bytes(b"broken")
    counted: list[tuple[int, int]] = []

    collected = collect([tmp_path], advance=lambda done, total: counted.append((done, total)))

    assert len(collected.texts) == 1
    assert "坏.docx" in collected.unreadable[0][1]
    assert counted[-1] == (2, 2)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="请检查路径"):
        collect([tmp_path / "nowhere"])


def test_a_first_day_that_no_source_tells_is_corrected(tmp_path: Path) -> None:
    text = "# 中华人民共和国民事诉讼法\n\n第一条 甲。\n"
    write(tmp_path, "民事诉讼法(2023-09-01).md", text)

    assert collect([tmp_path]).texts[0].valid_from == date(2024, 1, 1)
