"""What can go wrong on the link to Asterisk."""

from __future__ import annotations

from hotline.errors import HotlineError


class AmiError(HotlineError):
    """与 Asterisk 的管理连接（AMI）出错。"""

    error_id = "ami"


class LinkDownError(AmiError):
    """与 Asterisk 的管理连接已断开，正在重连。请用 hotline asterisk status 确认它在运行。"""

    error_id = "ami-down"


class ActionLostError(LinkDownError):
    """连接在等待 Asterisk 答复时中断，这条指令是否执行过不得而知，不会自动重发。"""

    error_id = "ami-action-lost"


class ActionTimeoutError(AmiError):
    """Asterisk 没有在规定时间内答复。"""

    error_id = "ami-timeout"


class ActionFailedError(AmiError):
    """Asterisk 拒绝了这条指令。

    ``details["reason"]`` is Asterisk's own message.
    """

    error_id = "ami-failed"


class AuthenticationError(AmiError):
    """AMI 用户名或密钥不对，Asterisk 拒绝登录。请核对 manager.conf。"""

    error_id = "ami-authentication"


class UnsafeValueError(AmiError):
    """要发给 Asterisk 的内容含有换行或控制字符，已拒绝发送。"""

    error_id = "ami-unsafe-value"


class NotIdempotentError(AmiError):
    """这种指令重发会造成重复动作，断线时不能排队等待。"""

    error_id = "ami-not-idempotent"
