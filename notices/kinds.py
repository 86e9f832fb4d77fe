"""What people are told about. A sentence is made of a kind, a count and the label of a group or period: there is no
place in it for anybody's name or number.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Kind:
    """`sentence` may name `{count}` and `{subject}`; `icon` is one of lucide's, `action` the word of the button."""

    label: str
    sentence: str
    icon: str = "bell"
    action: str = "去办理"

    def text(self, *, count: int, subject: str) -> str:
        """Return the sentence as pages and mails show it."""
        return self.sentence.format(count=f"{count:,}", subject=subject)


KINDS: Mapping[str, Kind] = {
    "record_returned": Kind("档案退回", "您有 {count} 份{subject}档案被退回，请修改后重新提交。", "undo-2"),
    "item_returned": Kind("条目退回", "您有 {count} 条{subject}信用条目被退回，请修改后重新提交。", "undo-2"),
    "record_rejected": Kind(
        "平台退回", "平台退回了 {count} 份{subject}档案，请更正后重新报送。", "circle-alert"
    ),
    "item_rejected": Kind(
        "平台退回", "平台退回了 {count} 条{subject}信用条目，请更正后重新报送。", "circle-alert"
    ),
    "reminder": Kind("催报", "{subject}档案逾期未报，信用工作机构催报，请及时办理。", "bell-ring"),
    "job_done": Kind(
        "任务完成", "您发起的后台任务{subject}已完成，结果可以查看。", "circle-check", "查看结果"
    ),
    "job_failed": Kind(
        "任务未完成", "您发起的后台任务{subject}没有完成，请查看原因。", "circle-alert", "查看原因"
    ),
    "nil_return_due": Kind(
        "零报告", "{subject}既没有信用信息，也没有零报告，请补报信息或签报零报告。", "calendar-clock"
    ),
    "handover": Kind("工作交接", "有工作移交给您，请核对交接清单。", "arrow-right-left"),
}
"""By code. Codes are never reused."""
