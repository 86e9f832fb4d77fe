"""From templates to PDF. Nothing is fetched from anywhere, and a character that no font has stops the print."""

from __future__ import annotations

import gc
import io
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import get_ident
from typing import Any

from django.template.loader import render_to_string
from pypdf import PdfWriter
from weasyprint import CSS, HTML, Document
from weasyprint.document import Page
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from credit_platform.memory import collecting_by_hand

_NOTHING = URLFetcher(allowed_protocols=(), fail_on_errors=True)
_MISSING = re.compile(r"U\+([0-9A-F]{4,6})")
VOLUME = 200
"""Pages that are written out together. A page that is laid out takes some 0.4 MB until it is written, so thousands of
them would take more memory than a worker has."""


class MissingGlyph(RuntimeError):
    """No installed font has these characters: the print would show boxes instead of them."""

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters = "".join(sorted(set(characters)))
        super().__init__(f"no font has {', '.join(f'U+{ord(c):04X}' for c in self.characters)}")


def render(template: str, context: Mapping[str, Any]) -> bytes:
    """Return the PDF of a template that brings its own style. Raises `MissingGlyph`."""
    with _whole_text():
        html = render_to_string(template, dict(context))
        return bytes(HTML(string=html, url_fetcher=_NOTHING).write_pdf(font_config=_fonts()) or b"")


def render_many(
    template: str,
    contexts: Iterable[Mapping[str, Any]],
    *,
    style: str,
    done: Callable[[int], None] | None = None,
) -> bytes:
    """Return one PDF of several renderings of a template, in order; `style` is the template of their style sheet.

    Every rendering begins on the front of a sheet. `done` is told how many are laid out. Short documents are laid out
    faster than one long one, the style sheet is read once, and every `VOLUME` pages are written out, so that memory
    does not grow with the number of people.
    Raises as `render`; what `done` raises goes through.
    """
    volumes: list[bytes] = []
    documents: list[Document] = []
    with _whole_text(), collecting_by_hand():
        for number, context in enumerate(contexts, 1):
            html = render_to_string(template, dict(context))
            made = HTML(string=html, url_fetcher=_NOTHING)
            documents.append(made.render(stylesheets=[_style(style)], font_config=_fonts()))
            if sum(len(document.pages) for document in documents) >= VOLUME:
                volumes.append(_written(documents))
                documents.clear()
                gc.collect()
            if done is not None:
                done(number)
        if documents:
            volumes.append(_written(documents))
    return _bound(volumes)


def _written(documents: list[Document]) -> bytes:
    """Write documents one after the other; each begins on a sheet of its own, also when both sides are printed on."""
    pages = []
    for document in documents:
        pages += [*document.pages, *(_empty_page() if len(document.pages) % 2 else [])]
    return bytes(documents[0].copy(pages).write_pdf() or b"")


def _empty_page() -> list[Page]:
    size = CSS(string="@page { size: A4 }", url_fetcher=_NOTHING)
    return list(HTML(string="<html></html>", url_fetcher=_NOTHING).render(stylesheets=[size]).pages)


def _bound(volumes: list[bytes]) -> bytes:
    if len(volumes) < 2:
        return b"".join(volumes)
    whole, file = PdfWriter(), io.BytesIO()
    for volume in volumes:
        whole.append(io.BytesIO(volume))
    whole.write(file)
    return file.getvalue()


@lru_cache(maxsize=1)
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@lru_cache(maxsize=4)
def _style(template: str) -> CSS:
    return CSS(string=render_to_string(template), font_config=_fonts(), url_fetcher=_NOTHING)


class _Listener(logging.Handler):
    """Hears the layout engine say that it had to draw a box instead of a character, in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.characters: set[str] = set()
        self._thread = get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the characters that a warning names."""
        if record.thread == self._thread and "notdef" in record.getMessage():
            self.characters |= {chr(int(code, 16)) for code in _MISSING.findall(record.getMessage())}


@contextmanager
def _whole_text() -> Iterator[None]:
    listener, logger = _Listener(), logging.getLogger("weasyprint")
    logger.addHandler(listener)
    try:
        yield
    finally:
        logger.removeHandler(listener)
    if listener.characters:
        raise MissingGlyph(listener.characters)
