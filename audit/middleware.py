"""No page leaves the house before its looks are in the journal."""

import logging
from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest, HttpResponse

from audit import journal
from credit_platform.web.errors import render_error

logger = logging.getLogger(__name__)


class AccessJournalMiddleware:
    """Writes the looks of a request in a transaction of their own; if that fails, the page is withheld (503)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then journal, then let the answer go."""
        with journal.collecting() as looks:
            response = self.get_response(request)
        if looks:
            try:
                journal.write_looks(looks)
            except Error:
                logger.exception("access journal could not be written; page withheld")
                return render_error(request, 503)
        return response
