"""What the house of the routing scenes is furnished with: menu, people, policy."""

from __future__ import annotations

import wave

from hotline.asterisk import Asterisk
from hotline.settings import Settings
from ivr.deploy import sounds_folder
from tests.acceptance.menu import rated, short_menu
from tests.acceptance.routing.home import Furniture

MENU = short_menu(
    rated(),
    'ExecIf($["${HL_TOPIC}" = "s01"]?Set(HL_TOPIC=wages))',
    'ExecIf($["${HL_TOPIC}" = "s04"]?Set(HL_TOPIC=marriage))',
    'ExecIf($["${HL_TOPIC}" = "s21"]?Set(HL_TOPIC=lending))',
    topic="s${HL_NUMBER:7:2}",
    skip='${IF($["${HL_NUMBER:9:1}" = "6"]?elderly:)}',
)
"""The topic is in the caller's number, and whether the menu knows them for old."""

POLICY = """
version: 1
ring_seconds: 4
ladder:
  - {after: 0, to: skilled, level: 2}
ladders:
  marriage:
    - {after: 0, to: skilled, level: 2}
    - {after: 2, to: home_station}
  s05:
    - {after: 0, to: skilled}
    - {after: 2, to: voicemail}
  s08:
    - {after: 0, to: skilled, level: 3}
    - {after: 90, to: skilled, level: 1, predicted: 60}
  lending:
    - {after: 0, to: skilled, level: 3}
    - {after: 60, to: skilled, level: 1}
  s23:
    - {after: 0, to: skilled, level: 3}
    - {after: 60, to: skilled, level: 1}
  s24:
    - {after: 0, to: home_station}
    - {after: 60, to: stations}
  s25:
    - {after: 0, to: skilled}
    - {after: 1, to: mobiles}
  s26:
    - {after: 0, to: skilled}
    - {after: 1, to: districts}
nobody_seconds: 60
priorities:
  normal: {name: 普通, head_start: 0, longest: 10}
  elderly: {name: 老年人, head_start: 60, longest: 90}
wrapup_seconds: {lawyer: 0, station: 0}
missed_limit: 3
again_after: 1
broken_seconds: 4
callback: {hours: hotline, missed_after: 5, voicemail: false, accept_seconds: 3}
"""

_SKILLS = {
    "wang": "wages: 3",
    "li": "s99: 3",
    **dict.fromkeys(("l02a", "l02b"), "s02: 3"),
    "l03": "s03: 3",
    "l04": "marriage: 3",
    "l05": "s05: 3",
    **dict.fromkeys(("l06a", "l06b"), "s06: 3"),
    "l08a": "s08: 3",
    "l08b": "s08: 1",
    "l21a": "lending: 3",
    "l21b": "lending: 1",
    "l22": "s22: 3",
    "l23": "s23: 3",
    "l23b": "s23: 1",
    **{f"l{n}": f"s{n}: 3" for n in (27, 28, 31, 32)},
    **dict.fromkeys(("l33a", "l33b"), "s33: 3"),
}

PEOPLE = """
version: 1
places:
  - {code: district, kind: district, name: 示范县}
  - {code: qingshan, kind: district, name: 青山区}
  - {code: qingshi, kind: township, name: 青石镇, parent: district, numbers: ["0930661"]}
  - {code: p24, kind: township, name: 廿四镇, parent: district, numbers: ["138000024"]}
  - {code: p25, kind: township, name: 廿五镇, parent: district}
people:
""" + "\n".join(
    [
        *(
            f"  - {{id: {name}, staff_no: '{name}', name: 人员{name.removeprefix('l')}, "
            f"place: district, skills: {{{skills}}}}}"
            for name, skills in _SKILLS.items()
        ),
        "  - {id: st04, staff_no: t1, name: 青石镇服务站, kind: station, place: qingshi}",
        "  - {id: st24, staff_no: t2, name: 廿四镇服务站, kind: station, place: p24}",
        "  - {id: st25, staff_no: t3, name: 廿五镇服务站, kind: station, place: p25}",
        "  - {id: l25, staff_no: m1, name: 手机, place: district, mobile: '13900000025'}",
        (
            "  - {id: qing, staff_no: d1, name: 青山区公共法律服务中心, kind: district, "
            "place: qingshan, number: '13900000026'}"
        ),
    ]
)

READY = frozenset(_SKILLS) - {"li", "l04", "l05", "l28"} | {"st04", "st24", "st25", "l25"}


SAID = ("talk/accept", "callback/missed", "callback/again", "callback/later")
"""What is said here is a quarter of a second of silence; who presses a key wants to hear it out."""


def _menu(asterisk: Asterisk, settings: Settings) -> None:
    (asterisk.layout.etc / "ivr.conf").write_text(MENU, encoding="utf-8")
    for name in SAID:
        file = sounds_folder(settings) / "zh" / f"{name}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(4000))


FURNITURE = Furniture(
    PEOPLE,
    {f"s{number:02}" for number in range(100)} | {"wages", "marriage", "lending"},
    READY,
    POLICY,
    _menu,
    qualify=1,
)
