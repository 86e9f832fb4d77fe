"""From a template to a PDF. Nothing is fetched from anywhere: styles come from `templates/print/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from weasyprint import HTML


class Fetched(RuntimeError):
    """A printed page tried to load something from outside."""


def render(template: str, context: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template. Raises `Fetched` if the page refers to anything outside itself."""
    html = render_to_string(template, dict(context))
    return bytes(HTML(string=html, url_fetcher=_refuse).write_pdf() or b"")


def _refuse(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    raise Fetched(url[:200])
