"""The transaction of a request: around the view and its rendering, on behalf of the one who asks."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from credit_platform.tenancy.context import Context, as_context


class TenantTransactionMiddleware:
    """Innermost middleware: opens the tenant transaction and rolls it back when the answer is a server error.

    `ATOMIC_REQUESTS` would cover the view alone; lazy querysets are read while a template renders, so rendering has
    to happen inside as well. The context is `request.tenant_context`, set by `agencies.middleware`; without one
    (sign-in, static pages) tenant queries raise `NoContext`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside its tenant's transaction."""
        context: Context | None = getattr(request, "tenant_context", None)
        if context is None:
            return self.get_response(request)
        with as_context(context):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
        return response
