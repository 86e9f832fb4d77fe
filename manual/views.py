"""The pages of the manual, open to everybody: they say how things are done and hold nobody's data."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from credit_platform.web.access import PUBLIC, access
from manual.chapters import Chapter, chapters_for


@access(PUBLIC)
@require_GET
def manual(request: HttpRequest) -> HttpResponse:
    """List the chapters, the reader's own first."""
    role = _role(request)
    return render(request, "manual/index.html", {"chapters": chapters_for(role), "role": role})


@access(PUBLIC)
@require_GET
def chapter(request: HttpRequest, chapter: Chapter) -> HttpResponse:
    """Show one chapter."""
    return render(request, chapter.template, {"chapter": chapter, "chapters": chapters_for(_role(request))})


def _role(request: HttpRequest) -> str:
    actor = getattr(request, "actor", None)
    return "" if actor is None else str(actor.role)
