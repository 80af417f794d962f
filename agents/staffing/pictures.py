"""Results as pictures: standalone SVG of our own, which prints and needs no script."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from agents.staffing.figures import Figures
from agents.staffing.needs import Need

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")

_XMLNS = 'xmlns="http://www.w3.org/2000/svg"'
_STYLE = """
.ground { fill: #ffffff } .bar { fill: #1d5bb8 } .more { fill: #a55b00 }
.line { stroke: #c9d1dc; stroke-width: 1 } .whisker { stroke: #1b2430; stroke-width: 1.6 }
text { font: 13px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC",
 system-ui, sans-serif; fill: #1b2430 }
.title { font-size: 17px; font-weight: 600 } .head { font-size: 14px; font-weight: 600 }
.small { font-size: 11px; fill: #5b6675 } .end { text-anchor: end } .middle { text-anchor: middle }
""".strip()


def _document(title: str, width: float, height: float, parts: Sequence[str]) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}"'
    view = f'viewBox="0 0 {width:.0f} {height:.0f}"'
    label = f'role="img" aria-label="{escape(title)}"'
    return "\n".join(
        [
            f"<svg {_XMLNS} {view} {size} {label}>",
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" {size}/>',
            f'<text class="title" x="24" y="34">{escape(title)}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )


@dataclass(frozen=True)
class _Measure:
    """One panel: a value by policy, as a length and in words."""

    name: str
    values: tuple[tuple[float, str], ...]
    whiskers: tuple[tuple[float, float], ...] = ()
    top: float = 1.0


def policies(found: Sequence[Figures]) -> str:
    """Draw the figures of policies side by side."""
    label = 24 + min(260.0, max(60.0, *(13.0 * len(one.name) for one in found)))
    panel, rows = 230.0, 26.0
    measures = _measures(found)
    parts = []
    block = 40 + rows * len(found) + 14
    for place, measure in enumerate(measures):
        x, y = label + 12 + (place % 3) * (panel + 70), 56 + (place // 3) * block
        if place % 3 == 0:
            parts += [
                f'<text class="end" x="{label:.0f}" y="{y + 45 + rows * n:.0f}">'
                f"{escape(one.name)}</text>"
                for n, one in enumerate(found)
            ]
        parts += _panel(measure, x, y, panel, rows)
    height = 56 + block * -(-len(measures) // 3)
    return _document("派话策略对比（仿真）", label + 12 + 3 * (panel + 70), height, parts)


def _measures(found: Sequence[Figures]) -> list[_Measure]:
    def shares(name: str, values: Sequence[float]) -> _Measure:
        return _Measure(name, tuple((value, f"{value:.1%}") for value in values))

    def seconds(name: str, values: Sequence[float]) -> _Measure:
        pairs = tuple((value, f"{value:.1f} 秒") for value in values)
        return _Measure(name, pairs, top=max(1.0, *values))

    occupancy = shares("占用率（横线：最闲到最忙的人）", [one.occupancy for one in found])
    extremes = tuple((one.occupancy_lowest, one.occupancy_highest) for one in found)
    return [
        shares("接通", [one.share(one.answered) for one in found]),
        shares(f"{found[0].within_seconds:g} 秒内接通", [one.share(one.within) for one in found]),
        shares("放弃", [one.share(one.abandoned) for one in found]),
        seconds("平均等待", [one.mean_wait for one in found]),
        seconds("95% 的人等待不超过", [one.p95_wait for one in found]),
        shares("专题对口", [one.right_share or 0.0 for one in found]),
        _Measure(occupancy.name, occupancy.values, extremes),
    ]


def _panel(measure: _Measure, x: float, y: float, width: float, row: float) -> list[str]:
    parts = [f'<text class="head" x="{x:.0f}" y="{y + 20:.0f}">{escape(measure.name)}</text>']
    for n, (value, words) in enumerate(measure.values):
        top = y + 32 + row * n
        length = width * min(1.0, value / measure.top)
        end = length
        parts.append(_rect("bar", x, top, length, 17))
        if measure.whiskers:
            low, high = (width * min(1.0, limit / measure.top) for limit in measure.whiskers[n])
            end = max(length, high)
            middle = top + 8.5
            parts.append(
                f'<path class="whisker" d="M{x + low:.1f} {middle}H{x + high:.1f}'
                f'M{x + low:.1f} {middle - 4}v8M{x + high:.1f} {middle - 4}v8"/>'
            )
        parts.append(f'<text x="{x + end + 6:.1f}" y="{top + 13:.1f}">{words}</text>')
    return parts


def week(found: Sequence[Need], title: str) -> str:
    """Draw the people needed by half-hour, a row of bars a weekday."""
    by_day: dict[int, list[Need]] = defaultdict(list)
    for need in found:
        by_day[need.weekday].append(need)
    first = min((need.half_hour for need in found), default=16) // 2 * 2
    last = max((need.half_hour for need in found), default=36)
    top = max((need.rostered for need in found), default=1) or 1
    left, step, tall, gap = 84.0, min(34.0, 1100 / (last - first + 1)), 92.0, 44.0
    width = left + step * (last - first + 1) + 24
    parts = []
    for row, (day, half_hours) in enumerate(sorted(by_day.items())):
        base = 66 + row * (tall + gap) + tall
        parts.append(f'<text class="head" x="24" y="{base - tall / 2:.0f}">{WEEKDAYS[day]}</text>')
        parts.append(f'<path class="line" d="M{left} {base}H{width - 24:.0f}"/>')
        for need in half_hours:
            x = left + step * (need.half_hour - first)
            parts += _bar(need, x, base, step, tall / top)
        for hour in range(first // 2, min(24, last // 2 + 1)):
            x = left + step * (2 * hour - first)
            parts.append(f'<text class="small" x="{x:.1f}" y="{base + 15:.0f}">{hour}:00</text>')
    height = 66 + len(by_day) * (tall + gap) + 8
    if any(need.rostered > need.people for need in found):
        parts += _legend(
            24, height, (("bar", "在线需要的人"), ("more", "另须排班的人（休息、请假等）"))
        )
        height += 24
    return _document(title, max(width, 420), height, parts)


def _legend(x: float, y: float, names: Sequence[tuple[str, str]]) -> list[str]:
    parts = []
    for style, words in names:
        parts.append(_rect(style, x, y - 11, 14, 12))
        parts.append(f'<text x="{x + 20:.0f}" y="{y:.0f}">{escape(words)}</text>')
        x += 40 + 13.0 * len(words)
    return parts


def _bar(need: Need, x: float, base: float, step: float, scale: float) -> list[str]:
    wide = step * 0.8
    there, extra = need.people * scale, (need.rostered - need.people) * scale
    top = base - there - extra
    words = (
        f"{WEEKDAYS[need.weekday]} {need.begins} 起半小时：平均 {need.calls:.1f} 通，"
        f"在线 {need.people} 人，排班 {need.rostered} 人"
    )
    parts = [f"<g><title>{escape(words)}</title>", _rect("bar", x, base - there, wide, there)]
    if extra:
        parts.append(_rect("more", x, top, wide, extra))
    number = f'<text class="small middle" x="{x + wide / 2:.1f}" y="{top - 3:.1f}">'
    return [*parts, f"{number}{need.rostered}</text></g>"]


def _rect(name: str, x: float, y: float, width: float, height: float) -> str:
    size = f'width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{name}" x="{x:.1f}" y="{y:.1f}" {size}/>'
