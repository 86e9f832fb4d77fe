"""Sending people on, also from requests made by htmx, and never to another site."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

FORM_PAGES = frozenset(
    {
        "archive-find",
        "archive-open",
        "archive-picked",
        "archive-reuse",
        "association-new",
        "batch",
        "check",
        "consent",
        "consent-new",
        "delivery-now",
        "employers",
        "filing",
        "group-change",
        "group-new",
        "group-open",
        "group-succession",
        "handover",
        "identity",
        "identity-claim",
        "item",
        "item-add",
        "item-import",
        "item-reason",
        "job",
        "lock",
        "member-groups",
        "members",
        "settlers",
        "nil-return",
        "nil-return-sign",
        "notice-mail",
        "pair",
        "pair-list",
        "password",
        "proceeding",
        "record",
        "record-identity",
        "record-check",
        "record-reason",
        "record-reuse",
        "record-transfer",
        "record-unmask",
        "review-confirm",
        "roster-add",
        "roster-entry",
        "roster-find",
        "roster-import",
        "roster-import-list",
        "roster-unmask",
        "stamped-roster-list",
        "sign-in",
        "stamped-roster",
        "switch",
        "transfer",
        "transfer-propose",
        "upload",
        "upload-list",
        "waiting",
        "workbook-out",
    }
)
"""URL names that answer GET with the form they take by POST."""
NOTHING_TYPED = frozenset({"keep-alive", "lock", "set-size", "sign-in", "sign-out"})
"""URL names whose POST carries nothing that could be missed after signing in again."""


def send_to(request: HttpRequest, target: str, *args: Any, query: str = "") -> HttpResponse:
    """Redirect a page; tell htmx to load the page instead of swapping it into a fragment."""
    url = resolve_url(target, *args) + (f"?{query}" if query else "")
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)


def send_to_sign_in(request: HttpRequest, *, page: str, query: str = "") -> HttpResponse:
    """Ask somebody who is not signed in, or not any more, to sign in; `page` is the URL name asked for.

    A fragment gets 401 and no way on, so that the page keeps what was typed into it. A posted form is lost: the
    sign-in page says so, and leads back to the form.
    """
    if getattr(request, "htmx", False):
        return HttpResponse("登录已过期，请重新登录。", status=401, content_type="text/plain; charset=utf-8")
    if request.method != "POST" or page in NOTHING_TYPED:
        return send_to(request, "sign-in", query=query)
    messages.warning(request, "登录已过期，刚才提交的内容没有保存，请重新登录后再填。")
    back = request.path if page in FORM_PAGES else "/"
    return send_to(request, "sign-in", query=urlencode({"next": back}))


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the `next` parameter if it stays on this site, else the URL of `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    secure = request.is_secure()
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=secure)
    if ours and target.startswith("/"):
        return target
    return resolve_url(default)
