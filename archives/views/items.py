"""信用信息条目: the list, adding one to a record, the page of one and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Jurisdiction, Responsibility, Role
from archives.item_forms import ItemFilterForm, NoticeForm
from archives.items import fact_of, kind_of, kinds_for
from archives.lifecycle import handles, may_fill
from archives.models import Item, RecordPart, Version
from archives.occupations import occupation_of
from archives.printing.pdf import render as render_pdf
from archives.schema.kinds import ItemKind
from archives.selectors import item_or_404, items_to_mend, items_visible_to, part_or_404
from archives.services.giving_up import give_up_item
from archives.services.item_seals import (
    confirm_revocation,
    keep_item,
    revoke_item,
    seal_item,
    start_item_correction,
)
from archives.services.items import (
    notify_item,
    open_item,
    pass_on_item,
    save_item,
    send_back_item,
    submit_item,
)
from archives.services.people import NotReadable
from archives.services.versions import item_version_content
from archives.services.waiting import put_aside
from archives.views.items_page import form_of, item_context, item_rows, show_named, version_context
from archives.views.panels.items import rows_of
from archives.views.record import OFFICE_READS
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page

READERS = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)
DONE = {
    "submit": "已提交，等待经办人办理。",
    "submit_for_review": "已提交审核。",
    "pass_on": "已转审核。",
    "return_to_filler": "已退回填报员。",
    "return": "已退回经办人。",
    "seal": "已审核确认。",
    "correct": "可以更正了。现行版本继续有效，直到更正内容经审核确认。",
    "revoke": "已提出撤销，等待另一人确认。",
    "confirm_revocation": "已撤销。已报送的将通知平台撤下。",
    "keep": "不予撤销，现行版本继续有效。",
    "notify": "已登记告知本人。",
    "give_up": "草稿已作废，填写的内容和证明材料已清除。",
}
WITH_REASON: Mapping[str, Callable[..., Any]] = {
    "return": send_back_item,
    "return_to_filler": send_back_item,
    "correct": start_item_correction,
    "revoke": revoke_item,
    "keep": keep_item,
}
BY_DAY: Mapping[str, Callable[..., Any]] = {
    "pass_on": pass_on_item,
    "confirm_revocation": confirm_revocation,
    "give_up": give_up_item,
}


@access(*READERS)
@require_GET
def item_list(request: Any) -> HttpResponse:
    """List items with filters, the latest first, 50 a page; the look is journalled."""
    actor = request.actor
    form = ItemFilterForm(request.GET or None, actor=actor, today=timezone.localdate())
    chosen = dict(form.cleaned_data) if form.is_bound and form.is_valid() else {}
    wanted = {name: value for name, value in chosen.items() if value}
    if "adverse" in wanted:
        wanted["adverse"] = wanted["adverse"] == "1"
    ended = request.GET.get("ended") == "1"
    items = (items_to_mend(actor) if ended else items_visible_to(actor)).filter(**wanted)
    if form.errors:
        items = items.none()
    page = keyset_page(request, items, order="saved_at", descending=True)
    if page.rows:
        data = {
            "ids": [str(one.pk) for one in page.rows],
            "filters": {k: str(v) for k, v in wanted.items()},
        }
        journal.look("item.listed", actor=actor, subject_label=f"条目（{len(page.rows)} 条）", data=data)
    context = {
        "filter_form": form,
        "filtered": bool(wanted or form.errors or ended),
        "ended": ended,
        "rows": rows_of(page.rows, actor),
        "pager": page,
    }
    if actor.role in (Role.FILLER, Role.CLERK):
        context["waiting_url"] = reverse("waiting-list")
        context["import_url"] = reverse("item-import")
    if actor.role in (Role.CLERK, Role.REVIEWER):
        context["nil_url"] = reverse("nil-return-list")
        context["ended_url"] = f"{reverse('item-list')}?ended=1"
    return render(request, "archives/items.html", context)


@access(Role.FILLER, Role.CLERK)
@require_http_methods(["GET", "POST"])
def item_add(request: Any, part_id: UUID) -> HttpResponse:
    """Choose a kind, then fill in its boxes; what is saved has a page of its own."""
    part = part_or_404(request.actor, part_id)
    if not handles(part, request.actor):
        messages.error(request, "这份档案不由您办理，不能添加条目。")
        return redirect("record", part.pk)
    offered = _offered(part)
    code = (request.POST if request.method == "POST" else request.GET).get("kind", "")
    kind = next((kind for _, found in offered for kind in found if kind.code == code), None)
    base = {"part": part, "list_url": reverse("record", args=[part.pk])}
    if kind is None:
        if code:
            messages.error(request, "没有这种条目，请从下面选择。目录外的信息不得归集。")
        return render(request, "archives/item_kinds.html", {**base, "groups": offered})
    form = form_of(kind, part, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            saved = open_item(
                part=part,
                kind=kind.code,
                basis=form.basis,
                raw=form.raw,
                actor=request.actor,
                today=timezone.localdate(),
                named=form.named,
            )
        except NotReadable as wrong:
            form.is_valid()
            show_named(form, wrong)
        except Refused as refusal:
            if refusal.code == "unidentified" and (answer := _put_aside(request, part, kind, form)):
                return answer
            form.is_valid()
            if refusal.code != "basis":
                form.add_error(None, str(refusal))
        else:
            messages.success(request, "条目已保存为草稿。核对后提交。")
            return redirect("item", saved.item.pk)
    return _new_page(request, kind, form, base)


def _put_aside(request: Any, part: RecordPart, kind: ItemKind, form: Any) -> HttpResponse | None:
    """Keep a fact whose document has no number apart; None where it can't be, and the form says why."""
    try:
        waiting = put_aside(
            part=part,
            kind=kind.code,
            basis=form.basis,
            raw=form.raw,
            named=form.named,
            actor=request.actor,
            today=timezone.localdate(),
        )
    except NotReadable:
        return None
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return None
    messages.warning(request, "文书没有证件号码，没有记入档案，已转入待核身份。核实号码后再记入。")
    return redirect("waiting", waiting.pk)


