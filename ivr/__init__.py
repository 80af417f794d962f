"""The voice menu (IVR): model, checks, compiler to dialplan, prompts and a simulator."""

from ivr.deploy import Compiled, Deployed, compile_menu, deploy, sounds_folder
from ivr.dialplan import compile_dialplan

__all__ = [
    "Compiled",
    "Deployed",
    "compile_dialplan",
    "compile_menu",
    "deploy",
    "sounds_folder",
]
