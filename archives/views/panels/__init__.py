"""What stands below the form of a record: items, evidence, the procedure of a determination, other writers.

Each panel is a module with `panel(request, part, occupation)`, which returns the context of its own template
(`template` names it) or None where there is nothing to show to this reader.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agencies.requests import ActingRequest
from archives.models import RecordPart
from archives.schema.occupations import Occupation
from archives.views.panels import evidence, items, proceeding, writers

Panel = Callable[[ActingRequest, RecordPart, type[Occupation]], dict[str, Any] | None]
PANELS: tuple[Panel, ...] = (items.panel, evidence.panel, proceeding.panel, writers.panel)
"""In the order of the page."""


def panels_of(request: ActingRequest, part: RecordPart, occupation: type[Occupation]) -> list[dict[str, Any]]:
    """Return the contexts of the panels that have something to show."""
    return [found for panel in PANELS if (found := panel(request, part, occupation)) is not None]
