"""A small layered drawing of a service's states: layers downward, few crossings, labels apart.

The method is Sugiyama's: break cycles, layer by the longest way from the start, split long edges
at each layer, order layers by their neighbours' middle, then give coordinates. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hotline.casework.graph import Graph

NODE_WIDTH = 116.0
NODE_HEIGHT = 38.0
BEND_WIDTH = 26.0
"""Room kept for a long edge that passes a layer."""
SPACE = 34.0
LABEL_HEIGHT = 17.0
LAYER_GAP = 46.0
MARGIN = 24.0
CHARACTER = 12.0
"""Width of a Chinese character in a label."""
SWEEPS = 24
MOST_ROWS = 8
"""Rows of labels between two layers."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """Where a state is drawn: its middle."""

    state: str
    x: float
    y: float


@dataclass(frozen=True)
class Line:
    """Where an edge is drawn: points from one state to the other, and its words' middle."""

    start: str
    end: str
    points: tuple[Point, ...]
    label: str
    label_at: Point
    back: bool
    """Whether it leads to an earlier layer."""


@dataclass(frozen=True)
class Layout:
    """A drawing in pixels."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


@dataclass(frozen=True)
class _Edge:
    start: str
    end: str
    label: str
    back: bool
    way: tuple[str, ...]
    """Nodes from the upper to the lower end, bends included."""


@dataclass
class _Drawing:
    layers: list[list[str]]
    edges: list[_Edge]
    above: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    below: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    x: dict[str, float] = field(default_factory=dict)


def draw(graph: Graph, start: str) -> Layout:
    """Return where everything of ``graph`` is drawn, ``start`` at the top."""
    drawing = _layered(graph, start)
    for edge in drawing.edges:
        for upper, lower in pairwise(edge.way):
            drawing.below[upper].append(lower)
            drawing.above[lower].append(upper)
    _order(drawing)
    _place(drawing)
    return _measured(drawing)


def _layered(graph: Graph, start: str) -> _Drawing:
    forward = _without_cycles(graph, start)
    layer = _depths(graph.states, forward, start)
    layers: list[list[str]] = [[] for _ in range(max(layer.values()) + 1)]
    for state in graph.states:
        layers[layer[state]].append(state)
    edges = []
    for number, ((a, b), names) in enumerate(graph.edges.items()):
        back = layer[a] > layer[b] or (layer[a] == layer[b] and (a, b) not in forward)
        upper, lower = (b, a) if back else (a, b)
        bends = [f"{number}:{depth}" for depth in range(layer[upper] + 1, layer[lower])]
        for depth, bend in zip(range(layer[upper] + 1, layer[lower]), bends, strict=True):
            layers[depth].append(bend)
        edges.append(_Edge(a, b, " / ".join(names), back, (upper, *bends, lower)))
    return _Drawing(layers, edges)


def _without_cycles(graph: Graph, start: str) -> set[tuple[str, str]]:
    """Return the edges without those that close a cycle, as a walk in depth meets them."""
    following: dict[str, list[str]] = defaultdict(list)
    for a, b in graph.edges:
        following[a].append(b)
    kept: set[tuple[str, str]] = set()
    done: set[str] = set()
    for root in (start, *graph.states):
        if root in done:
            continue
        path: list[tuple[str, Iterator[str]]] = [(root, iter(following[root]))]
        on_path = {root}
        while path:
            state, rest = path[-1]
            following_state = next(rest, None)
            if following_state is None:
                path.pop()
                on_path.discard(state)
                done.add(state)
            elif following_state not in on_path:
                kept.add((state, following_state))
                if following_state not in done:
                    path.append((following_state, iter(following[following_state])))
                    on_path.add(following_state)
    return kept


def _depths(states: Sequence[str], edges: set[tuple[str, str]], start: str) -> dict[str, int]:
    depth = dict.fromkeys(states, 0)
    for _ in states:
        changed = False
        for a, b in edges:
            if b != start and depth[b] < depth[a] + 1:
                depth[b] = depth[a] + 1
                changed = True
        if not changed:
            break
    return depth


def _order(drawing: _Drawing) -> None:
    best, fewest = [list(layer) for layer in drawing.layers], _crossings(drawing)
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        neighbours = drawing.above if downward else drawing.below
        indices = range(len(drawing.layers))
        for number in indices if downward else reversed(indices):
            rank = {n: i for layer in drawing.layers for i, n in enumerate(layer)}
            drawing.layers[number].sort(
                key=lambda n: _middle([rank[o] for o in neighbours[n]], rank[n])
            )
        found = _crossings(drawing)
        if found < fewest:
            best, fewest = [list(layer) for layer in drawing.layers], found
    drawing.layers = best


def _crossings(drawing: _Drawing) -> int:
    total = 0
    for upper, lower in pairwise(drawing.layers):
        rank = {node: position for position, node in enumerate(lower)}
        ends = [
            rank[b]
            for a in upper
            for b in sorted(drawing.below[a], key=lambda n: rank.get(n, 0))
            if b in rank
        ]
        total += sum(left > right for i, left in enumerate(ends) for right in ends[i + 1 :])
    return total


def _middle(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _place(drawing: _Drawing) -> None:
    for layer in drawing.layers:
        at = 0.0
        for node in layer:
            drawing.x[node] = at + _width(node) / 2
            at += _width(node) + SPACE
    for sweep in range(SWEEPS):
        for layer in drawing.layers if sweep % 2 == 0 else reversed(drawing.layers):
            wanted = [
                _middle(
                    [drawing.x[o] for o in (*drawing.above[n], *drawing.below[n])], drawing.x[n]
                )
                for n in layer
            ]
            for node, at in zip(layer, _apart(layer, wanted), strict=True):
                drawing.x[node] = at
    left = min(drawing.x[n] - _width(n) / 2 for layer in drawing.layers for n in layer)
    for node in drawing.x:
        drawing.x[node] += MARGIN - left


def _apart(layer: Sequence[str], wanted: Sequence[float]) -> list[float]:
    """Return places near ``wanted``, in order, that do not overlap."""
    rightward, leftward = list(wanted), list(wanted)
    for i in range(1, len(layer)):
        rightward[i] = max(rightward[i], rightward[i - 1] + _distance(layer[i - 1], layer[i]))
    for i in range(len(layer) - 2, -1, -1):
        leftward[i] = min(leftward[i], leftward[i + 1] - _distance(layer[i], layer[i + 1]))
    return [(a + b) / 2 for a, b in zip(rightward, leftward, strict=True)]


def _distance(left: str, right: str) -> float:
    return (_width(left) + _width(right)) / 2 + SPACE


def _width(node: str) -> float:
    return BEND_WIDTH if ":" in node else NODE_WIDTH


def _measured(drawing: _Drawing) -> Layout:
    rows = [1] * len(drawing.layers)
    for _ in range(MOST_ROWS * len(rows)):
        geometry = _Geometry(drawing, rows)
        crowded = geometry.put_labels()
        if crowded is None or rows[crowded] >= MOST_ROWS:
            break
        rows[crowded] += 1
    lines = geometry.lines()
    boxes = tuple(
        Box(node, drawing.x[node], geometry.y[node])
        for layer in drawing.layers
        for node in layer
        if ":" not in node
    )
    width = max(
        [box.x + NODE_WIDTH / 2 for box in boxes]
        + [x for line in lines for x, _ in line.points]
        + [line.label_at[0] + _label_half(line.label) for line in lines]
    )
    height = max(box.y for box in boxes) + NODE_HEIGHT / 2
    return Layout(boxes, lines, width + MARGIN, height + MARGIN)


class _Geometry:
    """Heights of layers, the points of every edge, and room for the labels between layers."""

    def __init__(self, drawing: _Drawing, rows: Sequence[int]) -> None:
        self._drawing = drawing
        self._rows = rows
        self.y: dict[str, float] = {}
        self._gap_top: list[float] = []
        top = MARGIN + NODE_HEIGHT / 2
        for number, layer in enumerate(drawing.layers):
            self.y |= dict.fromkeys(layer, top)
            self._gap_top.append(top + NODE_HEIGHT / 2)
            top += NODE_HEIGHT + LAYER_GAP + LABEL_HEIGHT * rows[number]
        ports = _ports(drawing)
        self._points = [
            _points(edge, number, drawing, self.y, ports)
            for number, edge in enumerate(drawing.edges)
        ]
        self._labels: dict[int, Point] = {}

    def put_labels(self) -> int | None:
        """Put each label on its own edge where nothing is in the way.

        Returns:
            The first gap between layers that needs another row of labels.
        """
        crowded: int | None = None
        depth = {n: number for number, layer in enumerate(self._drawing.layers) for n in layer}
        taken: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
        for gap, number in sorted(
            (depth[edge.way[-2] if edge.back else edge.way[0]], number)
            for number, edge in enumerate(self._drawing.edges)
        ):
            half = _label_half(self._drawing.edges[number].label)
            for row in range(self._rows[gap]):
                y = self._gap_top[gap] + LAYER_GAP / 2 + LABEL_HEIGHT * (row + 0.5)
                x = _x_at(self._points[number], y)
                self._labels[number] = (x, y)
                if all(x + half < left or x - half > right for left, right in taken[gap, row]):
                    taken[gap, row].append((x - half, x + half))
                    break
            else:
                crowded = gap if crowded is None else crowded
        return crowded

    def lines(self) -> tuple[Line, ...]:
        """Return every edge as it is drawn, from its start to its end."""
        return tuple(
            Line(
                edge.start,
                edge.end,
                tuple(reversed(points) if edge.back else points),
                edge.label,
                self._labels[number],
                edge.back,
            )
            for number, (edge, points) in enumerate(
                zip(self._drawing.edges, self._points, strict=True)
            )
        )


def _label_half(label: str) -> float:
    return len(label) * CHARACTER / 2 + 4


def _ports(drawing: _Drawing) -> Mapping[tuple[int, str], float]:
    """Spread the edges along the lower and upper side of their states."""
    sides: dict[tuple[str, str], list[tuple[float, int]]] = defaultdict(list)
    for number, edge in enumerate(drawing.edges):
        upper, lower = edge.way[0], edge.way[-1]
        sides[upper, "below"].append((drawing.x[edge.way[1]], number))
        sides[lower, "above"].append((drawing.x[edge.way[-2]], number))
    found = {}
    for (node, side), ends in sides.items():
        ends.sort()
        step = (NODE_WIDTH - 24) / max(len(ends), 1)
        for position, (_, number) in enumerate(ends):
            shift = (position - (len(ends) - 1) / 2) * min(step, 22)
            found[number, side] = drawing.x[node] + shift
    return found


def _points(
    edge: _Edge,
    number: int,
    drawing: _Drawing,
    y: Mapping[str, float],
    ports: Mapping[tuple[int, str], float],
) -> list[Point]:
    upper, lower = edge.way[0], edge.way[-1]
    half = NODE_HEIGHT / 2
    points = [(ports[number, "below"], y[upper] + half)]
    for bend in edge.way[1:-1]:
        points += [(drawing.x[bend], y[bend] - half), (drawing.x[bend], y[bend] + half)]
    points.append((ports[number, "above"], y[lower] - half))
    return points


def _x_at(points: Sequence[Point], y: float) -> float:
    """Return where a smooth line through ``points`` (downward) is at height ``y``."""
    for (x1, y1), (x2, y2) in pairwise(points):
        if y1 <= y <= y2 and y2 > y1:
            t = (y - y1) / (y2 - y1)
            # The curve that svg.py draws: a cubic with both handles at half height.
            low, high = 0.0, 1.0
            for _ in range(30):
                s = (low + high) / 2
                height = 1.5 * s * (1 - s) ** 2 + 1.5 * s**2 * (1 - s) + s**3
                low, high = (s, high) if height < t else (low, s)
            s = (low + high) / 2
            return x1 + (x2 - x1) * (3 * s**2 - 2 * s**3)
    return points[0][0]
