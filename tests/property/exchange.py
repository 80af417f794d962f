"""What Asterisk does with ``talks.conf``, in small: for whoever asks much in any order."""

from __future__ import annotations

import asyncio
from typing import Any

from hotline.ami import ActionFailedError, Response, actions, events
from hotline.clock import ManualClock
from hotline.routing.takeup import Leg

CALL = "1790000000.1"
"""The one call that comes in."""


class Exchange:
    """Asterisk's legs and what goes on in them, in small."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.tell: Any = lambda _event: None
        self.where: dict[str, str] = {}
        """Each leg's context, by Uniqueid."""
        self.names: dict[str, str] = {}
        self.variables: dict[str, dict[str, str]] = {}
        self.peer: dict[str, str] = {}
        """The two of a dialled talk, both ways."""
        self.ringing: dict[str, tuple[actions.Originate, asyncio.Future[bool]]] = {}
        self.offered = ""
        """Whom the caller is offered to just now."""
        self.made = 0

    # -- legs --------------------------------------------------------------------------------

    def add(self, uniqueid: str, endpoint: str, where: str, **variables: str) -> str:
        self.where[uniqueid] = where
        self.names[uniqueid] = f"PJSIP/{endpoint}-{len(self.names):08x}"
        # Who only listens to a talk carries nothing of it.
        self.variables[uniqueid] = (
            variables if "HL_SPIED" in variables else {"HL_CALL": CALL, **variables}
        )
        return uniqueid

    def find(self, name: str) -> str:
        for uniqueid in self.where:
            if name in {uniqueid, self.names[uniqueid]}:
                return uniqueid
        raise ActionFailedError("No such channel")

    def channel(self, uniqueid: str) -> events.Channel:
        known = {"HL_CALL": self.variables[uniqueid].get("HL_CALL", "")}
        name = self.names[uniqueid]
        return events.Channel(name, uniqueid, CALL, "Up", "", "", "", "", "", known)

    def says(self, name: str, **fields: str) -> None:
        at = self.clock.now().timestamp()
        told = events.UserEvent(at, name, self.channel(CALL), {"Call": CALL, **fields})
        self.tell(told)

    def persons(self) -> list[str]:
        return [u for u, where in self.where.items() if where == "talk-person"]

    def goes(self, uniqueid: str, context: str, exten: str = "s") -> None:
        """Send a leg elsewhere, as Redirect does: whoever it talked with is hung up."""
        peer = self.peer.pop(uniqueid, "")
        self.where[uniqueid] = context
        if peer:
            self.peer.pop(peer, None)
            self.hangs_up(peer)
        if uniqueid == CALL:
            self.caller_enters(context, exten)

    def caller_enters(self, context: str, exten: str) -> None:
        variables = self.variables[CALL]
        match context:
            case "talk-over":
                raised = variables.get("HL_EMERGENCY") == "raised"
                if raised:
                    self.says("HLTalk", What="kept")
                self.goes(CALL, "talk-again" if raised else "survey")
            case "talk-again":
                self.goes(CALL, "waiting-room")
            case "waiting-room":
                variables["HL_SINCE"] = str(int(self.clock.now().timestamp()))
                self.waits()
            case "offer":
                _, variables["HL_OFFER"], self.offered, *_ = exten.split("*")
            case _:
                pass

    def waits(self) -> None:
        of = self.variables[CALL].get
        self.says("HLWaiting", Topic=of("HL_TOPIC", ""), Since="0", Offer=of("HL_OFFER", ""))

    def hangs_up(self, uniqueid: str) -> None:
        where = self.where.pop(uniqueid, None)
        if where is None:
            return
        peer = self.peer.pop(uniqueid, "")
        told = events.Hangup(self.clock.now().timestamp(), self.channel(uniqueid), 16, "")
        self.tell(told)
        if peer:
            self.peer.pop(peer, None)
            if peer == CALL:
                self.says("HLOffer", Offer=self.variables[CALL]["HL_OFFER"], Status="ANSWER")
                self.goes(CALL, "talk-over")
            else:
                self.hangs_up(peer)
        if where == "talk-person":
            self.room_changed()

    def room_changed(self) -> None:
        if self.where.get(CALL) == "talk-caller" and not self.persons():
            self.goes(CALL, "talk-over")

    # -- what the controller sends -----------------------------------------------------------

    async def send(
        self, action: actions.Action, *, within: float | None = None, wait: bool = False
    ) -> Response:
        del within, wait
        match action:
            case actions.Redirect(channel=name, context=context, exten=exten):
                self.goes(self.find(name), context, exten)
            case actions.Hangup(channel=name):
                self.hangs_up(self.find(name))
            case actions.Setvar(channel=name, variable=variable, value=value):
                self.variables[self.find(name)][variable] = value
            case actions.Getvar(channel=name, variable=variable):
                return Response({"Value": self.read(self.find(name), variable)})
            case actions.Custom(action="Redirect", values=values):
                self.parts(values)
            case actions.Custom(values=values):
                if "Timeout" not in values:
                    self.find(str(values["Channel"]))
            case _:
                raise AssertionError(action)
        return Response({})

    def read(self, uniqueid: str, variable: str) -> str:
        if variable == "BRIDGEPEER":
            return self.names.get(self.peer.get(uniqueid, ""), "")
        return self.variables[uniqueid].get(variable, "")

    def parts(self, values: Any) -> None:
        caller, person = self.find(values["Channel"]), self.find(values["ExtraChannel"])
        self.peer.pop(caller, None)
        self.peer.pop(person, None)
        self.where[person] = values["ExtraContext"]
        self.goes(caller, values["Context"])

    async def originate(self, action: actions.Originate) -> events.OriginateResponse:
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.ringing[action.channel_id] = (action, done)
        answered = await done
        return events.OriginateResponse(0.0, "", answered, "", action.channel_id, 4)

    def third(self, uniqueid: str, *, answers: bool) -> None:
        action, done = self.ringing.pop(uniqueid)
        if answers:
            endpoint = action.channel.removeprefix("PJSIP/").partition("@")[2] or action.channel
            variables = dict(action.variables)
            self.add(uniqueid, endpoint.removeprefix("PJSIP/"), action.context, **variables)
            if action.context == "talk-person":
                self.says("HLTalk", What="came", Part=variables["HL_PART"].partition("*")[0])
        done.set_result(answers)

    def legs(self) -> list[Leg]:
        found = []
        for uniqueid, where in self.where.items():
            bridge = "room" if where in {"talk-person", "talk-caller"} else ""
            bridge = "dial" if uniqueid in self.peer else bridge
            context = "offer" if uniqueid == CALL and uniqueid in self.peer else where
            variables = self.variables[uniqueid]
            found.append(Leg(self.names[uniqueid], uniqueid, "Up", context, bridge, 5, variables))
        return found
