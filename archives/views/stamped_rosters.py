"""盖章名册: printing, scanning, confirming; and 查验, telling what a printed code stands for (AY-N4)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Jurisdiction, Role
from archives.forms import ScanForm, StampedRosterForm
from archives.lifecycle import ROSTER
from archives.models import Item, StampedRoster, Version
from archives.occupations import occupations_of
from archives.printing.pdf import MissingGlyph
from archives.printing.pdf import render as render_pdf
from archives.selectors import items_visible_to, parts_visible_to, stamps_of
from archives.services.stamped_rosters import (
    LARGEST_SCAN,
    SEEN,
    attach_scan,
    confirm_stamp,
    lines_of,
    print_roster,
    void_roster,
)
from archives.services.versions import CHECK_CODE_LENGTH
from archives.views.record_page import revision_of
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.crypto import Undecipherable
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from credit_platform.web.uploads import oversized, takes_files

KEEPERS = (Role.CLERK, Role.REVIEWER)
STAFF = (Role.FILLER, Role.CLERK, Role.REVIEWER, Role.OFFICER)
_DAMAGED = "名册所列版本的内容与封存时不一致，不能打印。请联系管理员。"


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
def roster_list(request: Any) -> HttpResponse:
    """List the rosters of this member's groups, the newest first; POST prints a new one."""
    actor = request.actor
    form = StampedRosterForm(request.POST or None, actor=actor, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        try:
            printed = print_roster(**form.cleaned_data, actor=actor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"名册 {printed.code} 已生成，共 {printed.size} 人。请打印后盖章。")
            return redirect("stamped-roster", printed.pk)
    rosters = StampedRoster.objects.visible_to(actor).select_related("employer")
    page = keyset_page(request, rosters, order="printed_at", descending=True)
    occupations = occupations_of(actor.jurisdiction_id)
    rows = [
        {
            "url": reverse("stamped-roster", args=[one.pk]),
            "roster": one,
            "label": occupations[one.agency_id, one.occupation].label,
        }
        for one in page.rows
    ]
    context = {"rows": rows, "pager": page, "form": form}
    return render(request, "archives/stamped_rosters.html", context, status=422 if form.errors else 200)


@access(*KEEPERS)
@takes_files(LARGEST_SCAN)
@require_http_methods(["GET", "POST"])
def roster(request: Any, roster_id: UUID) -> HttpResponse:
    """Show a roster, its lines beside the scan (journalled); POST scans, confirms or voids it."""
    found = _roster_or_404(request, roster_id)
    if request.method != "POST":
        return _page(request, found)
    return _scan(request, found) if request.POST.get("action") == "scan" else _act(request, found)


def _page(request: Any, found: StampedRoster, sent: ScanForm | None = None) -> HttpResponse:
    """The page of a roster, with the form of its scan as it was `sent` and refused."""
    journal.look("roster.read", actor=request.actor, subject=found, data={"lines": found.size})
    try:
        lines = lines_of(found)
    except Undecipherable:
        lines = []
        messages.error(request, _DAMAGED)
    actions = {one.name: one for one in ROSTER.available(found, request.actor)}
    scanner = found.scanner_id == request.actor.user_id
    context = {
        "roster": found,
        "label": _label(found),
        "lines": lines,
        "replaced": sum(line.replaced for line in lines),
        "picture": found.scan_type.startswith("image/"),
        "scan_form": sent or (ScanForm(again=bool(found.scan)) if "scan" in actions else None),
        "may_confirm": "confirm" in actions and not scanner,
        "waits_for_other": "confirm" in actions and scanner,
        "void": actions.get("void"),
    }
    return render(request, "archives/stamped_roster.html", context, status=422 if sent else 200)


@access(*KEEPERS)
@require_GET
def roster_pdf(request: Any, roster_id: UUID) -> HttpResponse:
    """The roster as PDF, the same each time, with a QR code of its number and the place of the stamp left blank."""
    found = _roster_or_404(request, roster_id)
    journal.look("roster.fetched", actor=request.actor, subject=found, data={"lines": found.size})
    picture = segno.make_qr(found.code).svg_inline(scale=3, border=2)
    occupation = occupations_of(found.jurisdiction_id)[found.agency_id, found.occupation]
    context = {
        "roster": found,
        "label": occupation.label_at(found.printed_at),
        "agency": found.agency.name_at(found.printed_at),
        "place": Jurisdiction.objects.get(id=found.jurisdiction_id),
        "qr": mark_safe(picture),  # noqa: S308  # drawn by us from the number of the roster
    }
    try:
        content = render_pdf("print/stamped_roster.html", {**context, "lines": lines_of(found)})
    except Undecipherable:
        messages.error(request, _DAMAGED)
        return redirect("stamped-roster", found.pk)
    except MissingGlyph as missing:
        messages.error(request, f"打印字库没有“{missing.characters}”，不能打印。请联系管理员安装字体。")
        return redirect("stamped-roster", found.pk)
    return _file(content, "application/pdf", f"名册_{found.code}.pdf")


@access(*KEEPERS)
@require_GET
def roster_scan(request: Any, roster_id: UUID) -> HttpResponse:
    """The scan, whole and verified, as a download; who opened it is journalled, and may then confirm it."""
    found = _roster_or_404(request, roster_id)
    if not found.scan:
        raise Http404
    try:
        content = private_files.read_all(found.scan)
    except (private_files.Missing, Undecipherable):
        messages.error(request, "扫描件已损坏或找不到，请重新扫描上传。")
        return redirect("stamped-roster", found.pk)
    journal.look(SEEN, actor=request.actor, subject=found, data={"sha256": found.scan_sha256})
    extension = found.scan.rpartition(".")[2]
    return _file(content, found.scan_type, f"名册扫描件_{found.code}.{extension}")


@access(*STAFF)
@require_http_methods(["GET", "POST"])
def check(request: Any) -> HttpResponse:
    """查验: tell which version a code stands for. The code is posted, never in an address; the look is journalled."""
    code = "".join(request.POST.get("code", "").split()).replace("-", "").upper()[:40]
    context: dict[str, Any] = {"code": code, "length": CHECK_CODE_LENGTH, "asked": request.method == "POST"}
    if code and code.isascii() and code.isalnum():
        context["found"] = _found(request, code)
    return render(request, "archives/check.html", context)


def _found(request: Any, code: str) -> dict[str, Any] | None:
    actor = request.actor
    versions = stamps_of(Version.objects.visible_to(actor).filter(check_code=code))
    version = versions.select_related("part", "item", "agency").first()
    if version is None:
        return None
    head = version.head
    visible: Any = items_visible_to(actor) if isinstance(head, Item) else parts_visible_to(actor)
    if not visible.filter(id=head.pk).exists():
        return None
    journal.look("version.checked", actor=actor, subject=head, data={"version": version.number})
    return {
        "version": version,
        "head": head,
        "label": occupations_of(actor.jurisdiction_id)[head.agency_id, head.occupation].label_at(
            version.sealed_at
        ),
        "agency": version.agency.name_at(version.sealed_at),
        "current": version.number == head.current_version,
        "url": reverse("item" if isinstance(head, Item) else "record", args=[head.pk]),
        "sealed": timezone.localtime(version.sealed_at),
    }


def _act(request: Any, found: StampedRoster) -> HttpResponse:
    action, revision = request.POST.get("action", ""), revision_of(request)
    try:
        if action == "confirm":
            confirm_stamp(roster=found, revision=revision, actor=request.actor)
            messages.success(request, "已核对，名册所列各版显示已盖章。")
        elif action == "void":
            void_roster(roster=found, reason=request.POST.get("reason", ""), actor=request.actor)
            messages.success(request, "名册已作废。")
        else:
            messages.error(request, "没有选择办理方式，请用页面上的按钮办理。")
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("stamped-roster", found.pk)


def _scan(request: Any, found: StampedRoster) -> HttpResponse:
    """Take a scan; the page of one that is refused keeps the day as it was typed."""
    form = ScanForm(request.POST, request.FILES, again=bool(found.scan))
    if form.is_valid() and _attached(request, found, form):
        return redirect("stamped-roster", found.pk)
    if oversized(request):
        form.errors["scan"] = form.error_class(["文件超过 20 MB。请降低扫描分辨率后重新上传。"])
    return _page(request, found, form)


def _attached(request: Any, found: StampedRoster, form: ScanForm) -> bool:
    try:
        attach_scan(
            roster=found,
            file=form.cleaned_data["scan"].file,
            stamped_on=form.cleaned_data["stamped_on"],
            revision=revision_of(request),
            actor=request.actor,
        )
    except AlreadyDone as done:
        messages.info(request, str(done))
    except Refused as refusal:
        form.add_error(_field_of(refusal), str(refusal))
        return False
    else:
        messages.success(request, "扫描件已上传，请另一位经办人或审核人核对。")
    return True


def _field_of(refusal: Refused) -> str | None:
    """The field that a refusal of a scan speaks of; None: of the whole."""
    if refusal.code == "day":
        return "stamped_on"
    return "scan" if refusal.code.startswith("file_") else None


def _roster_or_404(request: Any, roster_id: UUID) -> StampedRoster:
    rosters = StampedRoster.objects.visible_to(request.actor).select_related("agency", "employer")
    return get_object_or_404(rosters, id=roster_id)


def _label(found: StampedRoster) -> str:
    return occupations_of(found.jurisdiction_id)[found.agency_id, found.occupation].label


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
