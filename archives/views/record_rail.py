"""The column beside the form of a record: steps, progress, last year, story, versions."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.models import Role
from archives.content import IDENTITY, Draft, flat
from archives.identity_state import told
from archives.models import RecordPart, Version
from archives.schema.occupations import Occupation
from archives.schema.standing import ADVERSE_FIELDS, is_adverse
from archives.selectors import stamps_of
from archives.states import Delivery, Status
from audit.models import Event
from credit_platform.actors import Actor

STORY = {
    "record.opened": ("建立年度记录", ""),
    "record.saved": ("保存草稿", ""),
    "record.submitted": ("提交，待经办", ""),
    "record.submitted_for_review": ("提交审核", ""),
    "record.passed_on": ("转审核", ""),
    "record.returned": ("退回", "bad"),
    "record.sealed": ("审核确认", "good"),
    "record.correction_started": ("开始更正", ""),
    "record.correction_given_up": ("放弃更正", ""),
    "evidence.attached": ("上传证明材料", ""),
    "evidence.removed": ("移除证明材料", ""),
    "record.accepted": ("平台已接收", "good"),
    "record.rejected": ("平台退回", "bad"),
}

PROCEEDING_STORY = {
    "proceeding.opened": ("启动认定程序", ""),
    "proceeding.renewed": ("重新制作告知书", ""),
    "proceeding.notified": ("事前告知", ""),
    "proceeding.heard": ("登记陈述申辩", ""),
    "proceeding.upheld": ("决定认定", ""),
    "proceeding.dropped": ("不予认定", ""),
    "proceeding.served": ("送达认定决定书", ""),
    "proceeding.withdrawn": ("撤回认定程序", ""),
    "proceeding.revoked": ("撤销认定决定", ""),
    "proceeding.sealed": ("认定经审核确认", "good"),
}

STORY |= PROCEEDING_STORY
_STEPS = ("草稿", "待审核", "已确认", "已报送")
_STORY_LENGTH = 20
_STORY_EVENTS = 200


def rail_of(
    part: RecordPart,
    occupation: type[Occupation],
    draft: Draft,
    values: dict[str, Any],
    last: RecordPart | None,
    last_values: dict[str, Any],
    *,
    actor: Actor,
    editable: bool,
) -> dict[str, Any]:
    """Return what the column beside the form shows, and what the page offers beside filling in.

    `values` are those shown, `last` the sealed part of last year and `last_values` its values.
    """
    return {
        "steps": steps_of(part, shown_status(part, actor)),
        "progress": progress_of(occupation, draft, part.year) if editable else None,
        "previous_year": last_year_beside(occupation, part.year, last_values, values, filling=editable)
        if last
        else None,
        "previous_year_url": reverse("record", args=[last.id]) if last else "",
        "reuse_url": reverse("record-reuse", args=[part.id]) if last and editable else "",
        "transfer_url": reverse("record-transfer", args=[part.id]) if actor.role == Role.CLERK else "",
        "identity_url": reverse("record-identity", args=[part.id]) if actor.role == Role.CLERK else "",
        "unmask_url": reverse("record-unmask", args=[part.id]) if actor.kind != "office" else "",
        "identity": told(part.record.archive) if actor.kind != "office" else None,
        "check_url": reverse("record-check", args=[part.id]) if actor.kind != "office" else "",
        "left_on": part.record.archive.left_on,
        "history": story_of(part, actor),
        "versions": version_links(part, actor),
        "print_url": reverse("record-print", args=[part.id]) if actor.kind != "office" else "",
        "versions_url": reverse("record-versions", args=[part.id]) if part.current_version else "",
    }


def shown_status(part: RecordPart, actor: Actor) -> str:
    """Return the status as this reader may know it: for the office a record under correction is what was sealed."""
    return Status.SEALED if actor.kind == "office" else part.status


def steps_of(part: RecordPart, status: str) -> list[dict[str, str]]:
    """Return the four steps of a record for `ds/steps.html`: done, current or still to come."""
    reached = {
        Status.DRAFT: 0,
        Status.RETURNED: 0,
        Status.SUBMITTED: 0,
        Status.IN_REVIEW: 1,
        Status.SEALED: 2,
    }
    current = reached[Status(status)]
    sealed = status == Status.SEALED
    if sealed and part.delivery in (Delivery.SENT, Delivery.ACCEPTED, Delivery.REJECTED):
        current = 3
    done = sealed and part.delivery == Delivery.ACCEPTED
    details = [
        "" if current or status == Status.DRAFT else Status(status).label,
        "",
        f"现行第 {part.current_version} 版" if part.current_version else "",
        part.get_delivery_display() if part.delivery else "",
    ]
    states = ["done" if i < current or done else "current" if i == current else "todo" for i in range(4)]
    return [
        {"label": label, "detail": detail, "state": state}
        for label, detail, state in zip(_STEPS, details, states, strict=True)
    ]


def progress_of(occupation: type[Occupation], draft: Draft, year: int) -> dict[str, int]:
    """Return how many boxes of the form are filled in and readable, of how many."""
    values = flat(draft.record)
    adverse = is_adverse(values.get("determination"))
    boxes = [
        field
        for field in occupation.fields().values()
        if not field.computed and field.applies_in(year) and (adverse or field.name not in ADVERSE_FIELDS)
    ]
    done = [
        field
        for field in boxes
        if field.name not in draft.typed and (values.get(field.name) or field.default) is not None
    ]
    return {"done": len(done), "total": len(boxes)}


def last_year_beside(
    occupation: type[Occupation], year: int, last: dict[str, Any], now: dict[str, Any], *, filling: bool
) -> list[dict[str, Any]]:
    """Return last year's values of every box but the settled ones, in form order; what has changed is marked.

    While it is being filled in, a box that is still blank has not changed.
    """
    known = occupation.fields()
    names = [name for row in occupation.layout() for name, _ in row]
    return [
        {
            "label": known[n].label,
            "text": known[n].masked(last.get(n)),
            "changed": last.get(n) != now.get(n) and not (filling and now.get(n) in (None, "")),
        }
        for n in names
        if n not in IDENTITY and not known[n].computed and known[n].applies_in(year)
    ]


def story_of(part: RecordPart, actor: Actor) -> list[dict[str, Any]]:
    """Return what happened to the part, newest first, for `ds/timeline.html`, as far as this reader may know."""
    subjects = [str(part.id), *(str(proceeding.pk) for proceeding in part.proceedings.all())]
    events = (
        Event.objects.visible_to(actor).filter(subject_id__in=subjects, verb__in=STORY).order_by("-at", "-id")
    )
    story: list[dict[str, Any]] = []
    for event in events[:_STORY_EVENTS]:
        by = " ".join(filter(None, (event.actor_unit, event.actor_name)))
        title = STORY[event.verb][0]
        if story and event.verb == "record.saved" and (story[-1]["title"], story[-1]["by"]) == (title, by):
            continue  # saved every few seconds by itself: the last of them is told
        at = timezone.localtime(event.at)
        story.append({"at": at, "title": title, "by": by, "text": event.reason, "tone": STORY[event.verb][1]})
    return story[:_STORY_LENGTH]


def version_links(part: RecordPart, actor: Actor) -> list[dict[str, Any]]:
    """Return the sealed versions, newest first, with the address of each."""
    if not part.current_version:
        return []
    versions = stamps_of(Version.objects.visible_to(actor).filter(part=part)).order_by("-number")
    return [
        {
            "number": version.number,
            "sealed_at": timezone.localtime(version.sealed_at),
            "author": version.author_name,
            "approver": version.approver_name,
            "url": reverse("record-version", args=[part.id, version.number]),
            "current": version.number == part.current_version,
            "stamp": version.stamp,  # type: ignore[attr-defined]  # annotated
        }
        for version in versions
    ]
