"""Puts the actor on the request and lets nobody into a view that does not name the actor's role."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from accounts.services import LOCKED
from agencies.actors import resolve_actor
from audit import journal
from credit_platform.web.access import PUBLIC, SIGNED_IN, declared
from credit_platform.web.errors import render_error
from credit_platform.web.redirects import send_to, send_to_sign_in

logger = logging.getLogger(__name__)


class ActorMiddleware:
    """Sets `request.actor`, `request.memberships` and `request.tenant_context`, and checks `@access`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        """Find out who acts, then answer."""
        request.actor, request.memberships, request.tenant_context = None, [], None
        if request.user.is_authenticated and not request.session.get(LOCKED):
            request.actor, request.memberships = resolve_actor(request)
            request.tenant_context = request.actor.context if request.actor else None
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., Any], args: Any, options: Any
    ) -> HttpResponse | None:
        """Let the request through, or answer it here: sign in first, choose a unit, or 403."""
        roles = declared(view)
        if not roles:
            logger.error("view %s declares no access", getattr(view, "__qualname__", view))
            return render_error(request, 403)
        if PUBLIC in roles:
            return None
        if not request.user.is_authenticated:
            return send_to_sign_in(request, page=request.resolver_match.url_name or "", query=_next(request))
        if SIGNED_IN in roles:
            return None
        if request.actor is None:
            return send_to(request, "switch")
        if request.actor.role not in roles:
            denied = {"view": getattr(view, "__name__", ""), "path": request.path[:200]}
            journal.look("access.denied", actor=request.actor, success=False, data=denied)
            return render_error(request, 403)
        return None


def _next(request: HttpRequest) -> str:
    return (
        urlencode({"next": request.get_full_path()})
        if request.method == "GET" and request.path != "/"
        else ""
    )
