"""The shipped menu and survey on a real Asterisk, with real SIP callers."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest

import ivr
from hotline import worktime
from hotline.ami import Link, Mailbox, actions, events
from hotline.asterisk import Asterisk
from hotline.public import byphone
from hotline.routing import listing, skipping
from hotline.sipp import Caller, HangUp, Press, Sipp, Stay, Wait
from hotline.voice.numerals import read_number
from tests.acceptance.ivr.touch_tones import TouchTones

QUICKLY = 0.25
"""Seconds between the keys of a long number."""
IDS = dict(zip("零一二三四五六七八九十", [f"n/{n}" for n in range(11)], strict=True))


async def told(mailbox: Mailbox, name: str, *numbers: str, within: float = 40) -> dict[str, dict]:
    """Wait for one event of that name about each number; return its fields by number."""
    found: dict[str, dict] = {}
    async with asyncio.timeout(within):
        while set(numbers) - found.keys():
            event = await mailbox.get()
            if isinstance(event, events.UserEvent) and event.name == name:
                number = event.fields.get("Number") or (event.channel and event.channel.number)
                found[number or "withheld"] = dict(event.fields)
    return found


async def surveys(mailbox: Mailbox, *numbers: str) -> dict[str, list[tuple[str, str]]]:
    """Return the answers told by each caller until the last one's leg ends."""
    answers: dict[str, list[tuple[str, str]]] = {number: [] for number in numbers}
    over: set[str] = set()
    async with asyncio.timeout(40):
        while over < set(numbers):
            event = await mailbox.get()
            if isinstance(event, events.UserEvent) and event.name == "HLSurvey":
                assert event.channel is not None
                answers[event.channel.number].append(
                    (event.fields["Question"], event.fields["Answer"])
                )
            if isinstance(event, events.Hangup):
                over.add(event.channel.number)
    return answers


def presses(keys: str, gap: float = 0.6) -> Sequence:
    return [step for key in keys for step in (Wait(gap), Press(key))]


async def test_progress_is_told_to_who_keys_in_number_and_code(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox, menu_asterisk: Asterisk, agi: tuple[str, int]
) -> None:
    """Asked over FastAGI; where nobody answers, the caller goes to a person."""
    asked: list[dict[str, str]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await byphone.read_call(reader))
        sounds = ivr.sounds_folder(menu_asterisk.settings)
        writer.write(f'SET VARIABLE HL_SAY "{sounds / "zh/menu/connecting"}"\n'.encode())
        await writer.drain()
        await reader.readline()
        writer.close()

    keys = [Wait(0.6), Press("#"), *presses("2611241000018#123456", QUICKLY)]
    async with await asyncio.start_server(answer, *agi):
        call = await trunk.start(Caller("13800138011", [*keys, Wait(2), Press("0"), Stay(20)]))
        rooms = await told(mailbox, "Room", "13800138011")
    assert rooms["13800138011"]["Path"] == "#"
    (known,) = asked
    assert known["agi_network_script"] == "progress"
    assert [known[f"agi_arg_{n}"] for n in (1, 2, 3)] == ["2611241000018", "123456", "13800138011"]
    (await call.finished()).check()

    call = await trunk.start(Caller("13800138012", [*keys, Stay(20)]))
    rooms = await told(mailbox, "Room", "13800138012")
    assert rooms["13800138012"]["Path"] == "#"
    (await call.finished()).check()


