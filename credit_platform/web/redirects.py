"""Sending people on, also from requests made by htmx, and never to another site."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def send_to(request: HttpRequest, target: str, *args: Any, query: str = "") -> HttpResponse:
    """Redirect a page; tell htmx to load the page instead of swapping it into a fragment."""
    url = resolve_url(target, *args) + (f"?{query}" if query else "")
    if getattr(request, "htmx", False):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = url
        return response
    return redirect(url)


def safe_next(request: HttpRequest, default: str) -> str:
    """Return the `next` parameter if it stays on this site, else the URL of `default`."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    secure = request.is_secure()
    ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=secure)
    if ours and target.startswith("/"):
        return target
    return resolve_url(default)
