"""Pages for the tests of the middleware: the real ones belong to other apps."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.urls import include, path

from agencies.models import Role
from archives.models import Archive
from audit import journal
from credit_platform.urls import handler400, handler403, handler404, handler500  # noqa: F401
from credit_platform.web.access import PUBLIC, SIGNED_IN, access

STAFF = (Role.CLERK, Role.FILLER, Role.OFFICER, Role.REVIEWER)


@access(*STAFF)
def names(request: Any) -> HttpResponse:
    """List what the actor may see; counts it a look."""
    journal.look("archive.listed", actor=request.actor)
    shown = Archive.objects.visible_to(request.actor).order_by("name").values_list("name", flat=True)
    return JsonResponse({"names": list(shown)})


@access(*STAFF)
def one(request: Any, archive_id: str) -> HttpResponse:
    """Show one archive."""
    archive = get_object_or_404(Archive.objects.visible_to(request.actor), id=archive_id)
    return HttpResponse(archive.name)


@access(*STAFF)
def lazily_rendered(request: Any) -> HttpResponse:
    """Read the database while the template renders, after the view has returned."""
    template = engines["django"].from_string("{% for archive in archives %}{{ archive.name }} {% endfor %}")
    return SimpleTemplateResponse(template, {"archives": Archive.objects.visible_to(request.actor)})


def _rename() -> None:
    Archive.objects.filter(name="张封存").update(name="改名")


@access(*STAFF)
def writes_then(request: Any, how: str) -> HttpResponse:
    """Write and look, then end in one of several ways."""
    _rename()
    journal.look("archive.read", actor=request.actor, data={"how": how})
    if how == "raises":
        raise RuntimeError(how)
    if how == "fails while rendering":
        template = engines["django"].from_string("{% for x in fail %}{% endfor %}")
        return SimpleTemplateResponse(template, {"fail": Archive.objects.extra(where=["no_such_column"])})
    return HttpResponse(status=int(how))


@access(*STAFF)
def look_that_cannot_be_written(request: Any) -> HttpResponse:
    """Look in a county that does not exist: the journal's own constraint refuses the line."""
    journal.look("archive.read", actor=request.actor, jurisdiction_id=999999)
    return HttpResponse("secret")


@access(SIGNED_IN)
def outside(request: HttpRequest) -> HttpResponse:
    """Stream rows after the transaction is over."""

    def lines() -> Iterator[str]:
        yield from Archive.objects.values_list("name", flat=True)

    return StreamingHttpResponse(lines())


@access(PUBLIC)
def home(request: HttpRequest) -> HttpResponse:
    """Where signing in leads."""
    return HttpResponse("home")


def undeclared(request: HttpRequest) -> HttpResponse:
    """Say nothing about who may use it."""
    return HttpResponse("open to all")


urlpatterns = [
    path("", home, name="home"),
    path("switch/", home, name="switch"),
    path("names/", names),
    path("archives/<uuid:archive_id>/", one),
    path("lazy/", lazily_rendered),
    path("write/<str:how>/", writes_then),
    path("unwritable/", look_that_cannot_be_written),
    path("stream/", outside),
    path("undeclared/", undeclared),
    path("", include("accounts.urls")),
]
