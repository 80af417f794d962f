"""A service's states and the ways between them, as a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from hotline.casework.definition import BACK, STAY, Service, StateKind


@dataclass(frozen=True)
class Graph:
    """Directed edges; parallel transitions between two states are one edge with several names."""

    states: tuple[str, ...]
    edges: Mapping[tuple[str, str], tuple[str, ...]]

    @classmethod
    def of(cls, service: Service) -> Self:
        """Return the graph of a service, without ways that stay in their state."""
        found: dict[tuple[str, str], list[str]] = {}
        for transition in service.transitions:
            for start in transition.from_:
                for target in transition.to:
                    for end in _ends(service, start, target.state):
                        if end == start:
                            continue
                        names = found.setdefault((start, end), [])
                        if transition.name not in names:
                            names.append(transition.name)
        edges = {edge: tuple(names) for edge, names in found.items()}
        return cls(tuple(service.states), edges)

    def reached_from(self, start: str) -> set[str]:
        """Return the states that can be come to from ``start``."""
        return self._walk([start], {s: [e for b, e in self.edges if b == s] for s in self._all()})

    def leading_to(self, ends: Iterable[str]) -> set[str]:
        """Return the states from which one of ``ends`` can be come to."""
        return self._walk(
            list(ends), {e: [b for b, f in self.edges if f == e] for e in self._all()}
        )

    def _all(self) -> set[str]:
        return {*self.states, *(state for edge in self.edges for state in edge)}

    def _walk(self, begin: list[str], neighbours: Mapping[str, list[str]]) -> set[str]:
        seen = set(begin)
        while begin:
            for state in neighbours.get(begin.pop(), []):
                if state not in seen:
                    seen.add(state)
                    begin.append(state)
        return seen


def _ends(service: Service, start: str, target: str) -> Iterator[str]:
    if target == STAY:
        return
    if target != BACK:
        yield target
        return
    # A pause goes back to wherever it was entered from.
    for transition in service.transitions:
        if any(t.state == start for t in transition.to):
            for state in transition.from_:
                if (known := service.states.get(state)) and known.kind is not StateKind.PAUSED:
                    yield state
