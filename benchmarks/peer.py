"""The bare view that ours are compared with: same template, same rows, plain ORM; no session, policy or journal.

Reads the same tables as the backup role, past row-level security, through Django's own PostgreSQL backend and models
without tenancy. What surrounds the rows (navigation, choices of filters) is taken once from our own page, so that both
render the same HTML.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

os.environ.setdefault("CREDIT_INSTANCE", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

import django

django.setup()

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections, models
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.test import Client
from django.test.utils import setup_test_environment, teardown_test_environment
from django.urls import include, path, reverse
from django.utils import timezone

from archives.content import draft_of
from archives.occupations import occupation_of
from archives.schema.forms import RecordForm
from archives.views.record_page import record_rows
from benchmarks.people import SETUP, teachers
from credit_platform.embedded import services

BARE, LIST = "bare", "/archives/"


def _bare(model: str, table: str, /, **columns: models.Field[Any, Any]) -> type[models.Model]:
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "benchmarks"})
    return type(model, (models.Model,), {"__module__": __name__, "Meta": meta, **columns})


Employer: Any = _bare("Employer", "agencies_employer", name=models.CharField(max_length=100))
Part: Any = _bare(
    "Part",
    "archives_recordpart",
    id=models.UUIDField(primary_key=True),
    jurisdiction_id=models.IntegerField(),
    agency_id=models.IntegerField(),
    record_id=models.UUIDField(),
    employer=models.ForeignKey(Employer, models.DO_NOTHING, null=True),
    occupation=models.CharField(max_length=40),
    year=models.IntegerField(),
    name=models.CharField(max_length=50),
    name_sort=models.CharField(max_length=200),
    number_mask=models.CharField(max_length=20),
    status=models.CharField(max_length=10),
    delivery=models.CharField(max_length=10),
    revision=models.IntegerField(),
    values=models.JSONField(),
    typed=models.JSONField(),
    saved_by=models.CharField(max_length=50),
    saved_at=models.DateTimeField(),
)
Event: Any = _bare(
    "Event",
    "audit_event",
    id=models.UUIDField(primary_key=True),
    jurisdiction_id=models.IntegerField(),
    at=models.DateTimeField(),
    verb=models.CharField(max_length=50),
    actor_name=models.CharField(max_length=100),
    subject_id=models.CharField(max_length=40),
)


def bare_list(request: HttpRequest) -> HttpResponse:
    """The first page of the list, as one would write it without tenants."""
    setup = _setup()
    around = surroundings(LIST, setup["session"])
    parts = Part.objects.using(BARE).filter(
        jurisdiction_id=setup["jurisdiction"], agency_id=setup["agency"], occupation="teacher"
    )
    found = list(parts.select_related("employer").order_by("name_sort", "id")[:51])
    rows = [
        {
            "url": reverse("record", args=[part.id]),
            "name": part.name,
            "id_mask": part.number_mask,
            "occupation": "教师",
            "year": part.year,
            "employer": part.employer.name if part.employer else "",
            "status": part.status,
            "delivery_status": part.delivery,
            "updated": timezone.localtime(part.saved_at),
        }
        for part in found[:50]
    ]
    return page("archives/list.html", around | {"rows": rows, "total": parts.count()})


def bare_form(request: HttpRequest, part_id: UUID) -> HttpResponse:
    """The form of one record, as one would write it without tenants."""
    setup = _setup()
    around = surroundings(f"/records/{setup['part']}/", setup["session"])
    part = Part.objects.using(BARE).select_related("employer").get(id=part_id)
    occupation = _occupation()
    draft = draft_of(part, occupation)
    form = RecordForm(occupation=occupation, year=part.year, stage="draft", initial=draft.raw())
    values = {
        n: v for section in draft.record.values() if isinstance(section, dict) for n, v in section.items()
    }
    events = Event.objects.using(BARE).filter(subject_id=str(part.id)).order_by("-at")[:20]
    return page(
        "archives/record.html",
        around
        | {
            "form": form,
            "rows": record_rows(occupation, part.year, form, values, {}),
            "history": [{"at": event.at, "title": event.verb, "by": event.actor_name} for event in events],
        },
    )


urlpatterns = [
    path("archives/", bare_list),
    path("records/<uuid:part_id>/", bare_form),
    path("", include("credit_platform.urls")),  # for the addresses that the pages name
]


def page(template: str, context: dict[str, Any]) -> HttpResponse:
    """Render one of our templates with this context alone."""
    return HttpResponse(get_template(template).template.render(_context(context)))  # type: ignore[attr-defined]


def _context(values: dict[str, Any]) -> Any:
    return django.template.Context(values)  # no context processors: what they give stands in `values`


@functools.cache
def _setup() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(SETUP).read_text("utf-8"))
    return found


@functools.cache
def _occupation() -> Any:
    return occupation_of(teachers(jurisdiction_id=_setup()["jurisdiction"]))


@functools.cache
def surroundings(address: str, session: str) -> dict[str, Any]:
    """Everything that our own page shows around its rows, asked for once, through our whole site."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    answer = client.get(address, HTTP_HOST="127.0.0.1")
    assert answer.status_code == 200, answer.status_code
    context: dict[str, Any] = {}
    for layer in answer.context:
        context.update({k: v for part in layer.dicts for k, v in part.items()})
    return {k: v for k, v in context.items() if k not in ("True", "False", "None")}


def application() -> WSGIHandler:
    """The peer as a WSGI application."""
    setup = _setup()
    return bare_site(__name__, dict.fromkeys((LIST, f"/records/{setup['part']}/"), setup["session"]))


def bare_site(urlconf: str, sessions: Mapping[str, str]) -> WSGIHandler:
    """Return a site of these URLs and none of our middleware, with what surrounds the rows of our own pages at hand:
    `sessions` says in which session each address is asked for."""
    address = urlsplit(services(settings.INSTANCE).backup_url)
    setup_test_environment()  # lets the test client tell the context of a page
    for one, session in sessions.items():
        surroundings(one, session)
    teardown_test_environment()
    settings.MIDDLEWARE = []
    settings.ROOT_URLCONF = urlconf
    django.urls.clear_url_caches()
    connections.databases[BARE] = {
        **connections.databases["default"],
        "ENGINE": "django.db.backends.postgresql",
        "USER": address.username,
        "PASSWORD": unquote(address.password or ""),
        "OPTIONS": {"connect_timeout": 5},
    }
    return WSGIHandler()
