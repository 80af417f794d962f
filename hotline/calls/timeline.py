"""The sentences of a call's timeline (办理轨迹)."""

from __future__ import annotations

from hotline.calls.tables import Outcome

WAITING = "进入等候，播放等待音乐"
TALK_ENDED = "接听人挂机，来电人进入满意度评价"
FALLBACK = "派话程序暂时离线，由 Asterisk 普通队列接待"
NO_MESSAGE = "来电人没有留言，仍安排回拨"
MESSAGE_LEFT = "来电人留言"
CALLBACK = "来电人登记回电"
TAKEN = "来电人接起并按 1，接通律师"
NOT_TAKEN = "接起后没有按 1，可能是语音信箱，不算接通"
TOOK_NEXT = "直接接通轮到的下一位律师"
BLOCKED = "号码在拦截名单内"
TAKEN_UP = "派话程序重新启动，接管本次通话"
NO_RECORDING = "没有找到录音文件，请检查录音文件夹的权限和磁盘空间"

_RESULTS = {
    "option": "按键",
    "person": "选择人工",
    "language": "选择语言",
    "silence": "未按键，转人工",
    "wrong": "按键无效，转人工",
    "night": "非工作时间",
    "skip": "名单内来电，免菜单直接转人工",
}

_NOT_ANSWERED = {
    "missed": "振铃无人接听，换下一位",
    "refused": "忙或拒接，换下一位",
    "unreachable": "话机不通，换下一位",
    "cancelled": "来电人在振铃时挂机",
    "lost": "呼叫没有下文，重新派话",
    "freed": "恢复空闲，不再为这次回拨预留",
}

_OUTCOMES = {
    Outcome.ANSWERED: "通话结束",
    Outcome.STATION: "通话结束（乡镇服务站接听）",
    Outcome.VOICEMAIL: "来电人留言后挂机，等待回拨",
    Outcome.CALLBACK: "来电人登记回电后挂机",
    Outcome.ABANDONED_MENU: "来电人在语音菜单中挂机",
    Outcome.ABANDONED: "来电人在等候中挂机",
    Outcome.ADVISED: "来电人听完录音解答后挂机",
    Outcome.REFUSED: "来电被拦截",
    Outcome.UNREACHED: "回拨未接通",
    Outcome.FAILED: "来电未能接通",
}

_SATISFACTION = {1: "满意", 2: "基本满意", 3: "不满意"}
_SOLVED = {1: "已解决", 2: "未解决"}


def started(number: str, dialled: str) -> str:
    """A call comes in."""
    return (
        f"{number or '未显示号码'} 拨入 {dialled}" if dialled else f"{number or '未显示号码'} 来电"
    )


def pressed(key: str, result: str) -> str:
    """A key, or what the menu made of none."""
    meaning = _RESULTS.get(result, result)
    return f"按 {key}（{meaning}）" if key and meaning else f"按 {key}" if key else meaning


def menu_done(topic: str) -> str:
    """The menu is done; the topic's code is shown by name where the page knows it."""
    return f"菜单结束，专题：{topic}" if topic else "菜单结束，未选专题"


def not_answered(who: str, outcome: str, failures: int = 0, seconds: float = 0.0) -> str:
    """An offer was not taken; after ``failures`` the telephone is left alone for a while."""
    if outcome == "unreachable" and failures:
        return f"{who}话机连续 {failures} 次不通，{seconds:g} 秒内不再派话，换下一位"
    return f"{who}{_NOT_ANSWERED.get(outcome, outcome)}"


def answered(who: str) -> str:
    """A person talks with the caller."""
    return f"{who}接听"


def surveyed(question: str, answer: int | None) -> str:
    """An answer of the survey."""
    names = _SATISFACTION if question == "satisfaction" else _SOLVED
    title = "满意度" if question == "satisfaction" else "问题是否解决"
    return f"{title}：{names.get(answer, str(answer)) if answer is not None else '未评价'}"


def prioritised(name: str) -> str:
    """The caller's priority class."""
    return f"优先类别：{name}"


def ended(outcome: str) -> str:
    """The call is over."""
    return _OUTCOMES.get(Outcome(outcome), outcome)
