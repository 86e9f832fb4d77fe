"""An association and a member of it who consented."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Membership, Responsibility
from archives.models import MemberConsent, RecordPart
from archives.schema.members import MEMBERS
from archives.services.consents import withdraw_consent
from archives.services.people import open_archive
from tests.archives.flow import acting_as, opened, rows_of
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()
NAME = "王小明"


@pytest.fixture
def unit(county: County) -> Unit:
    """An association in the place of the first unit: its group is that of its members."""
    unit = county.education
    unit.agency.association = True
    unit.agency.save()
    row = unit.responsibility
    row.occupation, row.label, row.encouraged, row.clause = MEMBERS, "行业协会、商会会员", True, "GZ-11"
    row.save()
    return unit


@pytest.fixture
def number() -> str:
    return id_number()


@pytest.fixture
def part(unit: Unit, number: str) -> RecordPart:
    """A member's draft, with consent to delivery."""
    return opened(unit, name=NAME, number=number)


def consent_in(county: County) -> MemberConsent:
    (row,) = rows_of(MemberConsent, county.id)
    assert isinstance(row, MemberConsent)
    return row


def withdrawn(county: County, unit: Unit, **more: Any) -> MemberConsent:
    with acting_as(unit.clerk) as who:
        given = {"on": TODAY, "reason": ""} | more
        return withdraw_consent(consent=consent_in(county), actor=who, today=TODAY, **given)


def opening(unit: Unit, number: str, *, by: Membership | None = None, **more: Any) -> RecordPart:
    """Open the archive of a member whose consent, if any, is recorded; without `by` the unit's clerk does it."""
    return opening_in(unit.responsibility, number, by=by or unit.clerk, **more)


def opening_in(
    group: Responsibility, number: str, *, by: Membership, name: str = NAME, year: int = TODAY.year
) -> RecordPart:
    """As `opening`, in a group of members that no `Unit` stands for."""
    with acting_as(by) as who:
        return open_archive(
            responsibility=group,
            employer=by.employer,
            raw={"name": name, "document_number": number},
            year=year,
            actor=who,
            today=TODAY,
        )
