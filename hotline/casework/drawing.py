"""A service as a picture: an SVG for the page and the file, and text for the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape

from hotline.casework import layout
from hotline.casework.definition import SPECIAL, Service, StateKind
from hotline.casework.graph import Graph

EXITS_FROM = 4
"""An end that so many states lead to is told in a line of its own: its edges hide the rest."""

_STYLE = """
.ground { fill: #ffffff } .box { fill: #ffffff; stroke: #1d5bb8; stroke-width: 1.4 }
.start { fill: #1d5bb8 } .start-text { fill: #ffffff } .paused { stroke-dasharray: 5 3 }
.end { fill: #e8f3ec; stroke: #1c7c4a } .edge { fill: none; stroke: #5b6675; stroke-width: 1.2 }
.back { stroke: #a55b00; stroke-dasharray: 4 3 }
.head { fill: #5b6675 } .head-back { fill: #a55b00 }
text { font: 14px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC",
 system-ui, sans-serif; fill: #1b2430; text-anchor: middle }
.label { font-size: 12px; fill: #1b2430; paint-order: stroke; stroke: #ffffff; stroke-width: 5px;
 stroke-linejoin: round } .small { font-size: 12px; fill: #5b6675; text-anchor: start }
.title { font-size: 17px; font-weight: 600; text-anchor: start }
""".strip()


def split_exits(service: Service) -> tuple[Graph, dict[str, dict[str, list[str]]]]:
    """Return the graph to draw and the side exits: end → action's name → states it leads from."""
    graph = Graph.of(service)
    incoming: dict[str, list[str]] = defaultdict(list)
    for start, end in graph.edges:
        incoming[end].append(start)
    exits = {
        end
        for end, starts in incoming.items()
        if service.states[end].kind is StateKind.END
        and len(starts) >= EXITS_FROM
        # One end stays in the picture: the one that the main way leads to.
        and end != _main_end(service, incoming)
    }
    told: dict[str, dict[str, list[str]]] = {end: defaultdict(list) for end in exits}
    for (start, end), names in graph.edges.items():
        if end in exits:
            for name in names:
                told[end][name].append(service.states[start].name)
    states = tuple(state for state in graph.states if state not in exits)
    edges = {edge: names for edge, names in graph.edges.items() if edge[1] not in exits}
    return Graph(states, edges), told


def _main_end(service: Service, incoming: Mapping[str, list[str]]) -> str | None:
    ends = [code for code, state in service.states.items() if state.kind is StateKind.END]
    return next((end for end in ends if end in incoming), None)


def svg(service: Service) -> str:
    """Return the diagram as a standalone SVG."""
    graph, exits = split_exits(service)
    drawn = layout.draw(graph, service.start)
    notes = list(_exit_lines(service, exits))
    width = max(drawn.width, 420, *(24 + 12.5 * len(line) for line in notes), 0)
    head, foot = 44, 24 * len(notes) + (16 if notes else 0)
    height = drawn.height + head + foot
    size = f'width="{width:.0f}" height="{height:.0f}"'
    root = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" {size}'
    parts = [
        f'{root} role="img" aria-label="{escape(service.name)}的流程图">',
        f"<style>{_STYLE}</style>",
        "<defs>",
        _arrow("arrow", "head"),
        _arrow("arrow-back", "head-back"),
        "</defs>",
        f'<rect class="ground" {size}/>',
        f'<text class="title" x="24" y="32">{escape(service.name)}</text>',
        f'<g transform="translate(0 {head})">',
        *_edges(drawn),
        *_boxes(service, drawn),
        *_labels(drawn),
        "</g>",
    ]
    for number, line in enumerate(notes):
        y = drawn.height + head + 20 + 24 * number
        parts.append(f'<text class="small" x="24" y="{y:.0f}">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def text(service: Service, roles: Mapping[str, str]) -> str:
    """Return the service as lines: each state, and the ways on with who may go them."""
    people = {**roles, **SPECIAL}
    marks = {StateKind.OPEN: "●", StateKind.PAUSED: "◌", StateKind.END: "■"}
    lines = [f"{service.name}（{service.code}）", ""]
    for code, state in service.states.items():
        start = "（起点）" if code == service.start else ""
        clocks = "".join(f"  ⏱{c.name}" for c in service.clocks.values() if code in c.runs_in)
        lines.append(f"{marks[state.kind]} {state.name} {code}{start}{clocks}")
        for transition in service.transitions_from(code):
            ends = "、".join(_end_name(service, target.state) for target in transition.to)
            who = "、".join(people.get(name, name) for name in transition.who)
            lines.append(f"    {transition.name} → {ends}  〔{who}〕")
    if service.clocks:
        lines += ["", "期限"]
    for clock in service.clocks.values():
        limits = "，".join(rule.limit.words() for rule in clock.limits)
        lines.append(f"    {clock.name}：{limits}（{clock.basis}）")
    return "\n".join(lines) + "\n"


def _end_name(service: Service, state: str) -> str:
    return {"=": "不变", "<": "回到原状态"}.get(state) or service.states[state].name


def _exit_lines(service: Service, exits: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    for end, names in exits.items():
        for name, starts in names.items():
            yield f"{'、'.join(dict.fromkeys(starts))} ── {name} → {service.states[end].name}"


def _arrow(name: str, css: str) -> str:
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path class="{css}" d="M0 0 L8 4 L0 8 z"/></marker>'
    )


def _edges(drawn: layout.Layout) -> Iterator[str]:
    for line in drawn.lines:
        (x, y), *rest = line.points
        path = [f"M{x:.1f} {y:.1f}"]
        for to_x, to_y in rest:
            if to_x == x:
                path.append(f"L{to_x:.1f} {to_y:.1f}")
            else:
                middle = (y + to_y) / 2
                path.append(f"C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {to_y:.1f}")
            x, y = to_x, to_y
        css, arrow = ("edge back", "arrow-back") if line.back else ("edge", "arrow")
        yield f'<path class="{css}" marker-end="url(#{arrow})" d="{" ".join(path)}"/>'


def _boxes(service: Service, drawn: layout.Layout) -> Iterator[str]:
    width, height = layout.NODE_WIDTH, layout.NODE_HEIGHT
    for box in drawn.boxes:
        state = service.states[box.state]
        kinds = {StateKind.END: " end", StateKind.PAUSED: " paused"}
        css = "box" + kinds.get(state.kind, "") + (" start" if box.state == service.start else "")
        radius = height / 2 if state.kind is StateKind.END else 6
        yield (
            f'<rect class="{css}" x="{box.x - width / 2:.1f}" y="{box.y - height / 2:.1f}" '
            f'width="{width}" height="{height}" rx="{radius}"/>'
        )
        text_css = ' class="start-text"' if box.state == service.start else ""
        yield f'<text{text_css} x="{box.x:.1f}" y="{box.y + 5:.1f}">{escape(state.name)}</text>'


def _labels(drawn: layout.Layout) -> Iterator[str]:
    for line in drawn.lines:
        x, y = line.label_at
        yield f'<text class="label" x="{x:.1f}" y="{y + 4:.1f}">{escape(line.label)}</text>'
