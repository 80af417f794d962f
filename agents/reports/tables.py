"""The tables of a report: by day, topic, place and person; surges, returns, other services."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from agents.moments.spans import Times
from agents.reports.counting import Calls, Person, day_of, hour_of
from agents.reports.period import Kind, Period
from agents.reports.surge import Surge
from agents.reports.values import Chart, Column, Table, Value
from hotline.documents.content import ChartKind, Form, told
from hotline.routing.people import Presence

_CALLS = (
    Column("来电"),
    Column("请求人工"),
    Column("接听"),
    Column("未接通"),
    Column("接通率", Form.PERCENT),
    Column("15 秒接通率", Form.PERCENT),
    Column("平均等待", Form.DURATION),
    Column("平均通话", Form.DURATION),
    Column("满意率", Form.PERCENT),
    Column("测评率", Form.PERCENT),
)
CALLS, ANSWERED, LOST, CONNECT, WITHIN = 1, 3, 4, 5, 6
"""Where these stand in a row that begins with a name."""

NOTHING = Calls(())


def _row(calls: Calls) -> tuple[Value, ...]:
    found = calls.figures
    return (
        found.calls,
        found.connect.denominator,
        found.connect.numerator,
        found.connect.denominator - found.connect.numerator,
        found.connect,
        found.within_15s,
        found.average_wait,
        found.average_talk,
        found.satisfaction,
        found.response,
    )


def trend(period: Period, calls: Calls, today: date) -> Table:
    """By day; a day's report by hour, a year's by month. Days to come are left out."""
    if period.kind is Kind.DAY:
        groups, labels = calls.by(hour_of), [f"{hour:02}" for hour in range(24)]
        shown = {label: f"{label}:00" for label in labels}
        title, first = "按时段", "时段"
    elif period.kind is Kind.YEAR:
        groups = calls.by(lambda row: day_of(row)[:7])
        labels = [f"{period.first.year}-{month:02}" for month in range(1, 13)]
        labels = [label for label in labels if label <= today.isoformat()[:7]]
        shown = {label: f"{int(label[5:])}月" for label in labels}
        title, first = "按月", "月份"
    else:
        groups = calls.by(day_of)
        days = [period.first + timedelta(days=n) for n in range(period.days)]
        days = [day for day in days if day <= today]
        labels = [day.isoformat() for day in days]
        shown = {day.isoformat(): _day_words(day) for day in days}
        title, first = "按日", "日期"
    rows = tuple((shown[label], *_row(groups.get(label, NOTHING))) for label in labels)
    return Table("trend", title, (Column(first, Form.TEXT), *_CALLS), rows)


def hours(calls: Calls) -> Table:
    """By hour of the day, over the whole period: when people call."""
    groups = calls.by(hour_of)
    rows = tuple((f"{hour:02}:00", *_row(groups.get(f"{hour:02}", NOTHING))) for hour in range(24))
    return Table("hours", "按一天中的时段", (Column("时段", Form.TEXT), *_CALLS), rows)


def grouped(
    code: str,
    title: str,
    first: str,
    groups: Mapping[str, Calls],
    *,
    before: Mapping[str, int],
    name: Callable[[str], str],
) -> Table:
    """By topic or place, the most frequent first, with the change to the period before."""
    order = sorted(groups, key=lambda key: (-len(groups[key].rows), key))
    rows = tuple(
        (name(key), *_row(groups[key]), len(groups[key].rows) - before.get(key, 0)) for key in order
    )
    change = Column("比上期", hint="来电比上一时期多（少）多少")
    return Table(code, title, (Column(first, Form.TEXT), *_CALLS, change), rows)


def surge_table(found: Sequence[tuple[str, str, Surge]], earlier: int) -> Table:
    """What stands out: kind, name, count, expectation."""
    rows = tuple(
        (kind, name, surge.count, f"{surge.expected:.1f}", surge.times)
        for kind, name, surge in found
    )
    return Table(
        "surges",
        "突增",
        (
            Column("类别", Form.TEXT),
            Column("名称", Form.TEXT),
            Column("来电"),
            Column("预期", Form.TEXT),
            Column("倍数", Form.DECIMAL),
        ),
        rows,
        note=f"与此前 {earlier} 个同样长的时期相比明显偏多、难以用偶然解释的专题和地点。",
        empty="没有明显突增的专题或地点。",
    )


def appraisal(
    people: Mapping[str, Person], calls: Mapping[str, Calls], name: Callable[[str], str]
) -> Table:
    """The duty lawyers' appraisal (值班考核): figures with denominators, no ranking by one."""
    rows = []
    for agent in sorted({*people, *calls}, key=name):
        person, talks = people.get(agent, Person()), calls.get(agent, NOTHING).figures
        unhappy = talks.ratings[3]
        rows.append(
            (
                name(agent),
                person.offers,
                person.missed,
                talks.connect.numerator,
                talks.within_15s,
                talks.average_talk,
                talks.satisfaction,
                talks.response,
                unhappy,
                person.mean_score,
                person.closed,
                person.late,
                person.returned,
            )
        )
    return Table(
        "people",
        "值班考核",
        (
            Column("姓名", Form.TEXT),
            Column("派话"),
            Column("漏接", hint="振铃未接或拒接"),
            Column("接听"),
            Column("15 秒内接听", Form.PERCENT),
            Column("平均通话", Form.DURATION),
            Column("满意率", Form.PERCENT),
            Column("测评率", Form.PERCENT),
            Column("不满意"),
            Column("初评分", Form.DECIMAL, hint="机器初评的平均分，仅供参考，不作为计酬依据"),
            Column("办结工单"),
            Column("超期"),
            Column("退单"),
        ),
        tuple(rows),
        note="机器评分不单独作为考核或计酬依据；评价少时，比例的起伏多出于偶然。",
    )


