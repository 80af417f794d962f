from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hotline.sipp import Await, Caller, HangUp, Press, ScriptError, Speak, Stay, Step, Wait
from hotline.sipp.messages import Message, authorization, media_address, sdp
from hotline.sipp.script import load_scenario, scenario, write_speech


def test_a_script_becomes_a_scenario_with_its_steps_in_order(tmp_path: Path) -> None:
    speech = tmp_path / "question.al"
    speech.write_bytes(b"\xd5" * 800)
    steps = [Wait(1.5), Press("1#"), Await("talk"), Speak(speech), Stay(30)]
    caller = Caller("13800138000", steps, name="张三丰")
    folder = tmp_path / "call"
    folder.mkdir()
    spoken = write_speech(caller, folder)
    root = ET.fromstring(scenario(caller, spoken))  # noqa: S314 - our own text
    text = "".join(root.itertext())
    assert text.index("Signal=1") < text.index("Signal=#") < text.index("BYE")
    assert '"张三丰" <sip:13800138000@' in text
    # Wait, the pauses after two keys, Await and Stay are asked for.
    assert len(root.findall("recvCmd")) == 5
    # A telephone goes on sending when it has said what it says.
    (own,) = spoken.steps.values()
    assert own.read_bytes().startswith(b"\xd5" * 800)
    assert own.stat().st_size > 800 + 60 * 8000


def test_loads_are_scenarios_too() -> None:
    for caller in (True, False):
        ET.fromstring(load_scenario(caller=caller, file=None))  # noqa: S314


@pytest.mark.parametrize("number", ["", "1 2", "1\r\nFrom: x", "<b>", 'a"b', "1" * 100, "%zz"])
def test_a_number_that_would_break_the_message_is_refused(number: str) -> None:
    with pytest.raises(ScriptError):
        Caller(number, [HangUp()])
    with pytest.raises(ScriptError):
        Caller("1", [HangUp()], dialled=number)


@pytest.mark.parametrize("steps", [[], [Wait(1)], [HangUp(), Wait(1), HangUp()]])
def test_a_script_ends_once_and_at_its_end(steps: list[Step]) -> None:
    with pytest.raises(ScriptError):
        Caller("1", steps)


def test_keys_are_keys() -> None:
    with pytest.raises(ScriptError):
        Press("12x")


def test_a_missing_file_of_speech_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"gone\.al"):
        write_speech(Caller("1", [Speak(tmp_path / "gone.al"), HangUp()]), tmp_path)


def test_a_digest_is_answered_as_the_standard_computes_it() -> None:
    # RFC 2617 section 3.5, without qop: HA1 939e7578ed9e3c518a452acee763bce9 (its own example).
    challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'
    answer = authorization(
        challenge, user="Mufasa", secret="Circle Of Life", method="GET", uri="/dir/index.html"
    )
    assert 'response="670fd8c2df070c60b045671b8b24ff02"' in answer
    with_qop = authorization(
        challenge + ', qop="auth", opaque="5ccc"',
        user="Mufasa",
        secret="Circle Of Life",
        method="GET",
        uri="/",
    )
    assert "qop=auth" in with_qop
    assert 'opaque="5ccc"' in with_qop


def test_an_invite_is_read_and_answered() -> None:
    invite = Message.parse(
        (
            "INVITE sip:lawyer1@127.0.0.3:5070 SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n"
            "Via: SIP/2.0/UDP b\r\nFrom: <sip:13800138000@127.0.0.1>;tag=1\r\n"
            "To: <sip:lawyer1@127.0.0.3>\r\nCall-ID: c\r\nCSeq: 7 INVITE\r\n\r\n"
            + sdp("127.0.0.1", 20002)
        ).encode()
    )
    assert invite is not None
    assert invite.method == "INVITE"
    assert invite.caller == "13800138000"
    assert media_address(invite.body) == ("127.0.0.1", 20002)
    answer = Message.parse(invite.reply("200 OK", tag="x"))
    assert answer is not None
    assert answer.status == 200
    assert answer.method == "INVITE"
    assert answer["To"].endswith(";tag=x")
    assert len(answer.all("Via")) == 2


@pytest.mark.parametrize("data", [b"\r\n\r\n", b"\x00\x00", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_is_no_sip_is_ignored(data: bytes) -> None:
    assert Message.parse(data) is None
