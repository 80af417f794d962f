"""Opening hours and the menu in words, for the terminal and the picture."""

from __future__ import annotations

from collections.abc import Mapping

from rich.tree import Tree

from hotline.worktime import Spans, Week, WorkTime
from ivr.deploy import Compiled
from ivr.model import PERSON, STATION
from ivr.plan import Exit, Scene
from ivr.walk import DESTINATIONS

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def hours_lines(opening: WorkTime) -> list[str]:
    """Return the opening hours, a line a kind of day."""
    hours = opening.hours
    lines = _week_lines(hours.usual)
    for season in hours.seasons:
        (first_month, first_day), (last_month, last_day) = season.start, season.end
        lines.append(f"{first_month}月{first_day}日至{last_month}月{last_day}日：")
        lines += ["　" + line for line in _week_lines(season.week)]
    lines += [f"{day:%Y-%m-%d}：{_spans(spans)}" for day, spans in sorted(hours.days.items())]
    return lines


def _week_lines(week: Week) -> list[str]:
    lines = [f"工作日：{_spans(week.workdays)}"]
    if week.weekends == week.holidays:
        lines.append(f"周末和节假日：{_spans(week.weekends)}")
    else:
        lines.append(f"周末：{_spans(week.weekends)}")
        lines.append(f"节假日：{_spans(week.holidays)}")
    lines += [f"{_WEEKDAYS[day]}：{_spans(spans)}" for day, spans in sorted(week.weekdays.items())]
    return lines


def _spans(spans: Spans) -> str:
    if not spans:
        return "休息"
    return "、".join("全天" if (s.start, s.end) == (0, 1_440) else str(s) for s in spans)


def tree(compiled: Compiled, topics: Mapping[str, str]) -> Tree:
    """Return the menu as a tree for the terminal."""
    plan, language = compiled.plan, compiled.plan.usual_language

    def said(prompt: str) -> str:
        return f"[dim]“{compiled.catalogue.text(prompt, language)}”[/]"

    root = Tree(f"[bold]{plan.title}[/]  " + "、".join(number for number, _ in plan.numbers))
    notice = root.add("[bold]接通后先告知[/]")
    for prompt in compiled.source.menu.notice:
        notice.add(said(prompt))
    for scene in sorted(plan.scenes.values(), key=lambda s: s.name != plan.start):
        branch = root.add(f"[bold]{scene.title}[/]  说完等 {scene.wait:g} 秒")
        for key, way in scene.exits.items():
            branch.add(f"[bold cyan]{key}[/]  {way.name}  → {_leads(way, plan.scenes, topics)}")
        branch.add(f"不按键  → {_leads(scene.silence, plan.scenes, topics)}")
        branch.add(f"按错键  → {_leads(scene.wrong, plan.scenes, topics)}")
    night = root.add("[bold]人工服务时间以外[/]")
    for line in hours_lines(compiled.opening):
        night.add(f"[dim]{line}[/]")
    for prompt in plan.night_say:
        night.add(said(prompt))
    night.add(f"然后 → {_leads(Exit(scene.silence.result, plan.night_to), plan.scenes, topics)}")
    survey = root.add(f"[bold]{compiled.survey.title}[/]（律师挂机后）")
    for question in compiled.survey.questions:
        branch = survey.add(question.title)
        for key, meaning in question.answers.items():
            branch.add(f"[bold cyan]{key}[/]  {meaning}")
        branch.add("不按键  没有评价")
    return root


def _leads(way: Exit, scenes: Mapping[str, Scene], topics: Mapping[str, str]) -> str:
    if way.to in scenes:
        return f"[magenta]{scenes[way.to].title}[/]"
    where = DESTINATIONS[way.to]
    if way.urgent:
        return f"[green]{where}[/]（紧急优先，找值班人员）"
    if way.to != PERSON:
        return f"[green]{where}[/]"
    if way.topic == STATION:
        return f"[green]{where}[/]（先找乡镇服务站）"
    if way.topic:
        return f"[green]{where}[/]（{topics.get(way.topic, way.topic)}）"
    return f"[green]{where}[/]"
