"""Template library `ds`: status tags, icons and roles of messages, numbers."""

from typing import NamedTuple

from django import forms, template
from django.forms.boundfield import BoundField

register = template.Library()


class StatusTag(NamedTuple):
    """How a status is shown: its word and the class that gives shape and colour."""

    word: str
    kind: str


STATUS_TAGS: dict[str, StatusTag] = {
    # the record's own state
    "draft": StatusTag("草稿", "draft"),
    "submitted": StatusTag("待经办", "todo"),
    "in_review": StatusTag("待审核", "wait"),
    "returned": StatusTag("退回", "back"),
    "sealed": StatusTag("已确认", "ok"),
    # its filing with the credit office
    "submitted_filing": StatusTag("待备案", "wait"),
    "filed": StatusTag("已备案", "filed"),
    # its delivery to the municipal platform
    "pending": StatusTag("待报送", "draft"),
    "sent": StatusTag("已报送", "sent"),
    "accepted": StatusTag("平台已接收", "sent"),
    "rejected": StatusTag("平台退回", "back"),
    "untaken": StatusTag("平台不收", "draft"),
    "superseded": StatusTag("身份已更正，不报送", "draft"),
    # background jobs
    "queued": StatusTag("等待中", "todo"),
    "running": StatusTag("进行中", "wait"),
    "done": StatusTag("已完成", "ok"),
    "failed": StatusTag("未完成", "back"),
    "cancelled": StatusTag("已取消", "draft"),
    # rosters on their way to the stamp
    "printed": StatusTag("待盖章", "todo"),
    "scanned": StatusTag("待核对", "wait"),
    "stamped": StatusTag("已盖章", "ok"),
    "void": StatusTag("已作废", "exp"),
    # nil returns
    "nil_signed": StatusTag("待复核", "wait"),
    "nil_confirmed": StatusTag("已签报", "ok"),
    "nil_void": StatusTag("已失效", "exp"),
    # people on their way to another agency
    "transfer_proposed": StatusTag("待审核", "wait"),
    "transfer_sent": StatusTag("待接收", "todo"),
    "transfer_received": StatusTag("已接收", "ok"),
    "transfer_refused": StatusTag("已退回", "back"),
    "transfer_blocked": StatusTag("已停办", "back"),
    "transfer_withdrawn": StatusTag("已撤回", "draft"),
    "transfer_lapsed": StatusTag("逾期失效", "exp"),
    # what is added later in its life
    "backfilled": StatusTag("补录", "todo"),
    "identity_mismatch": StatusTag("身份核验不一致", "back"),
    "disputed": StatusTag("异议中", "disp"),
    "repaired": StatusTag("已修复", "fixed"),
    "overdue": StatusTag("逾期未报", "exp"),
    "authorisation_ended": StatusTag("授权已失效", "exp"),
    "disclosure_ended": StatusTag("公示期满", "exp"),
}

_MESSAGE_ICONS = {"success": "circle-check", "warning": "triangle-alert", "error": "circle-alert"}


@register.inclusion_tag("ds/tag.html")
def status_tag(status: str | None, days: int | None = None) -> dict[str, str]:
    """Show a status; nothing for an empty one. `days` says how long something is overdue. A status without an
    entry is shown as it is, in grey: visible to whoever forgot it, harmless to whoever works."""
    if not status:
        return {"word": "", "kind": ""}
    tag = STATUS_TAGS.get(status, StatusTag(status, "draft"))
    word = f"逾期 {days} 天" if status == "overdue" and days is not None else tag.word
    return {"word": word, "kind": tag.kind}


@register.filter
def message_icon(level_tag: str) -> str:
    """Name the icon of a message by Django's level tag."""
    return _MESSAGE_ICONS.get(level_tag, "info")


@register.filter
def live_role(level_tag: str) -> str:
    """Give the ARIA role: errors and warnings interrupt, the rest waits its turn."""
    return "alert" if level_tag in {"error", "warning"} else "status"


@register.filter
def grouped(value: object) -> str:
    """Write a whole number with thousands separators (1,284); anything else unchanged."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Say whether a field is one checkbox, whose label stands behind the control."""
    return isinstance(field.field.widget, forms.CheckboxInput)
