"""Packs that are changed, and what is done under them."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from agencies.models import Responsibility, Role
from archives.models import Outbox, Version, VersionBody
from archives.services.people import open_archive
from credit_platform.tenancy.context import acting
from tests.agencies.test_places import clerk_of
from tests.archives.flow import acting_as, confirm, hand_on, save
from tests.factories import id_number

ANYANG = 410522


def change(folder: Path, name: str, *pairs: tuple[str, str]) -> None:
    path = folder / f"{name}.toml"
    text = path.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, "utf-8")


def group(code: str, place: int = ANYANG, agency: str = "") -> Responsibility:
    rows = Responsibility.objects.select_related("agency", "jurisdiction", "successor")
    found = rows.filter(jurisdiction_id=place, occupation=code)
    return found.get(agency__code=agency) if agency else found.get()


def sealed_teacher() -> Version:
    """A teacher of Anyang without employer, so that the print names the agency."""
    teacher, today = group("teacher"), timezone.localdate()
    clerk, reviewer = clerk_of(teacher), clerk_of(teacher, Role.REVIEWER)
    with acting_as(clerk) as who:
        raw = {"name": "王小明", "document_number": id_number()}
        part = open_archive(
            responsibility=teacher, employer=None, raw=raw, year=today.year, actor=who, today=today
        )
    return confirm(hand_on(save(part, by=clerk).part, by=clerk), by=reviewer)


def everything_sealed() -> str:
    with acting(ANYANG, "job"):
        rows = [list(model.objects.order_by("pk").values()) for model in (Version, VersionBody, Outbox)]
    return json.dumps(rows, default=str, sort_keys=True)


RENAMED = (
    ('name = "县教育局"', 'name = "县教育体育局"'),
    ('label = "教师"', 'label = "教职人员"'),
    ('version = "2022-5"', 'version = "2027-1"'),
    ('record = "annual", due_day = 5', 'record = "monthly", due_day = 9'),
    ('value = "03-31"', 'value = "02-28"'),
)


def told(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("pack", *arguments, stdout=out)
    return out.getvalue().splitlines()
