"""Error pages: what happened, what to do, a way on. They use neither database nor context processors, because
the error may come from either.

In the root URL configuration: ``handler400 = "credit_platform.web.errors.handler400"`` and so on; the setting
``CSRF_FAILURE_VIEW`` names `csrf_failure`.
"""

import logging
import secrets
from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template import loader

from credit_platform.web.size import is_large

log = logging.getLogger(__name__)

PAGES = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503})
"""Statuses that have a page `errors/<status>.html`."""

_LAST_RESORT = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>系统出错</title>'
    "<h1>系统出错，没有办成</h1><p>请稍后重试。仍然不行的，请联系管理员，编号 {}。</p>"
    '<p><a href="/">回工作台</a></p></html>'
)


def render_error(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    """Answer with the page of a status in `PAGES`. `context` may carry `site_name`, `error_id`, and for 429
    `minutes` (how long to wait)."""
    if status not in PAGES:
        raise ValueError(f"no error page for status {status}")
    return _page(request, f"errors/{status}.html", status, context)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is stale or missing; the reason goes to the log, not to the reader."""
    log.warning("CSRF refused on %s: %s", request.path, reason)
    return _page(request, "errors/csrf.html", 403, {})


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what could not be understood, and separately what was too large."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent)
    return render_error(request, 413 if too_large else 400)


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what this identity may not do."""
    return render_error(request, 403)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what does not exist, or not for this identity: both look the same."""
    return render_error(request, 404)


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours, with a number that is also in the log."""
    error_id = secrets.token_hex(3).upper()
    log.error("error %s on %s %s", error_id, request.method, request.path)
    try:
        return render_error(request, 500, error_id=error_id)
    except Exception:
        # The page itself is broken (no template, no static manifest): still say something.
        log.exception("error page 500 could not be rendered")
        return HttpResponse(_LAST_RESORT.format(error_id), status=500)


class ErrorPageMiddleware:
    """Gives bare refusals without a body (405 of `require_POST`, 413, 429 …) their page; headers stay."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, filling an empty error response for whoever accepts HTML."""
        response = self.get_response(request)
        if response.status_code not in PAGES or response.streaming or response.content:
            return response
        if not request.accepts("text/html"):
            return response
        page = render_error(request, response.status_code)
        response.content = page.content
        response["Content-Type"] = page["Content-Type"]
        response["Content-Length"] = str(len(page.content))
        return response


def _page(request: HttpRequest, template: str, status: int, context: dict[str, object]) -> HttpResponse:
    values = {"large": is_large(request), "error_id": getattr(request, "error_id", ""), **context}
    return HttpResponse(loader.get_template(template).render(values), status=status)
