"""The whole way through the house: real SIP calls, real speech, real recogniser."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from hotline.demo.scripts import load_conversations

LONGEST = 420.0


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Play the demonstration once; return its exit code, its calls by scenario, what it told."""
    home = tmp_path_factory.mktemp("demo")
    return asyncio.run(play(home))


async def play(home: Path) -> tuple[int, dict[str, dict[str, Any]], str]:
    words = ["-m", "hotline.app", "demo", "--once", "--json", "--home", str(home)]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, told = await asyncio.wait_for(process.communicate(), LONGEST)
    calls = [json.loads(line) for line in out.decode().splitlines()]
    return process.returncode or 0, {call["scenario"]: call for call in calls}, told.decode()


Played = tuple[int, dict[str, dict[str, Any]], str]


def test_each_call_goes_as_its_script_says(played: Played) -> None:
    code, calls, told = played
    problems = {name: call["problems"] for name, call in calls.items() if call["problems"]}
    assert problems == {}, told
    assert sorted(calls) == sorted(script.id for script in load_conversations())
    assert code == 0


def test_every_planted_fault_is_found_and_none_is_invented(played: Played) -> None:
    _, calls, _ = played
    found = {name: call["findings"] for name, call in calls.items() if call["findings"]}
    assert found == {
        "arbitration-wrong-period": ["wrong_fact"],
        "lease-wrong-article": ["wrong_article"],
        "work-injury-no-legal-aid": ["missing_legal_aid_notice"],
        "inheritance-promise": ["promised_outcome"],
    }


def test_each_call_leaves_exactly_one_ticket(played: Played) -> None:
    _, calls, _ = played
    tickets = [call["ticket"] for call in calls.values()]
    assert None not in tickets
    assert len(set(tickets)) == len(calls)


def test_what_was_said_is_recognised(played: Played) -> None:
    _, calls, _ = played
    rates = {n: c["transcript_cer"] for n, c in calls.items() if c["transcript_cer"] is not None}
    assert len(rates) == 11
    assert max(rates.values()) <= 0.05, rates
