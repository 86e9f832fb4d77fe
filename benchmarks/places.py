"""Five places on one installation, 20,000 archives over them: list, form and office's page against bare views.

`python -m benchmarks.places`. The peer knows one place at a time, ours all five at once.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
from typing import Any

os.environ["CREDIT_INSTANCE"] = "benchplaces"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

from benchmarks.pages import AT_MOST, WORKERS, body, serving, statements, times  # sets Django up

# ruff: isort: split
from agencies.models import Jurisdiction
from benchmarks.office_rows import officer_session, seal_most, vacuum
from benchmarks.people import PACKS, SETUP, fill_up, load_packs, setup_of, teachers
from credit_platform.tenancy.context import PLATFORM

ARCHIVES = 20_000
REQUESTS, OF_THE_OFFICE = 12, 4
Pages = dict[str, tuple[str, str, int]]
"""Name of a page to its address, the session that asks for it, and how often it is asked for."""


def prepare_places() -> dict[str, dict[str, Any]]:
    """Return ids and session keys of each place by its name, filling what isn't there yet."""
    load_packs(*PACKS)
    groups = [
        teachers(jurisdiction=place) for place in Jurisdiction.objects.exclude(id=PLATFORM).order_by("code")
    ]
    assert len(groups) == len(PACKS)
    for group in groups:
        fill_up(group, ARCHIVES // len(PACKS))
        seal_most(group.jurisdiction, group.agency_id)
    vacuum()
    found = {}
    for group in groups:
        place = group.jurisdiction
        setup = setup_of(group, f"clerk.{place.code}")
        found[place.name] = setup | {"officer": officer_session(place, f"officer.{place.code}")}
    return found


def pages_of(setup: dict[str, Any]) -> Pages:
    """Return the pages of a place that are measured."""
    return {
        "list of 50": ("/archives/?occupation=teacher", setup["session"], REQUESTS),
        "form of one": (f"/records/{setup['part']}/", setup["session"], REQUESTS),
        "office": ("/", setup["officer"], OF_THE_OFFICE),
    }


def measure(port: int, setup: dict[str, Any], found: dict[str, list[float]]) -> str:
    """Add the seconds of each page of a place; return the office's table, which both must show alike."""
    for name, (address, session, requests) in pages_of(setup).items():
        times(port, address, session, users=2, requests=4)  # warm
        found.setdefault(name, []).extend(times(port, address, session, users=1, requests=requests))
    return body(port, "/", setup["officer"]).partition(' heat">')[2].partition("</table>")[0]


def main() -> int:
    """Measure, print, and return 1 if a ratio is out of bounds."""
    places = prepare_places()
    ours: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    with serving("credit_platform.wsgi") as port:
        shown = {name: measure(port, setup, ours) for name, setup in places.items()}
    for name, setup in places.items():
        SETUP.write_text(json.dumps(setup), "utf-8")
        with serving("benchmarks.places_peer:application()") as port:
            assert measure(port, setup, bare) == shown[name] != "", f"{name}: both must show the same figures"
        print(f"{name} done", file=sys.stderr)
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    print(
        f"{ARCHIVES:,} archives in {len(places)} places, {WORKERS} gunicorn workers; load of the machine {load}"
    )
    fine = True
    (last,) = list(places.values())[-1:]
    for name, (address, session, _) in pages_of(last).items():
        mine, theirs = (statistics.median(found[name]) * 1000 for found in (ours, bare))
        fine &= mine / theirs <= AT_MOST
        print(
            f"{name}: ours {mine:.1f} ms, bare {theirs:.1f} ms, ratio {mine / theirs:.2f} (at most {AT_MOST}), "
            f"{statements(address, session)} statements"
        )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
