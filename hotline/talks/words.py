"""The sentences of a talk: on the timeline, and as answers to who asked."""

from __future__ import annotations

from hotline.talks.state import PartyKind

NOT_YOURS = "这个通话不在您的坐席上，或者已经结束"
ASTERISK_AWAY = "电话系统没有响应，请再试一次"
LEG_GONE = "对方刚刚挂机"
TOO_LATE = "派话程序重新启动，没有来得及执行，请再按一次"
HELD = "来电人听等待音乐"
TAKEN_BACK = "取回来电人，继续通话"
HELD_BY_PHONE = "接听人在话机上保持，来电人听等待音乐"
TAKEN_BACK_BY_PHONE = "接听人在话机上取回"
JOINED = "合并为三方通话"
KEPT = "紧急求助未确认，接听人一方断开，来电人回到等候并排到最前"
ALONE = "接听人一方断开，来电人带着原来的位置回到等候"
PAUSED = "暂停录音"
RESUMED = "恢复录音"
CALLING_YOU = "正在呼叫您的话机，请接听"
ALARM_ALONE = "已静默告警班长；但电话系统没有响应，请不要挂机"
CALLER_STAYS = "来电人不能这样请出；请用转接或挂机"
ONLY_LEAVE = "您是应邀参加这个通话的，只能退出；其他操作由主办律师进行"
NO_PERSON = "没有这个人员，请刷新后再选"
NO_BODY = "没有这个外部机构，请核对 config/talks.yaml"
NO_TOPIC = "没有这个专题"
NO_PHONE = "您的账号没有绑定坐席话机，请联系管理员绑定后再监听"
THERE_ALREADY = "您已经在这个通话里"
IN_CALL = "您正在通话或振铃，不能外呼"


def transferred(who: str, reason: str) -> str:
    """The caller was handed on."""
    return _because(f"转接给{who}", reason)


def asked(who: str, *, consult: bool) -> str:
    """A third is rung."""
    return f"呼叫{who}，{'来电人听等待音乐' if consult else '准备三方通话'}"


def came(who: str) -> str:
    """A third answered."""
    return f"{who}接入"


def did_not_come(who: str) -> str:
    """A third did not answer."""
    return f"{who}没有接听"


def left(who: str) -> str:
    """A third is gone."""
    return f"{who}离开通话"


def came_back(who: str) -> str:
    """Return that a person's browser or telephone was away for a moment and is there again."""
    return f"{who}的线路中断后已接回"


def handed_over(who: str, to: str) -> str:
    """The leader left, somebody else goes on."""
    return f"{who}移交给{to}后离开"


def busy(who: str) -> str:
    """Somebody cannot be rung now."""
    return f"{who}现在不空闲，请另选"


def emergency(who: str, reason: str) -> str:
    """The emergency key."""
    return _because(f"{who}发出紧急求助，已静默告警班长", reason)


def seen(by: str) -> str:
    """The alarm was confirmed."""
    return f"{by}已确认紧急求助"


def paused(reason: str) -> str:
    """The recording holds silence from here."""
    return _because(PAUSED, reason)


def long_talk(minutes: float) -> str:
    """The soft limit."""
    return f"通话已满 {minutes:g} 分钟，提醒坐席"


def listened(kind: str, by: str, reason: str) -> str:
    """A supervisor listens, whispers or joins."""
    return _because(f"{by}{kind}", reason)


def switched(kind: str) -> str:
    """Say that a supervisor's telephone, which is off the hook, now does something else."""
    return f"话机已切换为{kind}"


def ear_follows(kind: str, who: str) -> str:
    """Say that a supervisor's telephone has followed the talk to its new leader."""
    return f"通话已由{who}接手，{kind}继续"


def ear_over(kind: str, who: str) -> str:
    """Say that the talk that a supervisor listened to is over, or handed on."""
    return f"{who}的这段通话已结束或转出，{kind}结束"


def unrecorded(who: str) -> str:
    """Nobody of the house is in the talk any more."""
    return f"本热线人员已离开，录音到此为止；来电人与{who}的通话不录音"


def moved(by: str, where: str, reason: str) -> str:
    """A supervisor moved a waiting caller."""
    return _because(f"{by}将来电调整到{where}", reason)


def outside_over(who: str, status: str) -> str:
    """Talking with an outside body is over, or did not come about."""
    return f"{who}通话结束" if status == "ANSWER" else f"{who}没有接通，来电人回到等候"


def joined(count: int) -> str:
    """The recording was in pieces."""
    return f"通话换手，{count} 段录音已按时间拼成一份"


def party(kind: PartyKind, name: str) -> str:
    """A third's name."""
    return f"{name}（班长）" if kind is PartyKind.SUPERVISOR else name


def _because(words: str, reason: str) -> str:
    return f"{words}：{reason}" if reason else words
