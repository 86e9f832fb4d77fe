"""The office opens a person's record only for a reason, which the journal keeps (GZ-13).

`ReasonMiddleware` stands before every page that names one record, dated fact or piece of evidence in its address, so
that no page can forget to ask. A reason holds for that record, in this session, for half an hour.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from agencies.models import Agency, Role
from archives.models import Item, RecordPart
from archives.occupations import occupations_of
from archives.selectors import evidence_visible_to, item_or_404, part_or_404, parts_visible_to
from credit_platform.actors import Actor
from credit_platform.web.access import access
from credit_platform.web.errors import render_error
from credit_platform.web.redirects import safe_next, send_to

HOLDS = dt.timedelta(minutes=30)
MOST = 40
"""Records with a reason that one session remembers."""
REASON_PAGES = frozenset({"record-reason", "item-reason"})
Subject = RecordPart | Item
_SESSION = "reasons"
_NUMBER = re.compile(r"[0-9０-９]{15}")
REASONS = (
    ("filing", "备案形式审查"),
    ("complaint", "投诉、举报核查"),
    ("objection", "异议申请、信用修复办理"),
    ("inspection", "监督检查、审计"),
    ("superior", "上级部门交办"),
    ("other", "其他（请在说明中写明）"),
)


class ReasonForm(forms.Form):
    """Why the record is opened; `reasons` are those to choose from."""

    reasons: ClassVar[tuple[tuple[str, str], ...]] = REASONS
    code = forms.ChoiceField(
        label="查看事由",
        error_messages={"required": "请选择查看事由。", "invalid_choice": "没有这个事由，请从列表中选择。"},
    )
    text = forms.CharField(
        label="具体说明",
        max_length=200,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明办理的事项或文号，例如“2026 年教师备案抽查”。请不要填写证件号码。",
        error_messages={
            "required": "请写明具体事项。",
            "max_length": "最多 200 个字，请精简后重新填写。",
            "null_characters_not_allowed": "含有无法识别的字符，请重新填写。",
        },
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["code"]
        field.choices = [("", "请选择"), *self.reasons]

    def clean_text(self) -> str:
        """Refuse what looks like the number of a document: the reason is read by many."""
        text: str = self.cleaned_data["text"]
        if _NUMBER.search(text):
            raise forms.ValidationError("请不要填写证件号码，改写为事项名称或文号。", code="number")
        return text

    def sentence(self) -> str:
        """Return the reason as the journal keeps it."""
        return f"{dict(self.reasons)[self.cleaned_data['code']].split('（')[0]}：{self.cleaned_data['text']}"


class ReasonMiddleware:
    """Sends an officer who has not said why to the page that asks; everybody else passes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; the question is asked in `process_view`."""
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., Any], args: Any, options: dict[str, Any]
    ) -> HttpResponse | None:
        """Ask for the reason, or let the request through with it. Raises `Http404` for what the office may not see."""
        actor = getattr(request, "actor", None)
        if actor is None or actor.kind != "office" or request.resolver_match.url_name in REASON_PAGES:
            return None
        reason = reason_given(request, str(options.get("part_id")))
        subject = None if reason else _subject_of(actor, options)
        if reason or (subject and (reason := reason_given(request, *_keys(actor, subject)))):
            request.actor = dataclasses.replace(actor, purpose=reason)
            return None
        if subject is None:
            return None
        if request.method not in ("GET", "HEAD"):
            return render_error(request, 403)  # the office reads records, and has no form to send
        query = urlencode({"next": request.get_full_path()})
        page = "record-reason" if isinstance(subject, RecordPart) else "item-reason"
        return send_to(request, page, subject.pk, query=query)


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def record_reason(request: Any, part_id: UUID) -> HttpResponse:
    """Ask why a record is opened, and remember it."""
    return _ask(request, part_or_404(request.actor, part_id), reverse("record", args=[part_id]))


@access(Role.OFFICER)
@require_http_methods(["GET", "POST"])
def item_reason(request: Any, item_id: UUID) -> HttpResponse:
    """Ask why a dated fact is opened, and remember it."""
    return _ask(request, item_or_404(request.actor, item_id), reverse("item", args=[item_id]))


def _ask(request: Any, subject: Subject, url: str) -> HttpResponse:
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _remember(request, subject, form.sentence())
        return redirect(safe_next(request, url))
    agency = Agency.objects.get(id=subject.agency_id)
    label = occupations_of(subject.jurisdiction_id)[subject.agency_id, subject.occupation].label
    context = {
        "form": form,
        "next": safe_next(request, url),
        "subject": f"{subject.name} · {subject.year} 年度{label}信用档案（{agency.name}）",
    }
    return render(request, "archives/reason.html", context, status=422 if form.errors else 200)


def reason_given(request: Any, *keys: str) -> str:
    """Return why something may be looked at in this session just now, or nothing."""
    held, now = request.session.get(_SESSION, {}), timezone.now().timestamp()
    return next((str(held[key][0]) for key in keys if key in held and held[key][1] > now), "")


def _remember(request: Any, subject: Subject, reason: str) -> None:
    now = timezone.now()
    held = {key: kept for key, kept in request.session.get(_SESSION, {}).items() if kept[1] > now.timestamp()}
    held.pop(str(subject.pk), None)
    latest = list(held.items())[-(MOST - 1) :]
    request.session[_SESSION] = {**dict(latest), str(subject.pk): (reason, (now + HOLDS).timestamp())}


def _subject_of(actor: Actor, options: dict[str, Any]) -> Subject | None:
    """Return the record or dated fact that an address is about; evidence belongs to one of them."""
    part_id, item_id = options.get("part_id"), options.get("item_id")
    if evidence_id := options.get("evidence_id"):
        row = evidence_visible_to(actor).filter(id=evidence_id).values_list("part_id", "item_id").first()
        part_id, item_id = row or (None, None)
    if part_id is not None:
        return part_or_404(actor, part_id)
    return None if item_id is None else item_or_404(actor, item_id)


def _keys(actor: Actor, subject: Subject) -> list[str]:
    """A reason for the record of a year covers the dated facts that it shows."""
    if isinstance(subject, RecordPart):
        return [str(subject.pk)]
    same = {"record__archive_id": subject.archive_id, "year": subject.year}
    parts = parts_visible_to(actor).filter(**same).values_list("id", flat=True)
    return [str(subject.pk), *(str(part) for part in parts)]
