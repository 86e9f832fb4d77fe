"""Pages of units: switching, members, employers, the division of responsibilities."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.services import MEMBERSHIP
from agencies.actors import groups_held
from agencies.context import ShownMembership
from agencies.forms import EmployerForm, GroupsForm, MemberForm
from agencies.models import Agency, Employer, Membership, Responsibility, Role
from agencies.services import add_employer, add_member, end_membership, give_groups, reset_password
from agencies.settling import predecessors_of
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
    found = Responsibility.objects.visible_to(request.actor).select_related("agency", "successor")
    office = request.actor.role == Role.OFFICER
    rows = [
        {"row": row, "state": _state(row), "moved": office and row.ended_on and row.successor_id}
        for row in found.order_by("position", "pk")
    ]
    return render(request, "agencies/responsibilities.html", {"rows": rows})


def _state(row: Responsibility) -> str:
    """Say where a group stands in the roll-out (AY-01, PD-40)."""
    if row.undecided:
        return "建档对象或者依据尚未确定，由信用工作机构确定后开放"
    if row.ended_on is not None:
        to = f"，由{row.successor.name}承接" if row.successor else ""
        return f"{row.ended_on:%Y-%m-%d} 起职责调整{to}"
    if row.awaits:
        return "尚未开放，由信用工作机构确定开放日期"
    if row.opens_on is None:
        return "已开放建档"
    opened = row.is_open(timezone.localdate())
    return f"{row.opens_on:%Y-%m-%d} 起开放建档" if opened else f"尚未开放，{row.opens_on:%Y-%m-%d} 起建档"


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
def member_groups(request: Any, membership_id: int) -> HttpResponse:
    """Let a member handle further groups."""
    actor = request.actor
    handling = Membership.objects.visible_to(actor).current().exclude(role=Role.AGENCY_ADMIN)
    membership = get_object_or_404(handling.select_related("user", "agency", "employer"), pk=membership_id)
    held = groups_held(membership)
    given = request.POST if request.method == "POST" else None
    form = GroupsForm(given, actor=actor, held=[row.pk for row in held])
    if form.is_valid():
        try:
            new = give_groups(membership=membership, actor=actor, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            labels = "、".join(row.label for row in new)
            messages.success(request, f"{membership.user.display_name} 现在可以办理：{labels}。")
            return redirect("members")
    context = {"form": form, "membership": membership, "held": held}
    return render(request, "agencies/member_groups.html", context, status=422 if form.errors else 200)


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
    merged = bool(predecessors_of(actor))
    context = {"form": form, "rows": shown, "pager": page, "new": new, "merged": merged}
    return render(request, "agencies/members.html", context, status=422 if form.errors else 200)