def states(found: Mapping[str, Times], name: Callable[[str], str]) -> Table:
    """How long people were in each state, with the reasons of their pauses."""
    rows = tuple(
        (
            name(agent),
            found[agent].signed_in,
            found[agent].of(Presence.READY),
            found[agent].of(Presence.BUSY),
            found[agent].of(Presence.WRAPUP),
            found[agent].of(Presence.PAUSED),
            found[agent].occupancy,
            _pauses(found[agent]),
        )
        for agent in sorted(found, key=name)
        if found[agent].signed_in
    )
    return Table(
        "states",
        "坐席状态时长",
        (
            Column("姓名", Form.TEXT),
            Column("签入", Form.DURATION, hint="空闲、振铃和通话、话后整理、小休的合计"),
            Column("空闲", Form.DURATION, hint="置闲、等候来电"),
            Column("振铃和通话", Form.DURATION, hint="从振铃到通话结束，保持和商量也算"),
            Column("话后整理", Form.DURATION, hint="通话结束后填写工单，到置闲为止"),
            Column("小休", Form.DURATION, hint="置忙，须选原因；漏接过多被自动置忙的也算"),
            Column("利用率", Form.PERCENT, hint="（振铃和通话＋话后整理）÷（再加空闲）；小休不计"),
            Column("小休原因", Form.TEXT),
        ),
        rows,
        note="按状态切换的记录合计，跨越时期的只计时期以内的部分；话机不通时状态照计。",
        empty="这一时期没有人签入。",
    )


def _pauses(times: Times) -> str:
    return "，".join(
        f"{reason or '未写明原因'} {told(seconds, Form.DURATION)}"
        for reason, seconds in times.pauses.items()
    )


def plain(
    code: str, title: str, names: Sequence[str], rows: Sequence[tuple[Value, ...]], note: str = ""
) -> Table:
    """A table whose first column is words and whose others are counts."""
    first, *others = names
    columns = (Column(first, Form.TEXT), *(Column(name) for name in others))
    return Table(code, title, columns, tuple(rows), note)


def charts(tables: Mapping[str, Table]) -> tuple[Chart, ...]:
    """Say what is better seen than read."""
    by = tables["trend"].title
    found = [
        Chart("trend", f"请求人工的来电（{by}）", ChartKind.STACKED, (ANSWERED, LOST)),
        Chart("trend", f"接通率与 15 秒接通率（{by}）", ChartKind.LINES, (CONNECT, WITHIN)),
        Chart("hours", "一天中的来电", ChartKind.BARS, (CALLS,)),
        Chart("topics", "各专题来电", ChartKind.ROWS, (CALLS,), most=12),
        Chart("places", "各地来电", ChartKind.ROWS, (CALLS,), most=12),
    ]
    return tuple(chart for chart in found if chart.table in tables and tables[chart.table].rows)


def _day_words(day: date) -> str:
    return f"{day.month}-{day.day:02} 周{'一二三四五六日'[day.weekday()]}"
