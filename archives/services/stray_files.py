"""Private files that no row names: what was written and then rolled back, or outlived its row by a crash."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterable
from uuid import UUID

from django.utils import timezone

from agencies.models import Jurisdiction
from archives.models import Evidence, Job, MemberConsent, RosterImport, StampedRoster, Upload
from archives.services.evidence import store_name
from credit_platform import private_files
from credit_platform.tenancy.context import PLATFORM, acting

logger = logging.getLogger(__name__)

GRACE = dt.timedelta(days=1)
"""A file is written before its row is committed; none takes so long."""
MOST, SHARE = 100, 10
"""More stray files than this, and more than every tenth: then rows are missing, not files too many."""
_IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_COLUMNS = (
    (Job, "result"),
    (StampedRoster, "scan"),
    (MemberConsent, "scan"),
    (Upload, "file"),
    (Upload, "answer"),
    (Upload, "remainder"),
    (RosterImport, "file"),
)


def sweep_stray_files() -> int:
    """Remove the files of a day ago and older that no row of any county names; return how many.

    Nothing is removed where so many are stray that rather the database isn't the one that belongs to the files, after
    a restore for instance.
    """
    before = timezone.now() - GRACE
    seen, stray = 0, list[str]()
    for names in private_files.written_before(before):
        seen += len(names)
        stray += _without_rows(names)
    if len(stray) > max(MOST, seen // SHARE):
        logger.error("%d of %d private files belong to no row; none was removed", len(stray), seen)
        return 0
    for name in stray:
        private_files.discard(name)
    private_files.discard_broken_off(before)
    if stray:
        logger.info("%d private files belonged to no row and were removed", len(stray))
    return len(stray)


def _without_rows(names: Iterable[str]) -> set[str]:
    left = set(names)
    for place in Jurisdiction.objects.exclude(id=PLATFORM).values_list("id", flat=True):
        if left:
            with acting(place, "job"):
                left -= _named(left)
    return left


def _named(names: set[str]) -> set[str]:
    """Return those that a row of the acting county names; a file that was taken off belongs to no row any more."""
    ids = [UUID(name) for name in names if _IDS.fullmatch(name)]
    there = Evidence.objects.filter(id__in=ids, removed_at=None).only("id")
    found = {store_name(one) for one in there}
    for model, column in _COLUMNS:
        found.update(model.objects.filter(**{f"{column}__in": names}).values_list(column, flat=True))
    return found
