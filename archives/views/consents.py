"""会员同意书: the list, recording one, its scan, and noting that a member has withdrawn it (GZ-11, LL-06)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from agencies.models import Role
from archives.consent_forms import ConsentForm, WithdrawForm
from archives.models import MemberConsent
from archives.services.consents import record_consent, withdraw_consent
from archives.services.evidence import LARGEST, too_large
from archives.services.people import NotReadable
from audit import journal
from audit.lifecycle import AlreadyDone, Refused
from credit_platform import private_files
from credit_platform.crypto import Undecipherable
from credit_platform.web.access import access
from credit_platform.web.keyset import keyset_page
from credit_platform.web.uploads import oversized, takes_files

KEEPERS = (Role.FILLER, Role.CLERK)


@access(*KEEPERS, Role.REVIEWER)
@require_GET
def consent_list(request: Any) -> HttpResponse:
    """The consents of the members whose archives this person handles, the latest first."""
    rows = MemberConsent.objects.visible_to(request.actor).select_related("employer")
    page = keyset_page(request, rows, order="recorded_at", descending=True)
    if page.rows:
        ids = [str(row.pk) for row in page.rows]
        label = f"会员同意书（{len(ids)} 份）"
        journal.look("consent.listed", actor=request.actor, subject_label=label, data={"ids": ids})
    context = {"rows": page.rows, "pager": page, "keeps": request.actor.role in KEEPERS}
    return render(request, "archives/consents.html", context)


@access(*KEEPERS)
@require_http_methods(["GET", "POST"])
@takes_files(LARGEST)
def consent_new(request: Any) -> HttpResponse:
    """Record a consent with the scan of the paper."""
    actor, today = request.actor, timezone.localdate()
    posted = request.method == "POST"
    form = ConsentForm(
        request.POST if posted else None, request.FILES if posted else None, actor=actor, today=today
    )
    if posted and oversized(request):
        form.add_error("scan", str(too_large()))
    elif posted and form.is_valid():
        answer = _record(request, form)
        if answer is not None:
            return answer
    return render(request, "archives/consent_new.html", {"form": form}, status=422 if form.errors else 200)


def _record(request: Any, form: ConsentForm) -> HttpResponse | None:
    given = {
        name: form.cleaned_data[name] for name in ("responsibility", "employer", "signed_on", "delivers")
    }
    try:
        made = record_consent(
            raw=form.raw_identity(),
            scan=form.cleaned_data["scan"].file,
            actor=request.actor,
            today=timezone.localdate(),
            **given,
        )
    except NotReadable as wrong:
        for problem in wrong.problems:
            form.add_error(problem.field if problem.field in form.fields else None, problem.message)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    else:
        messages.success(request, f"{made.name} 的同意书已登记，可以建档。")
        return redirect("consent", made.pk)
    return None


@access(*KEEPERS, Role.REVIEWER)
@require_http_methods(["GET", "POST"])
def consent(request: Any, consent_id: UUID) -> HttpResponse:
    """One consent; POST notes that it was withdrawn."""
    actor, today = request.actor, timezone.localdate()
    row = get_object_or_404(MemberConsent.objects.visible_to(actor).select_related("employer"), id=consent_id)
    may = actor.role in KEEPERS and row.withdrawn_on is None
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"on": today})
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_consent(consent=row, actor=actor, today=today, **form.cleaned_data)
        except AlreadyDone as done:
            messages.info(request, str(done))
            return redirect("consent", row.pk)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已登记撤回：不再填报和报送，已报送的条目将通知平台撤下。")
            return redirect("consent", row.pk)
    journal.look("consent.read", actor=actor, subject=row)
    context = {"row": row, "form": form if may else None}
    return render(request, "archives/consent.html", context, status=422 if form.errors else 200)


@access(*KEEPERS, Role.REVIEWER)
@require_GET
def consent_scan(request: Any, consent_id: UUID) -> HttpResponse:
    """The scan, whole and verified, as a download."""
    row = get_object_or_404(MemberConsent.objects.visible_to(request.actor), id=consent_id)
    try:
        content = private_files.read_all(row.scan)
    except (private_files.Missing, Undecipherable):
        messages.error(request, "扫描件已损坏或找不到，请联系管理员。")
        return redirect("consent", row.pk)
    journal.look("consent.fetched", actor=request.actor, subject=row, data={"sha256": row.scan_sha256})
    name = f"会员同意书.{row.scan.rpartition('.')[2]}"
    response = HttpResponse(content, content_type=row.scan_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
