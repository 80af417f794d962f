"""How values read on the pages: durations, times, shares, numbers. Registered as filters."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup

from hotline.calls.proportion import Proportion
from hotline.clock import CHINA

NONE = "—"
_WEEKDAYS = "一二三四五六日"


def duration(seconds: float | None) -> str:
    """``4:07``, ``1:04:07``; a dash where unknown."""
    if seconds is None:
        return NONE
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def spoken_duration(seconds: float | None) -> str:
    """``4 分 7 秒``: for sentences."""
    if seconds is None:
        return NONE
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "小时"), (minutes, "分"), (left, "秒")]
    shown = [f"{n} {unit}" for n, unit in parts if n]
    return " ".join(shown[:2]) or "0 秒"


def exact(time: datetime | None) -> str:
    """``2026年11月24日 周二 10:00:00``: for hovering."""
    if time is None:
        return NONE
    local = time.astimezone(CHINA)
    day = f"{local.year}年{local.month}月{local.day}日 周{_WEEKDAYS[local.weekday()]}"
    return f"{day} {local:%H:%M:%S}"


def clock_time(time: datetime | None) -> str:
    """``10:00:07``."""
    return NONE if time is None else f"{time.astimezone(CHINA):%H:%M:%S}"


def day_time(time: datetime | None, now: datetime) -> str:
    """Time alone today, ``昨天 10:00``, else ``11-20 10:00``, else with the year."""
    if time is None:
        return NONE
    local, today = time.astimezone(CHINA), now.astimezone(CHINA).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"昨天 {local:%H:%M}"
    if local.year == today.year:
        return f"{local:%m-%d %H:%M}"
    return f"{local:%Y-%m-%d}"


def ago(time: datetime | None, now: datetime) -> str:
    """``刚刚``, ``3 分钟前``, ``2 小时前``, then the day."""
    if time is None:
        return NONE
    seconds = (now - time).total_seconds()
    if seconds < 60:
        return "刚刚"
    if seconds < 3600:
        return f"{int(seconds // 60)} 分钟前"
    if seconds < 86400:
        return f"{int(seconds // 3600)} 小时前"
    return day_time(time, now)


def until(time: datetime, now: datetime) -> str:
    """``还剩 2 小时``, ``已超 3 天``: for deadlines."""
    seconds = (time - now).total_seconds()
    word, size = ("还剩", seconds) if seconds >= 0 else ("已超", -seconds)
    if size < 3600:
        return f"{word} {int(size // 60)} 分钟"
    if size < 86400:
        return f"{word} {int(size // 3600)} 小时"
    return f"{word} {int(size // 86400)} 天"


def thousands(value: float | None) -> str:
    """``12,345``."""
    return NONE if value is None else f"{value:,.0f}"


def percent(value: float | None, digits: int = 1) -> str:
    """``98.5%``; full hundreds without digits."""
    if value is None:
        return NONE
    return "100%" if value == 1 else f"{value * 100:.{digits}f}%"


def share(value: Proportion) -> Markup:
    """Return a percentage whose numerator and denominator show on hover."""
    if value.value is None:
        return Markup('<span class="share" title="尚无数据">—</span>')
    return Markup('<span class="share" title="{} / {}">{}</span>').format(
        thousands(value.numerator), thousands(value.denominator), percent(value.value)
    )


def moment(time: datetime | None, now: datetime) -> Markup:
    """Return a ``<time>`` that reads relative and shows the exact time on hover."""
    if time is None:
        return Markup('<span class="muted">—</span>')
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        time.isoformat(), exact(time), ago(time, now)
    )


def epoch(time: datetime) -> float:
    """Seconds since 1970, for timers in the page."""
    return round(time.timestamp(), 1)


def short_place(name: str) -> str:
    """Return a place's name without what all of them share."""
    return name.replace("公共法律服务室", "").replace("公共法律服务", "")


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger/", "WeChat"),
    ("QQBrowser/", "QQBrowser"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
"""Names in a browser's description; one that pretends to be another comes before it."""
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser(description: str) -> str:
    """Return a browser in short, as somebody knows it: ``Chrome 130 · Windows``."""
    known = next((name for mark, name in _BROWSERS if mark in description), "")
    mark = next((mark for mark, name in _BROWSERS if name == known), "")
    version = description.partition(mark)[2].partition(".")[0] if known else ""
    system = next((name for part, name in _SYSTEMS if part in description), "")
    words = f"{known} {version}".strip() or description.partition("/")[0][:40]
    return " · ".join(one for one in (words, system) if one)