async def test_each_key_silence_and_mistake_leads_to_a_person_with_its_topic(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    wanted = {
        "1": ("wages", "zh", "1"),
        "2": ("marriage", "zh", "2"),
        "3": ("lending", "zh", "3"),
        "4": ("traffic", "zh", "4"),
        "5": ("property", "zh", "5"),
        "6": ("station", "zh", "6"),
        "0": ("", "zh", "0"),
        "9": ("", "zh", "9"),
        "7": ("", "zh", "7"),
        "": ("", "zh", ""),
        "*2": ("", "dialect", "*2"),
        "*31": ("wages", "en", "*31"),
        "*#": ("", "zh", "*#"),
    }
    numbers = {keys: f"1390000{n:04}" for n, keys in enumerate(wanted)}
    calls = [
        await trunk.start(Caller(numbers[keys], [*presses(keys), Stay(40)])) for keys in wanted
    ]
    rooms = await told(mailbox, "Room", *numbers.values())
    for keys, (topic, language, path) in wanted.items():
        room = rooms[numbers[keys]]
        assert (room["Topic"], room["Lang"], room["Path"]) == (topic, language, path), keys
        assert (room["Night"], room["Skip"]) == ("", "")
    for call in calls:
        (await call.finished()).check()


async def test_zero_interrupts_the_first_word(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    call = await trunk.start(Caller("13900000100", [Wait(0.2), Press("0"), Stay(10)]))
    started = (await told(mailbox, "HLCall", "13900000100"))["13900000100"]
    room = (await told(mailbox, "Room", "13900000100", within=3))["13900000100"]
    assert started["Dialled"] == "12348"
    assert room["Path"] == "0"
    (await call.finished()).check()


@pytest.mark.parametrize(("key", "topic"), [("1", "wages"), ("0", ""), ("9", "")])
async def test_keys_as_rtp_events_are_read_too(
    server: tuple[str, int], menu_link: Link, mailbox: Mailbox, key: str, topic: str
) -> None:
    caller = TouchTones(server, "13900000200", "12348")
    await caller.dial()
    await caller.press(key)
    room = (await told(mailbox, "Room", "13900000200", within=5))["13900000200"]
    assert (room["Path"], room["Topic"]) == (key, topic)
    caller.hang_up()


async def test_a_caller_who_hangs_up_in_the_menu_never_comes_to_the_waiting_room(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    call = await trunk.start(Caller("13900000300", [Wait(0.8), HangUp()]))
    (await call.finished()).check()
    names = []
    async with asyncio.timeout(10):
        while True:
            event = await mailbox.get()
            if isinstance(event, events.UserEvent):
                names.append(event.name)
            if isinstance(event, events.Hangup) and event.channel.number == "13900000300":
                break
    assert names == ["HLCall"]


async def test_who_is_on_the_controllers_list_skips_the_menu_and_the_reason_goes_along(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    listed, was = "13900000400", "13900000401"
    await listing.follow(menu_link, skipping.FAMILY, {was: "unsolved"})
    await listing.follow(menu_link, skipping.FAMILY, {listed: "elderly"})
    calls = [
        await trunk.start(Caller(listed, [Stay(15)])),
        await trunk.start(Caller(was, [Wait(0.3), Press("2"), Stay(15)])),
    ]
    done = await told(mailbox, "HLMenuDone", listed, was)
    assert [done[listed][name] for name in ("Skip", "Topic", "Path")] == ["elderly", "", ""]
    assert [done[was][name] for name in ("Skip", "Topic", "Path")] == ["", "marriage", "2"]
    for call in calls:
        (await call.finished()).check()


async def test_a_withheld_number_goes_through_the_menu(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    call = await trunk.start(Caller("anonymous", [Wait(0.3), Press("2"), Stay(10)]))
    room = (await told(mailbox, "Room", "withheld"))["withheld"]
    assert (room["Number"], room["Topic"]) == ("", "marriage")
    (await call.finished()).check()


async def test_at_night_advice_is_told_a_message_taken_and_an_emergency_put_through(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    advised, silent, urgent = "13900000500", "13900000501", "13900000502"
    await menu_link.send(actions.Setvar("HL_SERVICE", "night"))
    try:
        calls = [
            await trunk.start(Caller(advised, [*presses("1"), Wait(2.0), Press("4"), Stay(20)])),
            await trunk.start(Caller(silent, [Stay(20)])),
            await trunk.start(Caller(urgent, [*presses("1"), Wait(2.0), Press("0"), Stay(20)])),
        ]
        seen: dict[str, list[dict[str, str]]] = {"HLAdvice": [], "Voicemail": [], "HLMenuDone": []}
        rooms: list[dict[str, str]] = []
        async with asyncio.timeout(30):
            while len(seen["Voicemail"]) < 2 or not rooms:
                event = await mailbox.get()
                if isinstance(event, events.UserEvent):
                    seen.get(event.name, []).append(dict(event.fields))
                    rooms += [dict(event.fields)] if event.name == "Room" else []
    finally:
        await menu_link.send(actions.Setvar("HL_SERVICE", "open"))
    assert [one["Topic"] for one in seen["HLAdvice"]] == ["wages", "wages"]
    assert {one["Number"] for one in seen["Voicemail"]} == {advised, silent}
    (room,) = rooms
    assert (room["Number"], room["Topic"], room["Night"]) == (urgent, "wages", "1")
    assert [one["Urgent"] for one in seen["HLMenuDone"]].count("1") == 1
    for call in calls:
        (await call.finished()).check()


async def test_the_dialplan_opens_and_closes_when_the_calendar_says(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    opening = worktime.load("hotline")
    days = ["2026-09-30", "2026-10-01", "2026-10-08", "2026-10-10", "2026-10-11", "2027-02-09"]
    moments = [
        datetime.fromisoformat(f"{day}T{clock}+08:00")
        for day in days
        for clock in ("00:00", "08:29", "08:30", "12:00", "17:29", "23:59")
    ]
    epochs = {str(int(moment.timestamp())): moment for moment in moments}
    calls = [
        await trunk.start(Caller("13900000600", [Stay(10)], dialled=epoch)) for epoch in epochs
    ]
    shut: dict[str, bool] = {}
    async with asyncio.timeout(30):
        while len(shut) < len(epochs):
            event = await mailbox.get()
            if isinstance(event, events.UserEvent) and event.name == "Hours":
                shut[event.fields["At"]] = event.fields["Night"] == "1"
    assert shut == {epoch: not opening.is_open(moment) for epoch, moment in epochs.items()}
    for call in calls:
        await call.finished()


async def test_the_survey_takes_what_is_pressed_once_a_call_and_silence_as_none(
    trunk: Sipp, menu_link: Link, mailbox: Mailbox
) -> None:
    wanted = {
        ("survey", "12"): [("satisfaction", "1"), ("solved", "2")],
        ("survey", "931"): [("satisfaction", "3"), ("solved", "1")],
        ("survey", "2"): [("satisfaction", "2"), ("solved", "")],
        ("survey", ""): [("satisfaction", "")],
        ("twice", "12"): [],
    }
    numbers = {pressed: f"1390000070{n}" for n, pressed in enumerate(wanted)}
    calls = [
        await trunk.start(Caller(number, [*presses(keys), Stay(30)], dialled=dialled))
        for (dialled, keys), number in numbers.items()
    ]
    told = await surveys(mailbox, *numbers.values())
    assert told == {numbers[pressed]: answers for pressed, answers in wanted.items()}
    for call in calls:
        await call.finished()


async def test_numbers_positions_and_waits_are_composed_as_they_are_said(
    trunk: Sipp, menu_asterisk: Asterisk, menu_link: Link, mailbox: Mailbox
) -> None:
    call = await trunk.start(Caller("13900000800", [Stay(20)], dialled="say"))
    composed: dict[tuple[str, str], str] = {}
    folder = menu_asterisk.settings.asterisk_home / "sounds" / "zh"
    async with asyncio.timeout(20):
        while ("comfort", "none") not in composed:
            event = await mailbox.get()
            if isinstance(event, events.UserEvent) and event.name == "Composed":
                fields = event.fields
                composed[fields["What"], fields["Of"]] = fields["Files"].replace(f"{folder}/", "")
    for number in range(100):
        spoken = "&".join(IDS[character] for character in read_number(number))
        assert composed["number", str(number)] == spoken
        if number not in {0, 2}:
            assert composed["position", str(number)] == f"wait/ahead&{spoken}&wait/people"
    assert composed["position", "0"] == "wait/next"
    assert composed["position", "2"] == "wait/ahead&n/two&wait/people"
    assert composed["wait", "2-5"] == "wait/about&n/two&wait/to&n/5&wait/minutes"
    assert composed["wait", "0-3"] == "n/3&wait/within"
    assert composed["wait", "20-45"] == "wait/long"
    assert composed["comfort", "wages"] == "comfort/wages"
    assert composed["comfort", "none"] == "comfort/other"
    there = {str(file.relative_to(folder).with_suffix("")) for file in list(folder.rglob("*.wav"))}
    assert {file for files in composed.values() for file in files.split("&")} <= there
    await call.finished()


async def test_a_lost_sound_file_costs_its_words_not_the_call(
    trunk: Sipp, menu_asterisk: Asterisk, menu_link: Link, mailbox: Mailbox
) -> None:
    sounds = menu_asterisk.settings.asterisk_home / "sounds" / "zh"
    lost = [sounds / "notice.wav", sounds / "menu" / "family.wav"]
    kept = {file: file.read_bytes() for file in lost}
    for file in lost:
        file.unlink()
    try:
        call = await trunk.start(Caller("13900000900", [Wait(4), Press("5"), Stay(15)]))
        room = (await told(mailbox, "Room", "13900000900"))["13900000900"]
    finally:
        for file, content in kept.items():
            file.write_bytes(content)
    assert room["Topic"] == "property"
    (await call.finished()).check()