@access(*READERS)
@require_http_methods(["GET", "POST"])
def item(request: Any, item_id: UUID) -> HttpResponse:
    """Show an item (journalled) or do what its buttons say."""
    found = item_or_404(request.actor, item_id)
    if request.method == "POST":
        return _act(request, found)
    form = form_of(kind_of(found), found) if may_fill(found, request.actor) else None
    return render(request, "archives/item.html", item_context(request, found, form=form))


@access(*READERS)
@require_GET
def item_version(request: Any, item_id: UUID, number: int) -> HttpResponse:
    """Show what was sealed as version `number`."""
    found = item_or_404(request.actor, item_id)
    versions = Version.objects.visible_to(request.actor).filter(item=found).select_related("item")
    version: Version = get_object_or_404(versions.prefetch_related("bodies"), number=number)
    content = item_version_content(version, kind_of(found))
    return render(request, "archives/item.html", version_context(request, found, version, content))


@access(Role.CLERK, Role.REVIEWER)
@require_GET
def item_notice(request: Any, item_id: UUID) -> HttpResponse:
    """The 入档告知书 of an adverse item as a PDF, to be handed to the person; the look is journalled."""
    found = item_or_404(request.actor, item_id)
    if not found.adverse or found.revoked:
        messages.info(request, "这条信息不需要告知书。")
        return redirect("item", found.pk)
    journal.look("item.read", actor=request.actor, subject=found, data={"letter": "entry_notice"})
    kind, values = kind_of(found), fact_of(found).values
    place = Jurisdiction.objects.get(id=found.jurisdiction_id)
    boxes = [
        (field.label, field.masked(values.get(name)))
        for name, field in kind.section.fields.items()
        if values.get(name) is not None and name != "content"
    ]
    context = {
        "item": found,
        "kind": kind,
        "boxes": boxes,
        "until": found.shown_until,
        "agency": found.agency.name,
        "office": place.office_name,
        "today": timezone.localdate(),
    }
    response = HttpResponse(
        render_pdf("print/letters/entry_notice.html", context), content_type="application/pdf"
    )
    response["Content-Disposition"] = 'attachment; filename="entry-notice.pdf"'
    return response


def _act(request: Any, found: Item) -> HttpResponse:
    actor, today, action = request.actor, timezone.localdate(), request.POST.get("action", "save")
    known: dict[str, Any] = {"item": found, "revision": revision_of(request), "actor": actor}
    if actor.kind == "office":
        messages.error(request, OFFICE_READS)
        return redirect("item", found.pk)
    try:
        if action in ("save", "submit", "submit_for_review"):
            return _save(request, found, known["revision"], then_submit=action != "save")
        if action == "notify":
            return _notify(request, **known)
        if action in WITH_REASON:
            WITH_REASON[action](**known, reason=request.POST.get("reason", ""))
        elif action == "seal":
            seal_item(**known, today=today, last=request.POST.get("last", ""))
        elif action in BY_DAY:
            BY_DAY[action](**known, today=today)
        else:
            messages.error(request, "没有这样的操作，请用页面上的按钮办理。")
            return redirect("item", found.pk)
    except AlreadyDone as done:
        messages.info(request, str(done))
    except NotReadable as wrong:
        messages.error(request, "还不能办理：内容中有需要更正的地方，请退回填报人更正。")
        problems = [("", "", problem.message) for problem in wrong.problems]
        context = item_context(request, item_or_404(actor, found.pk), form=None, problems=problems)
        return render(request, "archives/item.html", context, status=422)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        return _done(request, found, action)
    return redirect("item", found.pk)


