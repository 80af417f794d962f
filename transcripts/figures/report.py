"""The figures of quality as a report: what the workbook and the PDF hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from hotline.calls.proportion import Proportion
from hotline.documents import Chart, ChartKind, Column, Form, Part, Report, Table
from hotline.documents.content import Cell
from transcripts.figures import counting
from transcripts.figures.counting import Figures
from transcripts.figures.hints import HintFigures, HintUse
from transcripts.figures.reading import LegalError, WeakItem
from transcripts.scoring.findings import KIND_WORDS

Named = Callable[[str], str]

DEFINITIONS = (
    (
        "随机样本按层（律师×专题）抽取，各层比例不同，故各率和平均分按层加权："
        "一通已评通话代表“本层通话数÷本层已评数”那么多通。"
    ),
    "无重大差错率＝随机样本中没有一票否决的通话÷随机样本中已评通话。",
    "平均分＝随机样本已评通话的平均分（满分 100，不适用的项按比例分给其他项）。",
    (
        "法律准确率＝法律三项（案由、依据、答复完整）全部做到的通话÷已评通话，"
        "附 Wilson 95% 区间（按有效样本数计）。"
    ),
    "风险样本（不满意、投诉、紧急、新律师、机器把握不大等）单独列出，从不并入以上比率。",
    "机器初筛法律准确率覆盖全部能判断的通话，仅供参考。",
    "满意率＝（满意＋基本满意）÷已评价；测评率＝已评价÷接通。",
)

_COLUMNS = (
    Column("接通", Form.COUNT),
    Column("已评（随机）", Form.COUNT),
    Column("无重大差错率", Form.PERCENT),
    Column("平均分", Form.DECIMAL),
    Column("法律准确率", Form.PERCENT),
    Column("区间下限", Form.PERCENT),
    Column("区间上限", Form.PERCENT),
    Column("有效样本", Form.DECIMAL),
    Column("机器初筛", Form.PERCENT),
    Column("满意率", Form.PERCENT),
    Column("测评率", Form.PERCENT),
)
_LEGAL, _SATISFIED = 5, 10


def report(
    table: counting.Table,
    errors: Sequence[LegalError],
    weak: Sequence[WeakItem],
    hints: HintFigures,
    *,
    title: str,
    period: str,
    made: str,
    person: Named,
    place: Named,
    topic: Named,
) -> Report:
    """Put the figures into parts, each table with its charts."""
    groups = (
        ("按月", "月份", table.by_month, str, ChartKind.LINES),
        ("按律师", "律师", table.by_agent, person, ChartKind.ROWS),
        ("按专题", "专题", table.by_topic, topic, ChartKind.ROWS),
        ("按站点", "站点", table.by_station, place, ChartKind.ROWS),
    )
    return Report(
        title=title,
        subtitle=period,
        parts=[
            _summary(table.whole),
            *(_group(*group, whole=table.whole) for group in groups),
            _errors(errors, person),
            _training(weak, person),
            _hints(hints),
            _hints_by_person(hints, person),
        ],
        made=made,
    )


def _summary(whole: Figures) -> Part:
    rows: list[list[Cell]] = [
        [name, *_sampled(sample)]
        for name, sample in (("随机样本（对外口径）", whole.random), ("风险样本", whole.risk))
    ]
    columns = (
        Column("样本", width=22),
        Column("已评", Form.COUNT),
        Column("无重大差错率", Form.PERCENT),
        Column("平均分", Form.DECIMAL),
        Column("法律准确率", Form.PERCENT),
        Column("区间下限", Form.PERCENT),
        Column("区间上限", Form.PERCENT),
        Column("有效样本", Form.DECIMAL),
    )
    satisfaction = _percent(whole.satisfaction)
    told = (
        f"接通 {whole.calls:,} 通；满意率 {satisfaction}，测评率 {_percent(whole.response)}；"
        f"机器初筛法律准确率 {_percent(whole.machine)}。"
    )
    return Part("总体", (told, *DEFINITIONS), Table(columns, rows))


def _percent(share: Proportion) -> str:
    value = share.value
    return "尚无数据" if value is None else f"{value:.1%}（{share.numerator}/{share.denominator}）"


def _sampled(sample: counting.Sampled) -> list[Cell]:
    low, high = sample.legal.interval or (None, None)
    return [
        sample.legal.denominator,
        sample.critical_free.value,
        sample.mean,
        sample.legal.value,
        low,
        high,
        sample.legal.effective if sample.legal.denominator else None,
    ]


def _row(name: str, figures: Figures) -> list[Cell]:
    return [
        name,
        figures.calls,
        *_sampled(figures.random),
        figures.machine.value,
        figures.satisfaction.value,
        figures.response.value,
    ]


def _group(
    title: str,
    name: str,
    groups: Mapping[str, Figures],
    named: Named,
    kind: ChartKind,
    *,
    whole: Figures,
) -> Part:
    rows = [_row(named(code) or "未登记", figures) for code, figures in groups.items()]
    return Part(
        title,
        (),
        Table((Column(name), *_COLUMNS), rows, total=_row("合计", whole)),
        (
            Chart(kind, f"法律准确率（{title}）", 0, (_LEGAL,), most=20),
            Chart(kind, f"满意率（{title}）", 0, (_SATISFIED,), most=20),
        ),
    )


def _errors(errors: Sequence[LegalError], person: Named) -> Part:
    rows: list[list[Cell]] = [
        [
            KIND_WORDS.get(error.kind, error.kind),
            error.words,
            error.article,
            "是" if error.critical else "",
            error.count,
            error.confirmed,
            "、".join(f"{person(agent)} {count}" for agent, count in error.agents.items()),
        ]
        for error in errors
    ]
    columns = (
        Column("类别"),
        Column("错在哪里", width=36),
        Column("依据", width=30),
        Column("可能失权"),
        Column("次数", Form.COUNT),
        Column("人工属实", Form.COUNT),
        Column("律师", width=24),
    )
    return Part(
        "常见法律差错",
        ("机器发现、未被质检员否定的差错；“人工属实”为质检员确认的次数。",),
        Table(columns, rows),
        (Chart(ChartKind.ROWS, "最常见的法律差错", 1, (4,), most=10),),
    )


def _training(weak: Sequence[WeakItem], person: Named) -> Part:
    rows: list[list[Cell]] = [
        [person(one.agent_id), one.title, one.grades, one.share] for one in weak
    ]
    columns = (
        Column("律师"),
        Column("薄弱项", width=36),
        Column("评过几通", Form.COUNT),
        Column("平均得分率", Form.PERCENT),
    )
    return Part(
        "培训建议",
        ("同一律师同一项评过三通以上、平均得分率低于 75% 的，建议针对性培训。",),
        Table(columns, rows),
    )


_HINT_COLUMNS = (
    Column("给出", Form.COUNT),
    Column("看到", Form.COUNT),
    Column("用上", Form.COUNT),
    Column("关掉", Form.COUNT),
    Column("使用率", Form.PERCENT),
)


def _used(use: HintUse) -> list[Cell]:
    return [use.shown, use.seen, use.used, use.dismissed, use.use.value]


def _hints(hints: HintFigures) -> Part:
    always = "、".join(one.title for one in hints.dismissed)
    told = f"总被关掉、没有人用过：{always}。" if always else "没有总被关掉的要点卡。"
    return Part(
        "提示使用（按要点卡）",
        ("通话中给律师的提示；使用率＝用上÷看到。", told),
        Table(
            (Column("提示", width=36), *_HINT_COLUMNS),
            [[one.title, *_used(one.use)] for one in hints.by_card],
            total=["合计", *_used(hints.whole)],
        ),
    )


def _hints_by_person(hints: HintFigures, person: Named) -> Part:
    return Part(
        "提示使用（按律师）",
        (),
        Table(
            (Column("律师"), *_HINT_COLUMNS),
            [[person(code) or "未登记", *_used(use)] for code, use in hints.by_agent.items()],
            total=["合计", *_used(hints.whole)],
        ),
    )
