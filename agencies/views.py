"""Pages of units: switching, members, employers, the division of responsibilities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.services import MEMBERSHIP
from agencies.context import ShownMembership
from agencies.forms import EmployerForm, MemberForm
from agencies.models import Agency, Employer, Membership, Responsibility, Role
from agencies.services import add_employer, add_member, end_membership, reset_password
from audit.lifecycle import Refused
from credit_platform.web.access import SIGNED_IN, access
from credit_platform.web.keyset import keyset_page

STAFF = (Role.CLERK, Role.REVIEWER, Role.AGENCY_ADMIN, Role.OFFICER)


@access(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def switch(request: Any) -> HttpResponse:
    """Choose in which membership to work."""
    if request.method == "POST":
        chosen = next((m for m in request.memberships if str(m.pk) == request.POST.get("membership")), None)
        if chosen is not None:
            request.session[MEMBERSHIP] = chosen.pk
            list(messages.get_messages(request))  # what was said in the other membership stays there
            messages.success(request, f"现在的身份：{chosen.unit_name} {chosen.role_label}。")
            return redirect("home")
        messages.error(request, "这个身份已不可用，请重新选择。")
        return redirect("switch")
    shown = [ShownMembership(m.pk, str(m), current=False) for m in request.memberships]
    return render(request, "accounts/switch.html", {"memberships": shown})


@access(*STAFF)
@require_GET
def responsibilities(request: Any) -> HttpResponse:
    """The division of responsibilities (AY-09)."""
    rows = Responsibility.objects.visible_to(request.actor).select_related("agency")
    return render(request, "agencies/responsibilities.html", {"rows": rows})


@access(Role.AGENCY_ADMIN)
@require_http_methods(["GET", "POST"])
def members(request: Any) -> HttpResponse:
    """List the agency's people, and add one. A new account's password is shown once, on this page only."""
    actor = request.actor
    form = MemberForm(request.POST or None, actor=actor)
    new: dict[str, str] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            membership, password = add_member(
                **form.cleaned_data, agency=Agency.objects.get(id=actor.agency_id), actor=actor
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            new = {"name": membership.user.display_name, "username": membership.user.username}
            new["password"] = password or ""
            form = MemberForm(actor=actor)
    return _members_page(request, form, new)


@access(Role.AGENCY_ADMIN)
@require_POST
def member_end(request: Any, membership_id: int) -> HttpResponse:
    """End a membership."""
    membership = get_object_or_404(Membership.objects.visible_to(request.actor), pk=membership_id)
    try:
        end_membership(membership=membership, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{membership.user.display_name} 的任职已结束，立即生效。")
    return redirect("members")


@access(Role.AGENCY_ADMIN)
@require_POST
def member_reset(request: Any, membership_id: int) -> HttpResponse:
    """Give a member a new one-time password."""
    membership = get_object_or_404(
        Membership.objects.visible_to(request.actor).current().select_related("user", "agency"),
        pk=membership_id,
    )
    try:
        password = reset_password(membership=membership, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("members")
    user = membership.user
    new = {"name": user.display_name, "username": user.username, "password": password, "reset": "1"}
    return _members_page(request, MemberForm(actor=request.actor), new)


@access(Role.AGENCY_ADMIN)
@require_http_methods(["GET", "POST"])
def employers(request: Any) -> HttpResponse:
    """List the agency's employers, and add one."""
    actor = request.actor
    form = EmployerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            employer = add_employer(
                **form.cleaned_data, agency=Agency.objects.get(id=actor.agency_id), actor=actor
            )
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"已添加“{employer.name}”。")
            return redirect("employers")
    page = keyset_page(request, Employer.objects.visible_to(actor), order="name")
    context = {"form": form, "rows": page.rows, "pager": page}
    return render(request, "agencies/employers.html", context, status=422 if form.errors else 200)


def _members_page(request: Any, form: MemberForm, new: dict[str, str] | None) -> HttpResponse:
    actor = request.actor
    rows = Membership.objects.visible_to(actor).select_related("user", "employer", "agency", "jurisdiction")
    page = keyset_page(request, rows, order="started_at", descending=True)
    shown = [
        {
            "membership": m,
            "started": timezone.localtime(m.started_at),
            "active": m.ended_at is None and m.user.is_active,
            "own": m.user_id == actor.user_id,
        }
        for m in page.rows
    ]
    context = {"form": form, "rows": shown, "pager": page, "new": new}
    return render(request, "agencies/members.html", context, status=422 if form.errors else 200)
