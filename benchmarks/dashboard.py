"""The office's first page at 50,000 archives against a bare view of the same figures.

`python -m benchmarks.dashboard`
"""

from __future__ import annotations

import os
import statistics
import sys

os.environ["CREDIT_INSTANCE"] = "benchoffice"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

from benchmarks.pages import AT_MOST, WORKERS, body, serving, statements, times  # sets Django up

# ruff: isort: split
from benchmarks.office_rows import prepare_office
from benchmarks.people import ARCHIVES

ROUNDS, REQUESTS = 2, 8


def main() -> int:
    """Measure, print, and return 1 if the ratio is out of bounds."""
    session = prepare_office()["officer"]
    found: dict[str, list[float]] = {"ours": [], "peer": []}
    heat: dict[str, str] = {}
    sites = {"ours": "credit_platform.wsgi", "peer": "benchmarks.office_peer:application()"}
    for _ in range(ROUNDS):
        for who, application in sites.items():
            with serving(application) as port:
                times(port, "/", session, users=2, requests=2)  # warm
                heat[who] = body(port, "/", session).partition(' heat">')[2].partition("</table>")[0]
                found[who] += times(port, "/", session, users=1, requests=REQUESTS)
    assert heat["ours"] == heat["peer"] != "", "both must show the same figures"
    one = {who: statistics.median(seconds) * 1000 for who, seconds in found.items()}
    ratio = one["ours"] / one["peer"]
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    print(f"{ARCHIVES:,} archives, {WORKERS} gunicorn workers, milliseconds; load of the machine {load}")
    print(f"ours {one['ours']:.0f}, bare {one['peer']:.0f}, ratio {ratio:.2f} (at most {AT_MOST})")
    print(f"  statements: {statements('/', session)}")
    return 0 if ratio <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
