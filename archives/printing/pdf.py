"""From templates to PDF. Nothing is fetched from anywhere, and a character that no font has stops the print."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import get_ident
from typing import Any

from django.template.loader import render_to_string
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

_NOTHING = URLFetcher(allowed_protocols=(), fail_on_errors=True)
_MISSING = re.compile(r"U\+([0-9A-F]{4,6})")


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

    `done` is told how many are laid out. Short documents joined at the end are laid out faster than one long one, and
    the style sheet is read once. Raises as `render`.
    """
    pages: list[Any] = []
    first: Document | None = None
    with _whole_text():
        for number, context in enumerate(contexts, 1):
            html = render_to_string(template, dict(context))
            document = HTML(string=html, url_fetcher=_NOTHING).render(
                stylesheets=[_style(style)], font_config=_fonts()
            )
            first = first or document
            pages += document.pages
            if done is not None:
                done(number)
        return b"" if first is None else bytes(first.copy(pages).write_pdf() or b"")


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