def _done(request: Any, found: Item, action: str) -> HttpResponse:
    messages.success(request, DONE[action])
    if action != "give_up":
        return redirect("item", found.pk)
    if found.notified_on is not None:
        messages.warning(request, "这条信息已经告知过本人，请告诉本人现已作废。")
    return redirect("item-list")


def _save(request: Any, found: Item, revision: int, *, then_submit: bool) -> HttpResponse:
    actor, today = request.actor, timezone.localdate()
    if not may_fill(found, actor):
        messages.info(request, f"这条信息现在是“{found.get_status_display()}”，没有再次提交，也不能修改。")
        return redirect("item", found.pk)
    form = form_of(kind_of(found), found, request.POST)
    try:
        saved = save_item(
            item=found,
            raw=form.raw,
            basis=form.basis,
            revision=revision,
            actor=actor,
            today=today,
            named=form.named,
        )
    except Stale as stale:
        messages.error(request, f"{stale}请核对最新内容后再保存。")
        return _again(request, item_or_404(actor, found.pk), form, 409)
    except (NotReadable, Refused) as refusal:
        if isinstance(refusal, Refused) and refusal.code != "basis":
            messages.error(request, str(refusal))
        messages.warning(request, "没有保存：请先更正下面列出的各处。")
        form.is_valid()
        if isinstance(refusal, NotReadable):
            show_named(form, refusal)
        return _again(request, found, form, 422)
    if not then_submit:
        if any(problem.severity == "error" for problem in saved.problems):
            messages.warning(request, "已保存草稿。标红的几处还不能识别，提交前请更正。")
            return _again(request, saved.item, form, 422)
        messages.success(request, "已保存草稿。")
        return redirect("item", found.pk)
    try:
        submit_item(item=saved.item, revision=None, actor=actor, today=today)
    except NotReadable:
        messages.warning(request, "内容已保存为草稿，还不能提交：请更正下面列出的各处。")
        strict = form_of(kind_of(found), found, request.POST, stage="submit")
        return _again(request, saved.item, strict, 422)
    except Refused as refusal:
        messages.warning(request, f"内容已保存为草稿，还不能提交：{refusal}")
        return redirect("item", found.pk)
    messages.success(request, DONE["submit" if actor.kind == "employer" else "submit_for_review"])
    return redirect("item", found.pk)


def _notify(request: Any, **known: Any) -> HttpResponse:
    form, found = NoticeForm(request.POST), known["item"]
    if not form.is_valid():
        context = item_context(request, found, form=None, notice=form)
        return render(request, "archives/item.html", context, status=422)
    notify_item(**known, **form.cleaned_data, today=timezone.localdate())
    messages.success(request, DONE["notify"])
    return redirect("item", found.pk)


def _again(request: Any, found: Item, form: Any, status: int) -> HttpResponse:
    form.is_valid()
    return render(request, "archives/item.html", item_context(request, found, form=form), status=status)


def _new_page(request: Any, kind: ItemKind, form: Any, base: dict[str, Any]) -> HttpResponse:
    context = {
        **base,
        "kind": kind,
        "form": form,
        "rows": item_rows(kind, base["part"].year, form, {}, ""),
        "problems": form.summary(),
    }
    return render(request, "archives/item_new.html", context, status=422 if form.errors else 200)


def _offered(part: RecordPart) -> list[tuple[str, list[ItemKind]]]:
    """The kinds that may be written into this record, under the headings of the notice, each once."""
    responsibility = Responsibility.objects.select_related("agency").get(
        jurisdiction_id=part.jurisdiction_id, agency_id=part.agency_id, occupation=part.occupation
    )
    occupation = occupation_of(responsibility)
    left = kinds_for(occupation, responsibility)
    groups = []
    for content in (occupation.whole or occupation).contents:
        mine = [kind for kind in left if kind.code in content.kinds]
        left = [kind for kind in left if kind not in mine]
        if mine:
            groups.append((content.label, mine))
    return groups
