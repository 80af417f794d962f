"""The diagram: nothing lies on anything else, and what leads down leads down."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from hotline.casework import drawing, layout, services
from hotline.casework.graph import Graph

CODES = sorted(services.load().by_code)


@pytest.mark.parametrize("code", CODES)
def test_boxes_and_labels_are_apart(shipped: services.Services, code: str) -> None:
    service = shipped.get(code)
    drawn = layout.draw(drawing.split_exits(service)[0], service.start)
    for a, b in combinations(drawn.boxes, 2):
        assert abs(a.x - b.x) >= layout.NODE_WIDTH or abs(a.y - b.y) >= layout.NODE_HEIGHT
    for one, other in combinations(drawn.lines, 2):
        apart_x = (len(one.label) + len(other.label)) * layout.CHARACTER / 2
        apart = abs(one.label_at[0] - other.label_at[0]) >= apart_x
        assert apart or abs(one.label_at[1] - other.label_at[1]) >= layout.LABEL_HEIGHT - 0.1, (
            one.label,
            other.label,
        )
    assert all(0 <= x <= drawn.width for line in drawn.lines for x, _ in line.points)


def test_edges_lead_down_except_those_that_go_back() -> None:
    graph = Graph(("a", "b", "c"), {("a", "b"): ("x",), ("b", "c"): ("y",), ("c", "a"): ("z",)})
    lines = {(line.start, line.end): line for line in layout.draw(graph, "a").lines}
    assert lines["a", "b"].points[0][1] < lines["a", "b"].points[-1][1]
    assert lines["c", "a"].back
    assert lines["c", "a"].points[0][1] > lines["c", "a"].points[-1][1]


@pytest.mark.parametrize("code", CODES)
def test_the_picture_is_well_formed_and_names_every_state(
    shipped: services.Services, code: str
) -> None:
    service = shipped.get(code)
    picture = ET.fromstring(drawing.svg(service))  # noqa: S314 - our own text
    shown = "".join(picture.itertext())
    assert all(state.name in shown for state in service.states.values())
