"""Callers and telephones in one: places calls at a rate, answers them, and times each on the wire.

The time of a call is from the caller's INVITE, as it leaves, to the INVITE of the telephone that
is rung for it, as the kernel takes it. Both bear the caller's number, which no other call has.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from hotline.bench.sockets import Address, Wire
from hotline.sipp import messages
from hotline.sipp.messages import Message, compose

T1 = 0.5
"""SIP's own: nothing heard for so long, it is sent again."""
PATIENCE = 15.0
"""Seconds in which a call must reach somebody."""
_AGENT = re.compile(r"sip:(\w+)@")


@dataclass(slots=True)
class Placed:
    """One call, as both of its ends saw it."""

    number: str
    dialled: str
    sent_at: float = 0.0
    rung_at: float = 0.0
    """When the first telephone was rung for it."""
    rung: list[str] = field(default_factory=list)
    """The telephones that were."""
    answered_by: str = ""
    refused: int = 0
    """The final response that ended it; 0 where it was answered."""
    over: bool = False
    cut_short: bool = False
    """Whether the other side ended the talk before the caller did."""
    state: str = "calling"
    tag: str = ""
    """The caller's tag, and then the other side's."""
    to: str = ""
    remote: str = ""

    @property
    def milliseconds(self) -> float:
        """From INVITE to INVITE."""
        return (self.rung_at - self.sent_at) * 1000

    @property
    def failed(self) -> bool:
        """Whether it did not reach exactly one person who answered."""
        return self.refused > 0 or not self.answered_by or len(self.rung) != 1


@dataclass(frozen=True)
class Manner:
    """How long things take; ``talk`` from the answer to the caller's hanging up."""

    talk: float = 2.0
    answer_after: float = 0.01


