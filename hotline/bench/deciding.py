"""What a decision costs among so many who wait and may answer, and how that grows."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

from hotline.routing import policy as policies
from hotline.routing.board import Board
from hotline.routing.decide import Kind, decide
from hotline.routing.people import Agent, AgentKind, Wish
from hotline.routing.standing import Caller
from hotline.routing.tables import OfferOutcome

TOPICS = [f"t{n}" for n in range(18)]
PLACES = [f"p{n}" for n in range(15)]
LANGUAGES = ["zh", "zh", "zh", "dialect", "en"]
SIZES = (125, 250, 500, 1000, 2000, 4000)
"""People; twice as many wait."""
WAITING, PEOPLE = 2000, 1000


@dataclass(frozen=True)
class Cost:
    """Milliseconds of a decision with so many people and callers."""

    people: int
    waiting: int
    p50_ms: float
    p99_ms: float

    @property
    def n(self) -> int:
        """All who stand on the board."""
        return self.people + self.waiting


def cost(people: int, waiting: int, rounds: int = 1500) -> Cost:
    """Measure decisions at one size."""
    cuts = quantiles(milliseconds(waiting, people, rounds), n=100)
    return Cost(people, waiting, cuts[49], cuts[98])


def exponent(costs: Sequence[Cost]) -> float:
    """Return b of the fit cost = a · n^b; n log n has about 1.1 over these sizes."""
    points = [(math.log(c.n), math.log(max(c.p50_ms, 1e-6))) for c in costs]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    above = sum((x - mean_x) * (y - mean_y) for x, y in points)
    return above / sum((x - mean_x) ** 2 for x, _ in points)


def log_exponent(costs: Sequence[Cost]) -> float:
    """Return the exponent that n log n itself would show over the same sizes."""
    ideal = [Cost(c.people, c.waiting, c.n * math.log(c.n), 0.0) for c in costs]
    return exponent(ideal)


def _agents(chance: random.Random, count: int) -> list[Agent]:
    return [
        Agent(
            f"a{n}",
            f"人{n}",
            AgentKind.LAWYER if chance.random() < 0.8 else AgentKind.STATION,
            f"PJSIP/a{n}",
            {t: chance.randint(1, 3) for t in chance.sample(TOPICS, chance.randint(1, 8))},
            frozenset({"zh", chance.choice(LANGUAGES)}),
            place=chance.choice(PLACES),
        )
        for n in range(count)
    ]


def milliseconds(waiting: int, people: int, rounds: int = 1500) -> list[float]:
    """Time each decision of a busy hotline: a talk ends, a caller comes, all is decided."""
    chance = random.Random(1)  # noqa: S311 - the same hotline each time
    board = Board(policies.load(), 0.0)
    board.set_people(_agents(chance, people), 0.0)
    for n in range(people):
        board.set_wish(f"a{n}", Wish.READY, "", n / people)
    classes = sorted(board.policy.priorities)

    def caller(number: int, since: float) -> Caller:
        topic, language = chance.choice(TOPICS), chance.choice(LANGUAGES)
        place, priority = chance.choice(PLACES), chance.choice(classes)
        return Caller(f"c{number}", since, topic, language, place, priority)

    now, born = 62.0, waiting + people
    times: list[float] = []
    for number in range(born):
        board.waits(caller(number, 1 + chance.random() * 60), now)
    for _ in range(rounds):
        now += 0.01
        if board.offers:
            _one_talk_ends(board, chance.choice(sorted(board.offers)), now)
        born += 1
        board.waits(caller(born, now), now)
        _decide_all(board, now, times)
    return times


def _one_talk_ends(board: Board, call_id: str, now: float) -> None:
    offered = board.offer_ended(call_id, OfferOutcome.ANSWERED, now)
    if offered is not None:
        board.talk_ended(call_id, offered.agent_id, now)
        board.set_wish(offered.agent_id, Wish.READY, "", now)


def _decide_all(board: Board, now: float, times: list[float]) -> None:
    going = True
    while going:
        begin = time.perf_counter()
        board.advance(now)
        decision = decide(board)
        if decision is None:
            going = False
        elif decision.kind is Kind.OFFER:
            board.offer(decision.call_id, decision.call_id, decision.agent_id, now)
        else:
            board.leaves(decision.call_id, now)
        times.append((time.perf_counter() - begin) * 1000)


# -- the picture -------------------------------------------------------------------------------

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 400, 76, 24, 64, 56
_STYLE = """
text { font: 13px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif;
 fill: #1b2430 } .title { font-size: 17px; font-weight: 600 } .small { font-size: 11px;
 fill: #5b6675 } .grid { stroke: #dfe4ea } .end { text-anchor: end } .middle { text-anchor: middle }
.p50 { fill: #1d5bb8; stroke: #1d5bb8 } .p99 { fill: #a55b00; stroke: #a55b00 }
.ideal { stroke: #5b6675; stroke-dasharray: 5 4 } path { fill: none; stroke-width: 2 }
""".strip()


def picture(costs: Sequence[Cost]) -> str:
    """Return the costs as an SVG with logarithmic axes, beside what n log n would be."""
    low, high = costs[0], costs[-1]
    bottom = min(c.p50_ms for c in costs) / 1.6
    ideal = [low.p50_ms * c.n * math.log(c.n) / (low.n * math.log(low.n)) for c in costs]
    top = max(*ideal, *(c.p99_ms for c in costs)) * 1.6

    def x(n: float) -> float:
        share = math.log(n / low.n) / math.log(high.n / low.n)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(ms: float) -> float:
        share = math.log(ms / bottom) / math.log(top / bottom)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def line(kind: str, values: Sequence[float]) -> str:
        points = " L".join(f"{x(c.n):.1f} {y(v):.1f}" for c, v in zip(costs, values, strict=True))
        return f'<path class="{kind}" d="M{points}"/>'

    ticks = [t for t in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0) if bottom <= t <= top]
    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(t):.1f}" y2="{y(t):.1f}"/>'
        f'<text class="small end" x="{_LEFT - 8}" y="{y(t) + 4:.1f}">{t:g} 毫秒</text>'
        for t in ticks
    ]
    parts += [
        f'<text class="small middle" x="{x(c.n):.1f}" y="{_HEIGHT - 34}">{c.n}</text>'
        for c in costs
    ]
    parts += [line("ideal", ideal), line("p99", [c.p99_ms for c in costs])]
    parts.append(line("p50", [c.p50_ms for c in costs]))
    end = _WIDTH - _RIGHT
    parts += [
        f'<text class="end" x="{end}" y="{y(high.p99_ms) - 10:.1f}">最慢的百分之一</text>',
        f'<text class="end" x="{end}" y="{y(high.p50_ms) + 20:.1f}">中位</text>',
        f'<text class="end small" x="{end}" y="{y(ideal[-1]) - 8:.1f}">若按 n·log n 增长</text>',
        (
            f'<text class="middle small" x="{_WIDTH / 2}" y="{_HEIGHT - 12}">'
            "看板上的人数（坐席与排队来电之和）</text>"
        ),
    ]
    size = f'width="{_WIDTH}" height="{_HEIGHT}"'
    title = "一次派话决定的耗时"
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {size} '
                f'role="img" aria-label="{title}">'
            ),
            f'<style>{_STYLE}</style><rect fill="#ffffff" {size}/>',
            f'<text class="title" x="24" y="34">{title}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )
