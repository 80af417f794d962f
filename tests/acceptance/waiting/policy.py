"""What the house of these tests is configured with: menu, people, policy."""

from __future__ import annotations

from datetime import datetime

from hotline.clock import CHINA
from tests.acceptance.menu import short_menu

MENU = short_menu(
    "exten => s,1,Hangup(16)",
    "Wait(1.2)",
    topic="s${HL_NUMBER:7:2}",
    language='${IF($["${HL_NUMBER:7:2}" = "15"]?dialect:zh)}',
)
"""The topic is in the caller's number; the menu takes the time in which a number is looked up."""

PROMPTS = (
    *("wait/first", "wait/still", "wait/ahead", "wait/next", "wait/people", "wait/about"),
    *("wait/to", "wait/minutes", "wait/within", "wait/soon", "wait/long", "comfort/other"),
    *("callback/offer", "callback/done", "callback/greet", "callback/missed", "callback/again"),
    *("callback/later", "talk/accept", "voicemail/leave", "voicemail/saved", "sorry/busy"),
    *(f"n/{n}" for n in (*range(11), "two")),
)

POLICY = """
version: 1
ring_seconds: 4
ladder:
  - {after: 0, to: skilled}
ladders:
  s03:
    - {after: 0, to: skilled}
    - {after: 1, to: mobiles}
  s05:
    - {after: 0, to: skilled}
    - {after: 1, to: districts, district: qingshan}
  s06:
    - {after: 0, to: skilled}
    - {after: 1, to: districts, district: linxian}
  s07:
    - {after: 0, to: skilled}
    - {after: 1, to: voicemail}
  s12:
    - {after: 0, to: skilled}
    - {after: 1, to: home_station}
  s17:
    - {after: 0, to: home_station}
    - {after: 3, to: voicemail}
nobody_seconds: 60
any_language_after: 3
priorities:
  normal: {name: 普通, head_start: 0, longest: 120}
  repeat: {name: 未解决再次来电, head_start: 60, longest: 90}
wrapup_seconds: {lawyer: 2, station: 1}
missed_limit: 2
again_after: 60
announce: {first: 3, every: 10}
callback: {hours: hotline, ring_seconds: 30, accept_seconds: 2, offer_after: 0, pauses: [0.05]}
"""

TOPICS = frozenset(f"s{number:02}" for number in range(1, 40)) | {"none"}


def _lawyers() -> str:
    skills = {
        **{f"l{n:02}": f"s{n:02}" for n in (1, 2, 4, 5, 6, 7, 10, 11, 21, 22, 23)},
        **dict.fromkeys(("l09a", "l09b"), "s09"),
        **dict.fromkeys(("l15a", "l15b"), "s15"),
    }
    lines = [
        f"  - {{id: {name}, staff_no: '{name}', name: 人员{name[1:]}, place: district, "
        f"skills: {{{topic}: 3}}, languages: [{'zh, dialect' if name == 'l15b' else 'zh'}]}}"
        for name, topic in skills.items()
    ]
    return "\n".join(lines)


def _another_day() -> str:
    """Return a day on which a station may be open that is neither today nor tomorrow."""
    return ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[
        (datetime.now(CHINA).weekday() + 3) % 7
    ]


PEOPLE = f"""
version: 1
places:
  - {{code: district, kind: district, name: 示范县}}
  - {{code: qingshan, kind: district, name: 青山区}}
  - {{code: linxian, kind: district, name: 林县}}
  - {{code: heshan, kind: district, name: 禾山县}}
  - {{code: p12, kind: township, name: 十二镇, parent: district, numbers: ["138000012"]}}
  - {{code: p17, kind: township, name: 十七镇, parent: district, numbers: ["138000017"],
     hours: {{{_another_day()}: ["09:00-12:00"]}}}}
people:
{_lawyers()}
  - {{id: box03, staff_no: m1, name: 信箱, place: district, mobile: "13900000301"}}
  - {{id: l03, staff_no: m2, name: 手机, place: district, mobile: "13900000302"}}
  - {{id: qing, staff_no: d1, name: 青山区公共法律服务中心, kind: district, place: qingshan,
     number: "13900000501", capacity: 2}}
  - {{id: he06, staff_no: d2, name: 何平, place: linxian}}
  - {{id: he08, staff_no: d3, name: 何安, place: heshan}}
  - {{id: st12, staff_no: t1, name: 十二镇服务站, kind: station, place: p12, capacity: 2}}
  - {{id: l13, staff_no: w1, name: 两专, place: district, skills: {{s13: 3, s14: 3}}}}
  - {{id: st17, staff_no: t2, name: 十七镇服务站, kind: station, place: p17}}
"""

READY = frozenset(
    {"l01", "box03", "l03", "he06", "he08", "l09a", "l09b", "l10", "l11", "st12", "l13"}
    | {"l15a", "l15b", "st17"}
)
"""Who is signed in from the beginning."""
