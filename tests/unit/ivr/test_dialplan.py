import re
from pathlib import Path

import pytest

from hotline.settings import Settings
from hotline.worktime import ALWAYS, Calendar, WorkTime
from ivr import compile_dialplan, compile_menu
from ivr.dialplan import UnsafeFolderError
from ivr.timetable import tabulate
from tests.unit.ivr.conftest import Read

GOLDEN = Path(__file__).parent / "golden" / "ivr.conf"
PROMPTS = Path("/prompts")


def test_the_dialplan_of_the_small_menu_is_as_it_was(
    read: Read, office: WorkTime, tmp_path: Path
) -> None:
    source = read()
    text = compile_dialplan(source.menu, source.survey, office, PROMPTS, ("wages", "other"))
    (tmp_path / "ivr.conf").write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), (
        f"if meant so: cp {tmp_path}/ivr.conf {GOLDEN}"
    )


def extensions(text: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    context = ""
    for line in text.splitlines():
        if match := re.match(r"\[(.+)\]", line):
            context = match[1]
            found[context] = set()
        elif match := re.match(r"exten => ([^,]+),1,", line):
            assert match[1] not in found[context], f"{context},{match[1]} twice"
            found[context].add(match[1])
    return found


def test_every_jump_of_the_shipped_menu_lands(own_settings: Settings) -> None:
    text = compile_menu(own_settings).dialplan(PROMPTS)
    there = extensions(text)
    elsewhere = {"waiting-room", "voicemail"}
    context, labels = "", set(re.findall(r"same => n\((\w+)\)", text))
    jumps = 0
    for line in text.splitlines():
        if match := re.match(r"\[(.+)\]", line):
            context = match[1]
        for target in re.findall(r"(?:Goto|Gosub)\(([^$?)]+)\)", line) + re.findall(
            r"\]\?([\w,-]+)\)", line
        ):
            parts = target.split("(")[0].split(",")
            jumps += 1
            if len(parts) == 1:
                assert parts[0] in labels, line
            elif len(parts) == 2:
                assert parts[0] in there[context], line
            else:
                assert parts[0] in elsewhere or parts[1] in there[parts[0]], line
    assert jumps > 60


def test_no_line_is_longer_than_asterisk_reads(own_settings: Settings) -> None:
    text = compile_menu(own_settings).dialplan(Path("/srv/hotline/var/asterisk/sounds"))
    assert max(len(line.encode()) for line in text.splitlines()) < 4_000


@pytest.mark.parametrize("folder", ["/my sounds", "/a,b", "/x&y", "/$HOME"])
def test_a_folder_that_asterisk_would_cut_in_pieces_is_refused(
    read: Read, office: WorkTime, folder: str
) -> None:
    source = read()
    with pytest.raises(UnsafeFolderError):
        compile_dialplan(source.menu, source.survey, office, Path(folder))


def test_round_the_clock_service_needs_no_dates() -> None:
    table = tabulate(WorkTime(Calendar(), ALWAYS))
    assert table.always_open
    assert table.dates == {}
