"""What the page of one dated fact shows, gathered for its template."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.requests import ActingRequest
from archives.item_forms import ItemForm, NoticeForm
from archives.items import birth_date, fact_of, kind_of
from archives.lifecycle import ITEM, may_fill
from archives.models import Item, RecordPart, Version
from archives.rejections import mark_rejected, rejection_of
from archives.schema.kinds import ItemKind
from archives.services.identities import LAST, NAME_BOX, NUMBER_BOX
from archives.services.people import NotReadable
from archives.services.versions import item_version_content
from archives.states import Service, Status
from archives.views.actions import actions_of
from archives.views.panels.evidence import evidence_panel
from archives.views.panels.items import remark_of
from archives.views.record_page import rejected_boxes
from audit import journal
from audit.models import Event
from credit_platform.actors import Actor

STORY = {
    "item.opened": ("添加条目", ""),
    "item.saved": ("保存草稿", ""),
    "item.submitted": ("提交，待经办", ""),
    "item.submitted_for_review": ("提交审核", ""),
    "item.passed_on": ("转审核", ""),
    "item.returned": ("退回", "bad"),
    "item.notified": ("登记告知本人", ""),
    "item.sealed": ("审核确认", "good"),
    "item.correction_started": ("开始更正", ""),
    "item.revocation_proposed": ("提出撤销", ""),
    "item.revoked": ("确认撤销", "bad"),
    "item.kept": ("不予撤销", ""),
    "item.accepted": ("平台已接收", "good"),
    "item.rejected": ("平台退回", "bad"),
    "item.untaken": ("平台不收", ""),
    "evidence.attached": ("上传证明材料", ""),
    "evidence.removed": ("移除证明材料", ""),
}
_STORY_LENGTH = 20
LAST_BOX = {
    "name": "last",
    "label": f"证明材料上证件号码的后 {LAST} 位",
    "help": "打开证明材料，照当事人的证件号码填写，不要照抄本页。",
    "most": LAST,
}
_ADVERSE_NOTES = (
    "不利信息须有文书（文号、作出单位、日期）和证明材料，由另一人审核确认。",
    "确认前须将入档告知书送达本人并登记送达日期；内容改动后须重新告知。",
    "未满 18 周岁时的行为、按简易程序作出的处罚不得录入。",
)
_NOTES = ("依据从列表中选择，不能自行填写。", "“内容”只供本单位和本人查看，不报送、不公开。")


def item_context(
    request: ActingRequest,
    item: Item,
    *,
    form: ItemForm | None,
    notice: NoticeForm | None = None,
    problems: list[tuple[str, str, str]] | None = None,
) -> dict[str, Any]:
    """Return the context of `archives/item.html`; with a form the item can be written. The look is journalled."""
    actor = request.actor
    journal.look("item.read", actor=actor, subject=item)
    kind = kind_of(item)
    office = actor.kind == "office"
    values, basis = _in_force(item) if office else (fact_of(item).values, item.basis)
    actions = (
        [] if office else actions_of(ITEM, item, actor, fills=form is not None and may_fill(item, actor))
    )
    for action in actions:
        if action["name"] == "seal" and item.adverse:
            action["box"] = LAST_BOX
    labels = {name: field.label for name, field in kind.section.fields.items()}
    rejection = rejection_of(item, labels, actor)
    rows = item_rows(kind, item.year, form, values, basis)
    mark_rejected(rows, rejection)
    telling = item.adverse and item.status != Status.SEALED and not office and not item.revoked
    return {
        **_head(item, kind, Status.SEALED if office else item.status, actor),
        "form": form,
        "rows": rows,
        "editable": form is not None,
        "revision": item.revision,
        "actions": actions,
        "problems": problems or (form.summary() if form else []),
        "warnings": [p.message for found in form.warnings.values() for p in found] if form else [],
        "return_reason": item.return_reason if item.status == Status.RETURNED and not office else "",
        "rejection": rejection,
        "rejected_boxes": rejected_boxes(rejection, labels, form),
        "notice": _notice(item, office=office),
        "telling": telling,
        "told": _told(item),
        "notice_url": reverse("item-notice", args=[item.pk]) if telling else "",
        "notice_form": (notice or NoticeForm(initial={"on": timezone.localdate()}))
        if telling and actor.role == "clerk"
        else None,
        "identified": f"{timezone.localtime(item.identified_at):%Y-%m-%d} {item.identified_by}"
        if item.identified_at and item.adverse and not office
        else "",
        "evidence": evidence_panel(request, item, needed=kind.evidence_needed(dict(values))),
        "notes": [] if office else [*(_ADVERSE_NOTES if item.adverse else ()), *_NOTES],
        "versions": version_links(item, actor),
        "history": _history(item, actor),
    }


def form_of(
    kind: ItemKind, part_or_item: RecordPart | Item, posted: Any = None, stage: Any = "draft"
) -> ItemForm:
    """Return the form of an item, or of a new one in a record."""
    options: dict[str, Any] = {}
    if isinstance(part_or_item, Item):
        archive = part_or_item.archive
        options = {"initial": fact_of(part_or_item).raw(), "basis": part_or_item.basis}
        options["identified"] = part_or_item.identified_at is not None
    else:
        archive = part_or_item.record.archive
    return ItemForm(
        posted,
        place=part_or_item.jurisdiction_id,
        kind=kind,
        birth_date=birth_date(archive),
        year=part_or_item.year,
        stage=stage,
        today=timezone.localdate(),
        **options,
    )


def show_named(form: ItemForm, wrong: NotReadable) -> None:
    """Show beside their boxes what is wrong with name and number of the document; the form tells the rest itself."""
    for problem in wrong.problems:
        if problem.field in (NAME_BOX, NUMBER_BOX) and problem.field in form.fields:
            form.add_error(problem.field, problem.message)


def item_rows(
    kind: ItemKind, year: int, form: ItemForm | None, values: dict[str, Any], basis: str
) -> list[list[dict[str, Any]]]:
    """Return the rows of the form or of what is only read: first kind and basis, then the kind's boxes."""
    fields = kind.section.fields
    first = [
        {"kind": "static", "span": 3, "label": "条目种类", "text": kind.label},
        {"kind": "static", "span": 3, "label": "信息来源", "text": kind.source.label},
    ]
    grounds: dict[str, Any] = {"kind": "static", "span": 6, "label": "依据", "text": basis}
    if form is not None:
        grounds |= {"kind": "field", "bound": form["basis"]}
    rows = [first, [grounds]]
    if form is not None and kind.may_be_adverse:
        boxes = ((NAME_BOX, 3), (NUMBER_BOX, 3))
        rows.append([{"kind": "field", "span": span, "bound": form[name]} for name, span in boxes])
    for row in kind.rows():
        cells = []
        for name, span in row:
            field = fields[name]
            if not field.applies_in(year):
                continue
            text = field.masked(values.get(name)) if values.get(name) is not None else ""
            cell: dict[str, Any] = {"kind": "static", "span": span, "label": field.label, "text": text}
            cell["name"] = name
            if form is not None:
                cell |= {"kind": "field", "bound": form[name]}
            cells.append(cell)
        rows.append(cells)
    return rows


