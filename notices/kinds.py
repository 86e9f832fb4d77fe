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
    "transfer_in": Kind(
        "转入待接收", "有 {count} 件人员转入等待核对、接收，请在期限内办理。", "arrow-right-left"
    ),
    "transfer_receipt": Kind(
        "转出已接收", "您单位转出的 {count} 件已由接收单位出具回执。", "circle-check", "查看回执"
    ),
    "transfer_ended": Kind("转出转入终止", "有 {count} 件转出或转入被退回、撤回或停办，请查看。", "undo-2"),
    "transfer_changed": Kind(
        "移交内容变更", "转出单位更正或撤回了已移交的内容（{count} 处），请查看。", "circle-alert", "查看"
    ),
    "handover": Kind("工作交接", "有工作移交给您，请核对交接清单。", "arrow-right-left"),
}
"""By code. Codes are never reused."""
