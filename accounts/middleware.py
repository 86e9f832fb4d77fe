"""Idle time-out, lock and forced change of password: before anything else is asked."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts import services
from accounts.models import User
from credit_platform.web.redirects import send_to, send_to_sign_in

ALWAYS = frozenset({"sign-in", "sign-out", "set-size", "health"})
WHILE_LOCKED = ALWAYS | {"lock"}
WHILE_PASSWORD_IS_DUE = ALWAYS | {"password", "lock", "keep-alive"}
_EVERY_SECONDS = 60


class SessionGuardMiddleware:
    """Ends idle sessions, keeps locked ones shut, and asks for a new password where one is due."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or send to the page that has to come first."""
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        now, page = timezone.now().timestamp(), _page_name(request)
        if now - request.session.get(services.SEEN, 0) > settings.IDLE_SECONDS:
            services.sign_out(request, reason="长时间未操作")
            return send_to_sign_in(request, page=page, query="expired=1")
        if request.session.get(services.LOCKED) and page not in WHILE_LOCKED:
            return send_to(request, "lock")
        if user.must_change_password and page not in WHILE_PASSWORD_IS_DUE:
            return send_to(request, "password")
        self._mark_seen(request, now)
        return self.get_response(request)

    def _mark_seen(self, request: HttpRequest, now: float) -> None:
        # A page that polls for progress must not keep a deserted session alive.
        polling = request.headers.get("X-Background") == "1"
        if not polling and now - request.session[services.SEEN] > min(
            _EVERY_SECONDS, settings.IDLE_SECONDS / 4
        ):
            request.session[services.SEEN] = now


def _page_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""