def version_context(
    request: ActingRequest, item: Item, version: Version, content: dict[str, Any]
) -> dict[str, Any]:
    """Return the context of one sealed version; the look is journalled."""
    actor = request.actor
    journal.look("item.read", actor=actor, subject=item, data={"version": version.number})
    kind = kind_of(item)
    current = version.number == item.current_version
    words = "本版撤销了这条信息。" if content["revoked"] else ""
    reason = f"原因：{version.reason}" if version.reason else ""
    return {
        **_head(item, kind, Status.SEALED, actor),
        "subtitle": f"第 {version.number} 版{'（现行）' if current else '（已被新版替代）'}",
        "rows": item_rows(kind, item.year, None, kind.load(content["values"]), content["basis"]),
        "notice": f"{words}{reason}",
        "actions": [],
        "versions": version_links(item, actor),
        "list_url": reverse("item", args=[item.pk]),
        "list_label": "现行条目",
    }


def version_links(item: Item, actor: Actor) -> list[dict[str, Any]]:
    """Return the sealed versions, newest first, with the address of each."""
    if not item.current_version:
        return []
    return [
        {
            "number": version.number,
            "sealed_at": timezone.localtime(version.sealed_at),
            "author": version.author_name,
            "approver": version.approver_name,
            "url": reverse("item-version", args=[item.pk, version.number]),
            "current": version.number == item.current_version,
        }
        for version in Version.objects.visible_to(actor).filter(item=item).order_by("-number")
    ]


def _in_force(item: Item) -> tuple[dict[str, Any], str]:
    """Values and basis of the version in force: what the office sees, never what is being written."""
    if item.status == Status.SEALED:
        return fact_of(item).values, item.basis
    kind, versions = kind_of(item), Version.objects.select_related("item").prefetch_related("bodies")
    content = item_version_content(versions.get(item=item, number=item.current_version), kind)
    return kind.load(content["values"]), content["basis"]


def _told(item: Item) -> str:
    if item.notified_on is None:
        return ""
    by = f"，登记人 {item.notified_by}" if item.notified_by else ""
    return f"{item.notified_on} {Service(item.notified_how).label}{by}"


def _head(item: Item, kind: ItemKind, status: str, actor: Actor) -> dict[str, Any]:
    return {
        "item": item,
        "title": f"{item.name} · {kind.label}",
        "status": status,
        "remark": remark_of(item, actor),
        "list_url": reverse("item-list"),
        "list_label": "信用信息条目",
        "stays": kind.disclosure == "self",
    }


def _notice(item: Item, *, office: bool) -> str:
    if office or not item.correction_reason:
        return ""
    return f"{'拟撤销' if item.revoked else '更正'}原因：{item.correction_reason}"


def _history(item: Item, actor: Actor) -> list[dict[str, Any]]:
    events = Event.objects.visible_to(actor).filter(subject_id=str(item.pk), verb__in=STORY)
    return [
        {
            "at": timezone.localtime(event.at),
            "title": STORY[event.verb][0],
            "by": " ".join(filter(None, (event.actor_unit, event.actor_name))),
            "text": event.reason,
            "tone": STORY[event.verb][1],
        }
        for event in events.order_by("-at", "-id")[:_STORY_LENGTH]
    ]
