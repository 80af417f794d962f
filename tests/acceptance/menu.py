"""A menu of one step, for tests that are about what comes after it."""

from __future__ import annotations

CALLERS = """
[callers]
exten => _X.,1,Set(CALLERID(all)=${EXTEN})
 same => n,Goto(from-trunk,12348,1)
"""
"""Where calls come in from numbers that the test itself holds."""


def rated(patience: float = 1.5) -> str:
    """Return a survey of one question that a key answers within so many seconds."""
    return f"""
exten => s,1,Read(KEY,,1,,1,{patience})
 same => n,GotoIf($["${{KEY}}" = ""]?bye)
 same => n,UserEvent(HLSurvey,Call: ${{HL_CALL}},Question: satisfaction,Answer: ${{KEY}})
 same => n(bye),Hangup(16)
"""


def short_menu(
    survey: str, *steps: str, topic: str = "wages", language: str = "zh", skip: str = ""
) -> str:
    """Return the dialplan of a menu and a survey.

    Args:
        survey: What the survey's context holds.
        steps: What is done before the menu tells that it is over.
        topic: The topic that was chosen, which may be an expression.
        language: The caller's language, likewise.
        skip: The class for which the menu is skipped, likewise.
    """
    over = "Call: ${HL_CALL},Topic: ${HL_TOPIC},Lang: ${HL_LANG},Path: 1,Skip: ${SKIP}"
    first = (
        "Answer(,i)",
        f"Set(HL_LANG={language})",
        f"Set(HL_TOPIC={topic})",
        f"Set(SKIP={skip})",
        "Set(HL_PATH=1)",
        *steps,
        "UserEvent(HLMenu,Call: ${HL_CALL},Menu: main,Key: 1,Result: option)",
        f"UserEvent(HLMenuDone,{over})",
        "Goto(waiting-room,s,1)",
    )
    menu = "\n same => n,".join(first)
    return (
        "\n[ivr-numbers]\nexten => 12348,1,Goto(ivr,s,1)\n"
        f"[ivr]\nexten => s,1,{menu}\n"
        f"[survey]\n{survey.strip()}\n"
    )
