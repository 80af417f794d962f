"""A few shapes for our own pictures: cards, badges, chips and arrows, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

FONT = (
    "'Noto Sans CJK SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',"
    "'WenQuanYi Micro Hei',sans-serif"
)


@dataclass(frozen=True)
class Ink:
    """The colours of one kind of thing."""

    line: str
    fill: str
    text: str


PAPER = "#f6f8fb"
TEXT = "#1d2b3a"
FAINT = "#65768a"
ARROW = "#8ba0b5"
BLUE = Ink("#2b62a8", "#e8f0fa", "#1e4a82")
GREEN = Ink("#2f8f6b", "#e6f5ef", "#1f6b4f")
AMBER = Ink("#c98a1b", "#fdf3df", "#86590a")
VIOLET = Ink("#7a5cb8", "#f0ebfa", "#573d92")
GREY = Ink("#8495a7", "#eef2f6", "#485a6c")


def width(text: str, size: float) -> float:
    """Return about how wide ``text`` is: Hanzi and full-width signs are square."""
    return sum(size if ord(c) > 0x2E80 or c in "“”‘’…—·" else size * 0.56 for c in text)


def wrap(text: str, size: float, room: float) -> list[str]:
    """Break ``text`` into lines of at most ``room``; no line begins with a closing sign."""
    lines, line = [], ""
    for character in text:
        if width(line + character, size) > room and character not in "，。！？；：、）”.,!?":
            lines.append(line)
            line = character
        else:
            line += character
    return [*lines, line] if line else lines


@dataclass(frozen=True)
class Box:
    """Where something stands."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.h

    @property
    def middle(self) -> float:
        """Half its height down."""
        return self.y + self.h / 2


@dataclass
class Drawing:
    """Shapes in the order they are drawn."""

    parts: list[str] = field(default_factory=list)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 14,
        colour: str = TEXT,
        *,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        """Write one line; ``y`` is its base line."""
        weight = ' font-weight="600"' if bold else ""
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" fill="{colour}" '
            f'text-anchor="{anchor}"{weight}>{escape(text)}</text>'
        )

    def lines(self, x: float, y: float, lines: Sequence[str], size: float, colour: str) -> float:
        """Write several lines; returns where the next one would stand."""
        for line in lines:
            self.text(x, y, line, size, colour)
            y += size * 1.6
        return y

    def box(self, box: Box, ink: Ink, *, radius: float = 10) -> None:
        """Draw a rounded box."""
        self.parts.append(
            f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.w:g}" height="{box.h:g}" '
            f'rx="{radius:g}" fill="{ink.fill}" stroke="{ink.line}" stroke-width="1.2"/>'
        )

    def card(self, box: Box, title: str, ink: Ink) -> None:
        """Draw a white card with a coloured title band."""
        self.box(box, Ink(ink.line, "#ffffff", TEXT))
        self.parts.append(
            f'<path d="M{box.x:g},{box.y + 36:g} v-26 a10,10 0 0 1 10,-10 h{box.w - 20:g} '
            f'a10,10 0 0 1 10,10 v26 z" fill="{ink.fill}"/>'
        )
        self.text(box.x + 14, box.y + 24, title, 15, ink.text, bold=True)

    def badge(self, x: float, y: float, key: str, ink: Ink) -> None:
        """Draw a telephone key, centred on ``x``, ``y``."""
        # A star is small and high in its line.
        size, down = (26, 14) if key == "*" else (16, 5.5)
        self.parts.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="13" fill="{ink.line}"/>'
            f'<text x="{x:g}" y="{y + down:g}" font-size="{size}" '
            f'font-weight="600" fill="#fff" text-anchor="middle">{escape(key)}</text>'
        )

    def chip(self, right: float, y: float, text: str, ink: Ink) -> float:
        """Draw a label that ends at ``right``, centred on ``y``; returns its left edge."""
        w = width(text, 12.5) + 20
        self.box(Box(right - w, y - 12, w, 24), ink, radius=12)
        self.text(right - w / 2, y + 4.5, text, 12.5, ink.text, anchor="middle")
        return right - w

    def arrow(self, points: Sequence[tuple[float, float]], label: str = "") -> None:
        """Draw a line through ``points`` that ends in an arrow head."""
        path = " L".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(
            f'<path d="M{path}" fill="none" stroke="{ARROW}" stroke-width="1.8" '
            'stroke-linejoin="round" marker-end="url(#head)"/>'
        )
        if label:
            (x0, y0), (x1, _) = points[0], points[1]
            self.text((x0 + x1) / 2, y0 - 7, label, 12, FAINT, anchor="middle")

    def svg(self, w: float, h: float, title: str) -> str:
        """Return the whole picture."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w:g} {h:g}" width="{w:g}" '
            f'height="{h:g}" role="img" font-family="{FONT}">\n<title>{escape(title)}</title>\n'
            '<defs><marker id="head" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" '
            f'markerHeight="7" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="{ARROW}"/>'
            "</marker></defs>\n"
            f'<rect width="100%" height="100%" fill="{PAPER}"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )
