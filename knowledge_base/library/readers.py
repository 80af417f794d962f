"""Readers of statute files: Markdown, the official docx and html downloads, plain text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

from hotline.errors import HotlineError
from knowledge_base.library.structure import BLANKS, Line, ParsedText, parse_lines

_LARGEST_DOCUMENT = 50_000_000
"""Bytes of text in one file. The largest code of law has under two million."""
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class UnreadableStatuteError(HotlineError):
    """这个法规文件读不出来。"""

    error_id = "unreadable-statute"


def read_statute(file: Path) -> ParsedText:
    """Read one statute file by its suffix.

    Raises:
        UnreadableStatuteError: an unknown suffix, a damaged file, or no text in it.
    """
    reader = _READERS.get(file.suffix.lower())
    if reader is None:
        kinds = "、".join(sorted(_READERS))
        raise UnreadableStatuteError(
            f"{file}：不支持这种文件，请提供 {kinds}（旧版 .doc 请先用文字处理软件另存为 .docx）"
        )
    lines = [line for line in reader(file) if line.text or line.mark]
    parsed = parse_lines(lines)
    if not parsed.title or not parsed.articles:
        raise UnreadableStatuteError(f"{file}：没有读到法规标题或正文，请检查文件内容")
    return parsed


def can_read(file: Path) -> bool:
    """Tell whether the suffix is one that ``read_statute`` knows."""
    return file.suffix.lower() in _READERS


def decode(data: bytes, file: Path) -> str:
    """Decode UTF-8 or, as older official pages are, GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableStatuteError(f"{file}：文字编码无法识别，请另存为 UTF-8 后再导入")


def _read_bytes(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST_DOCUMENT:
        raise UnreadableStatuteError(f"{file}：文件超过 50 MB，不像是法规文本")
    return file.read_bytes()


def _markdown(file: Path) -> list[Line]:
    lines = []
    for raw in decode(_read_bytes(file), file).splitlines():
        text = raw.strip(BLANKS + "\ufeff")
        if text.startswith("<!--"):
            continue
        match = re.match(r"^(#{1,6})(?:\s+|$)", text)
        mark = len(match[1]) if match else 0
        lines.append(Line(text[match.end() :].strip() if match else text, mark))
    return lines


def _plain(file: Path) -> list[Line]:
    text = decode(_read_bytes(file), file)
    return [Line(line.strip(BLANKS)) for line in text.splitlines()]


def _docx(file: Path) -> list[Line]:
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.getinfo("word/document.xml").file_size > _LARGEST_DOCUMENT:
                raise UnreadableStatuteError(f"{file}：正文超过 50 MB，不像是法规文本")
            xml = archive.read("word/document.xml")
    except (zipfile.BadZipFile, KeyError, OSError) as error:
        raise UnreadableStatuteError(
            f"{file}：不是完整的 docx 文件，请重新下载或另存后再导入"
        ) from error
    if b"<!DOCTYPE" in xml:
        # No word processor writes one; entities could expand without end.
        raise UnreadableStatuteError(f"{file}：docx 内含文档类型声明，拒绝读取")
    try:
        root = ET.fromstring(xml)  # noqa: S314 - declarations were refused above
    except ET.ParseError as error:
        raise UnreadableStatuteError(f"{file}：docx 正文损坏，请重新下载") from error
    lines: list[Line] = []
    for paragraph in root.iter(f"{_WORD}p"):
        text = ""
        for node in paragraph.iter():
            if node.tag == f"{_WORD}t":
                text += node.text or ""
            elif node.tag == f"{_WORD}tab":
                text += " "
            elif node.tag in (f"{_WORD}br", f"{_WORD}cr"):
                text += "\n"
        lines += [Line(part.strip(BLANKS)) for part in text.split("\n")]
    return lines


class _TextOfPage(HTMLParser):
    """Collects the blocks of a page as lines."""

    _BLOCKS = frozenset(
        {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
        | {"section", "article", "table", "title", "body", "center"}
    )
    _UNSEEN = frozenset({"script", "style", "head", "title", "nav", "footer"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._text = ""
        self._mark = 0
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self._UNSEEN:
            self._unseen += 1
        if tag in self._BLOCKS:
            self.end_line()
        if re.fullmatch(r"h[1-6]", tag):
            self._mark = int(tag[1])

    def handle_endtag(self, tag: str) -> None:
        if tag in self._UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        if tag in self._BLOCKS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text += data

    def end_line(self) -> None:
        text = re.sub(r"\s+", " ", self._text).strip()
        if text:
            self.lines.append(Line(text, self._mark))
        self._text, self._mark = "", 0


def _html(file: Path) -> list[Line]:
    page = _TextOfPage()
    page.feed(decode(_read_bytes(file), file))
    page.close()
    page.end_line()
    return page.lines


_READERS: dict[str, Callable[[Path], list[Line]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _plain,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
}
