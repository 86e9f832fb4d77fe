"""The demonstration's identity service: nearly everybody matches, and what a mismatch looks like can be tried.

The pack of the demonstration names no service, because its document asks for none; this one is there to be seen.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from agencies.models import Jurisdiction
from archives.models import Archive, IdentityService, RecordPart
from archives.states import Status
from credit_platform import crypto
from credit_platform.keys import DEMO_SERVICE
from credit_platform.tenancy.context import acting

MISMATCHED = 2
"""Teachers under whose number the population database of the demonstration has another name."""
OTHER_NAME = "另一姓名"


def connect_service(place: Jurisdiction) -> None:
    """Give the place of the demonstration a service to ask."""
    IdentityService.objects.get_or_create(
        jurisdiction=place,
        code=DEMO_SERVICE,
        defaults={"name": "人口信息核验服务（演示）", "clause": "演示", "per_second": 20},
    )


def write_register(place: Jurisdiction, path: Path) -> None:
    """Write what the service knows: a few drafts of the last school under another name; of all others it says match."""
    with acting(place.pk, "job"):
        drafts = RecordPart.objects.filter(occupation="teacher", status=Status.DRAFT, current_version=0)
        chosen = drafts.order_by("-employer_id", "id").values_list("record__archive_id", flat=True)[
            :MISMATCHED
        ]
        archives = list(Archive.objects.filter(id__in=list(chosen)).order_by("id"))
    lines = io.StringIO()
    for archive in archives:
        number = crypto.decrypt(archive.number, purpose="archive.number")
        csv.writer(lines).writerow([archive.document_type, number, OTHER_NAME])
    path.touch(mode=0o600)
    path.write_text(lines.getvalue(), "utf-8")
