"""Simulated callers and telephones for demo, tests and benchmark.

Callers are SIPp processes with real RTP (:class:`Sipp`, :class:`Caller` and its steps);
:class:`Phone` is a registered SIP endpoint steered from Python; :mod:`~hotline.sipp.load` sends
many equal calls and reads SIPp's figures.
"""

from hotline.sipp.driver import Call, CallFailedError, Result, Sipp
from hotline.sipp.phone import Account, Phone, RegistrationError, Ringing
from hotline.sipp.script import Await, Caller, HangUp, Press, ScriptError, Speak, Stay, Step, Wait

__all__ = [
    "Account",
    "Await",
    "Call",
    "CallFailedError",
    "Caller",
    "HangUp",
    "Phone",
    "Press",
    "RegistrationError",
    "Result",
    "Ringing",
    "ScriptError",
    "Sipp",
    "Speak",
    "Stay",
    "Step",
    "Wait",
]