class Exchange:
    """A trunk with callers and a floor full of telephones, against one Asterisk."""

    def __init__(self, target: Address, manner: Manner | None = None) -> None:
        self._target = target
        self._manner = manner or Manner()
        self._trunk = Wire("127.0.0.2", self._at_trunk)
        self._floor = Wire("127.0.0.3", self._at_floor)
        self._calls: dict[str, Placed] = {}
        self._ringing: dict[str, Placed] = {}
        """By the Call-ID of the telephone's leg."""
        self._answers: dict[str, bytes] = {}
        self._seen: set[str] = set()
        self._busy: dict[str, str] = {}
        """The leg of each telephone that rings or talks, by the telephone's name."""
        self.doubly_rung: list[str] = []
        """Telephones that were rung while they rang or talked."""
        self._numbers = itertools.count()
        self.retransmissions = 0
        """Requests and answers that either side had to send again."""

    @property
    def floor(self) -> Address:
        """Where every telephone is."""
        return self._floor.address

    def call_at(self, target: Address) -> None:
        """Place calls at another Asterisk from now on."""
        self._target = target

    def close(self) -> None:
        """Let go of the sockets."""
        self._trunk.close()
        self._floor.close()

    async def run(self, dialled: str, rate: float, seconds: float) -> list[Placed]:
        """Place ``rate`` calls a second for so long; return them when the last one is over."""
        loop = asyncio.get_running_loop()
        begin, placed = loop.time(), []
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, begin + number / rate - loop.time()))
            placed.append(self._place(dialled))
        deadline = loop.time() + PATIENCE + self._manner.talk
        while any(not call.over for call in placed) and loop.time() < deadline:  # noqa: ASYNC110 - each call would have to tell
            await asyncio.sleep(0.02)
        return placed

    # -- the callers ---------------------------------------------------------------------------

    def _place(self, dialled: str) -> Placed:
        count = next(self._numbers)
        call = Placed(f"139{count:08d}", dialled, tag=f"c{count}")
        self._calls[call.number] = call
        ip, port = self._trunk.address
        body = messages.sdp(ip, 30000 + 2 * (count % 1000))
        extra = [f"Contact: <sip:{call.number}@{ip}:{port}>", "Content-Type: application/sdp"]
        data = self._request(call, "INVITE", 1, extra, body)
        call.sent_at = self._trunk.send(data, self._target)
        self._again(data, call, "calling", T1)
        return call

    def _request(
        self, call: Placed, method: str, cseq: int, extra: Iterable[str] = (), body: str = ""
    ) -> bytes:
        (ip, port), (host, sip) = self._trunk.address, self._target
        target = call.remote or f"sip:{call.dialled}@{host}:{sip}"
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP {ip}:{port};branch=z9hG4bK{call.tag}-{method}-{cseq}",
            "Max-Forwards: 70",
            f"From: <sip:{call.number}@{ip}>;tag={call.tag}",
            f"To: {call.to or f'<sip:{call.dialled}@{host}>'}",
            f"Call-ID: {call.number}@bench",
            f"CSeq: {cseq} {method}",
            *extra,
        ]
        return compose(lines, body)

    def _again(self, data: bytes, call: Placed, state: str, after: float) -> None:
        """Send again what was not answered, ever more slowly."""

        def check() -> None:
            if call.state == state and not call.over and after < 32 * T1:
                self.retransmissions += 1
                self._trunk.send(data, self._target)
                self._again(data, call, state, after * 2)

        asyncio.get_running_loop().call_later(after, check)

    def _at_trunk(self, data: bytes, sender: Address, _at: float) -> None:
        message = Message.parse(data)
        call = None if message is None else self._calls.get(message["Call-ID"].partition("@")[0])
        if message is None or call is None:
            return
        if not message.status:
            if message.method == "BYE":
                self._note_repeated(message)
                call.cut_short = call.state != "leaving"
                call.over = True
            self._trunk.send(message.reply("200 OK"), sender)
        elif message.method == "BYE":
            call.over = message.status >= 200
        elif message.method == "INVITE":
            self._on_reply(call, message)

    def _on_reply(self, call: Placed, message: Message) -> None:
        if message.status < 200:
            if call.state == "calling":
                call.state = "heard"
            return
        if call.state == "ended":
            self.retransmissions += 1
        call.to = message["To"]
        if message.status >= 300:
            call.refused, call.over = message.status, True
        else:
            call.remote = message["Contact"].strip("<>").partition(">")[0]
        self._trunk.send(self._request(call, "ACK", 1), self._target)
        call.state = "ended"

    def _hang_up(self, call: Placed) -> None:
        if not call.over:
            call.state = "leaving"
            data = self._request(call, "BYE", 2)
            self._trunk.send(data, self._target)
            self._again(data, call, "leaving", T1)

    def _note_repeated(self, message: Message) -> None:
        key = f"{message['Call-ID']} {message['CSeq']}"
        if key in self._seen:
            self.retransmissions += 1
        self._seen.add(key)

    # -- the telephones ------------------------------------------------------------------------

    def _at_floor(self, data: bytes, sender: Address, at: float) -> None:
        message = Message.parse(data)
        if message is None or message.status:
            return
        if message.method == "ACK":
            self._answers.pop(message["Call-ID"], None)
            return
        self._note_repeated(message)
        if message.method == "INVITE":
            self._rung(message, sender, at)
            return
        self._floor.send(message.reply("200 OK"), sender)
        leg = message["Call-ID"]
        self._busy = {agent: own for agent, own in self._busy.items() if own != leg}
        if message.method == "CANCEL":
            self._ringing.pop(leg, None)

    def _rung(self, message: Message, sender: Address, at: float) -> None:
        call, leg = self._calls.get(message.caller), message["Call-ID"]
        if call is None or leg in self._ringing:
            return
        named = _AGENT.search(message.start)
        agent = named[1] if named else ""
        call.rung.append(agent)
        if agent in self._busy:
            self.doubly_rung.append(f"{agent}: {self._busy[agent]}, {leg} of {call.number}")
        self._busy[agent] = leg
        call.rung_at = call.rung_at or at
        self._ringing[leg] = call
        ip, port = self._floor.address
        contact = f"Contact: <sip:{agent}@{ip}:{port}>"
        self._floor.send(message.reply("180 Ringing", [contact], tag=leg[:8]), sender)
        body = messages.sdp(ip, 32000 + 2 * (len(self._ringing) % 1000))
        extra = [contact, "Content-Type: application/sdp"]
        answer = message.reply("200 OK", extra, body, tag=leg[:8])
        loop = asyncio.get_running_loop()
        loop.call_later(self._manner.answer_after, self._answer, leg, agent, answer, sender)

    def _answer(self, leg: str, agent: str, answer: bytes, sender: Address) -> None:
        call = self._ringing.pop(leg, None)
        if call is None:
            return
        call.answered_by = agent
        self._answers[leg] = answer
        self._floor.send(answer, sender)
        loop = asyncio.get_running_loop()
        loop.call_later(T1, self._answer_again, leg, answer, sender, T1)
        loop.call_later(self._manner.talk, self._hang_up, call)

    def _answer_again(self, leg: str, answer: bytes, sender: Address, after: float) -> None:
        if leg in self._answers and after < 16 * T1:
            self.retransmissions += 1
            self._floor.send(answer, sender)
            loop = asyncio.get_running_loop()
            loop.call_later(after * 2, self._answer_again, leg, answer, sender, after * 2)
