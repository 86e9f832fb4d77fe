"""The bare list, form and overview of one place: what `benchmarks.places` compares each of the five with."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.office_peer import bare_office  # sets Django up
from benchmarks.peer import LIST, bare_site
from benchmarks.peer import urlpatterns as pages

# ruff: isort: split
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks.people import SETUP

urlpatterns = [path("", bare_office), *pages]


def application() -> WSGIHandler:
    """The peer as a WSGI application, of the place that is set up."""
    setup = json.loads(Path(SETUP).read_text("utf-8"))
    sessions = dict.fromkeys((LIST, f"/records/{setup['part']}/"), setup["session"])
    return bare_site(__name__, sessions | {"/": setup["officer"]})
