"""承接单位事务: who of an agency sees to what a merged agency has left unsettled."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agencies.models import Agency, Membership, Role
from agencies.settling import SETTLERS, appoint_settler, dismiss_settler, predecessors_of, settlers_of
from audit.lifecycle import Refused
from credit_platform.actors import Actor
from credit_platform.web.access import access


class SettlerForm(forms.Form):
    """Who is to work in whose place."""

    predecessor = forms.ModelChoiceField(
        label="已并入的单位",
        queryset=Agency.objects.none(),
        empty_label=None,
        error_messages={
            "required": "请选择已并入的单位。",
            "invalid_choice": "只能选择已并入本单位的单位，请重新选择。",
        },
    )
    member = forms.ModelChoiceField(
        label="办理人员",
        queryset=Membership.objects.none(),
        empty_label="请选择",
        help_text="本单位在任的经办人、审核人；角色与在本单位的相同。录入和确认须由两个人办理。",
        error_messages={
            "required": "请选择办理人员。",
            "invalid_choice": "请从本单位在任的经办人、审核人中选择。",
        },
    )

    def __init__(self, *args: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*args, **options)
        fields: dict[str, Any] = self.fields
        fields["predecessor"].queryset = Agency.objects.filter(
            pk__in=[one.pk for one in predecessors_of(actor)]
        )
        own = Membership.objects.visible_to(actor).current().filter(role__in=SETTLERS)
        fields["member"].queryset = own.select_related("user", "jurisdiction", "agency", "employer")
        fields["member"].label_from_instance = lambda one: f"{one.user.display_name}（{one.role_label}）"


@access(Role.AGENCY_ADMIN)
@require_http_methods(["GET", "POST"])
def settlers(request: Any) -> HttpResponse:
    """List who works in the place of agencies that were merged into this one, and let further members do so."""
    actor = request.actor
    form = SettlerForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_valid():
        try:
            settler = appoint_settler(**form.cleaned_data, actor=actor)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            name, unit = settler.user.display_name, settler.agency
            messages.success(request, f"{name} 现在可以办理{unit}的事务：登录后在“切换身份”中选择。")
            return redirect("settlers")
    rows = [{"member": one, "since": timezone.localtime(one.started_at)} for one in settlers_of(actor)]
    context = {"form": form, "predecessors": predecessors_of(actor), "rows": rows}
    return render(request, "agencies/settlers.html", context, status=422 if form.errors else 200)


@access(Role.AGENCY_ADMIN)
@require_POST
def settler_end(request: Any, membership_id: int) -> HttpResponse:
    """End such work; who is not of this agency's predecessors is not found."""
    known = Membership.objects.filter(pk__in=[one.pk for one in settlers_of(request.actor)])
    settler = get_object_or_404(known.select_related("user", "agency"), pk=membership_id)
    try:
        dismiss_settler(settler=settler, actor=request.actor)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{settler.user.display_name} 不再办理{settler.agency}的事务，立即生效。")
    return redirect("settlers")
