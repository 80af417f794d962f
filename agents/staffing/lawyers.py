"""Lawyers dealt for a calculation: so many people, with the skills that the traffic asks for."""

from __future__ import annotations

import heapq
from collections import Counter

from agents.staffing.traffic import Traffic
from hotline.routing.people import Agent, AgentKind

EXPERT, ABLE, CAN_HELP = 3, 2, 1
NATIVE = "zh"


def deal(count: int, traffic: Traffic) -> tuple[Agent, ...]:
    """Deal ``count`` lawyers to the topics and languages of ``traffic``.

    Each is expert in one topic, able in a second and can help in a third. The first of any number
    of them together cover the topics in the measure of the calls, so that the first ``n`` are a
    fair shift for every ``n``.
    """
    topics = _turns(Counter(call.topic for call in traffic.calls if call.topic), 3 * count)
    languages = Counter(call.language for call in traffic.calls)
    spoken = [{NATIVE} for _ in range(count)]
    for language, calls in languages.items():
        if language != NATIVE and count:
            speakers = max(1, round(count * calls / len(traffic.calls)))
            for n in range(speakers):
                spoken[n * count // speakers].add(language)
    return tuple(
        Agent(
            f"lawyer{n + 1:04d}",
            f"{n + 1} 号",
            AgentKind.LAWYER,
            f"PJSIP/lawyer{n + 1}",
            _skills(topics, n, count),
            frozenset(spoken[n]),
        )
        for n in range(count)
    )


def _skills(topics: list[str], n: int, count: int) -> dict[str, int]:
    if not topics:
        return {}
    skills: dict[str, int] = {}
    for topic, level in (
        (topics[n], EXPERT),
        (topics[count + n], ABLE),
        (topics[2 * count + n], CAN_HELP),
    ):
        skills.setdefault(topic, level)
    return skills


def _turns(shares: Counter[str], count: int) -> list[str]:
    """Return topics in turn, each as often as its share, spread as evenly as can be."""
    due = [(0.5 / calls, topic) for topic, calls in sorted(shares.items())]
    heapq.heapify(due)
    turns = []
    for _ in range(count if due else 0):
        when, topic = due[0]
        turns.append(topic)
        heapq.heapreplace(due, (when + 1 / shares[topic], topic))
    return turns
