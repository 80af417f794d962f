"""The audit: every look at personal data and every act of an administrator leaves a row."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.clock import Clock
from hotline.store import Database
from hotline.web.tables import AuditEntry
from hotline.web.viewer import Viewer

SAME_LOOK = timedelta(minutes=10)
"""A player asks for a recording piece by piece; within this time it is one look."""


class Audit:
    """Writes rows as part of the transaction of what they tell."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def record(
        self,
        session: AsyncSession,
        viewer: Viewer | None,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
        name: str = "",
        **detail: Any,
    ) -> None:
        """Add a row; ``name`` stands for the person where nobody is signed in."""
        session.add(
            AuditEntry(
                at=self.clock.now(),
                user_id=viewer.user_id if viewer else None,
                user_name=viewer.name if viewer else name,
                action=action,
                subject=subject,
                subject_id=subject_id,
                detail=detail,
                address=address,
            )
        )

    async def look(
        self,
        session: AsyncSession,
        viewer: Viewer,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
        **detail: Any,
    ) -> bool:
        """Add a row unless the same person's same look is on record just now.

        Returns whether a row was added.
        """
        known = await session.scalar(self._lately(viewer, action, subject, subject_id))
        if known is not None:
            return False
        self.record(session, viewer, action, subject, subject_id, address=address, **detail)
        return True

    async def look_from(
        self,
        database: Database,
        viewer: Viewer,
        action: str,
        subject: str,
        subject_id: str,
        *,
        address: str,
    ) -> None:
        """Record a look of a page that is drawn anew all the time: it seldom needs to write."""
        async with database.read() as session:
            known = await session.scalar(self._lately(viewer, action, subject, subject_id))
        if known is None:
            async with database.write() as session:
                await self.look(session, viewer, action, subject, subject_id, address=address)

    def _lately(self, viewer: Viewer, action: str, subject: str, subject_id: str) -> Select[int]:
        return (
            select(AuditEntry.id)
            .where(
                AuditEntry.user_id == viewer.user_id,
                AuditEntry.action == action,
                AuditEntry.subject == subject,
                AuditEntry.subject_id == subject_id,
                AuditEntry.at > self.clock.now() - SAME_LOOK,
            )
            .limit(1)
        )


ACTION_WORDS = {
    "signin.ok": "登录",
    "signin.failed": "登录失败",
    "signin.locked": "账号被锁定",
    "signin.out": "退出",
    "session.revoke": "注销会话",
    "password.change": "修改密码",
    "totp.on": "开启动态口令",
    "totp.off": "关闭动态口令",
    "user.add": "新建账号",
    "user.change": "修改账号",
    "user.disable": "停用账号",
    "user.enable": "启用账号",
    "user.reset": "重置密码",
    "ticket.see": "查看工单",
    "ticket.act": "办理工单",
    "ticket.refer": "转办服务",
    "paper.read": "下载材料",
    "number.reveal": "查看完整号码",
    "recording.listen": "收听录音",
    "transcript.read": "查看转写",
    "recording.export": "导出脱敏录音",
    "transcript.export": "导出脱敏转写",
    "review.grade": "质检评分",
    "review.appeal": "质检申诉",
    "quality.export": "导出质量统计",
    "live.draft": "取用草稿摘要",
    "callback.cancel": "取消回电",
    "callback.now": "马上回电",
    "caller.block": "拦截号码",
    "caller.keep": "同意拦截",
    "caller.refuse": "不同意拦截",
    "caller.lift": "解除拦截",
    "rota.add": "排班",
    "rota.change": "修改班次",
    "rota.remove": "删除班次",
    "rota.copy": "复制排班",
    "rota.import": "导入排班",
    "rota.leave": "申请请假",
    "rota.swap": "申请换班",
    "rota.decide": "办理请假换班",
    "rota.feed": "更换日历地址",
    "station.hours": "修改服务时间",
    "alarm.seen": "确认告警",
    "presence.wish": "切换坐席状态",
    "permission.refused": "越权被拒",
}
"""How actions are called on the audit page; an unknown one shows its own name."""
