"""Who may review, decide, and see the figures."""

from __future__ import annotations

from hotline.web.permissions import Permission, Role

REVIEW = Permission("calls.review", "质检评分", frozenset({Role.REVIEWER, Role.SUPERVISOR}))
ARBITRATE = Permission("calls.arbitrate", "专家裁定", frozenset({Role.SUPERVISOR}))
OWN_REVIEWS = Permission(
    "calls.own-reviews", "看自己的质检结果", frozenset({Role.LAWYER, Role.STATION})
)
SEE_QUALITY = Permission(
    "quality.see", "质检统计", frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU})
)
ORIGINAL = Permission(
    "recordings.original",
    "查看未脱敏的录音和转写",
    frozenset({Role.LAWYER, Role.STATION, Role.REVIEWER, Role.SUPERVISOR}),
)
"""Those who work on the call; each look is audited. The bureau hears and reads it redacted."""
EXPORT_REDACTED = Permission(
    "recordings.export",
    "导出脱敏录音和转写",
    frozenset({Role.REVIEWER, Role.SUPERVISOR, Role.BUREAU}),
)
