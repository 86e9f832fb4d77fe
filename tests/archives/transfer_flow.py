"""Transfers brought to a stage by the services, each by the members whose step it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Membership, Responsibility
from archives.models import Archive, RecordPart, Transfer
from archives.services.handed_over import pages_for
from archives.services.transfer_in import check_person, receive_transfer
from archives.services.transfer_out import confirm_transfer, propose_transfer
from tests.archives.flow import acting_as, fresh, opened, rows_of, sealed
from tests.archives.item_flow import item_sealed
from tests.factories import County, Unit, id_number

TODAY = timezone.localdate()
NAME = "王小明"
FORM = "年度信用信息记录表"


@pytest.fixture
def number() -> str:
    return id_number()


@pytest.fixture
def part(county: County, number: str) -> RecordPart:
    """A confirmed record of this year with a confirmed award."""
    unit = county.education
    part = opened(unit, name=NAME, number=number)
    item_sealed(part, unit=unit)
    return fresh(sealed(unit, part=part).part)


def archives_of(unit: Unit) -> list[Archive]:
    return rows_of(Archive, unit.agency.jurisdiction_id, agency_id=unit.agency.pk)


@pytest.fixture(params=["another agency", "another county"])
def new_unit(request: pytest.FixtureRequest, county: County, other_county: County) -> Unit:
    """Where the person goes."""
    return county.health if request.param == "another agency" else other_county.health


def proposed(part: RecordPart, to: Unit | Responsibility, *, by: Membership, **more: Any) -> Transfer:
    """The clerk of the old unit addresses the person of a record to another unit's group."""
    with acting_as(by) as who:
        given = {"document_no": "教体人〔2026〕12 号", "reason": "工作调动"} | more
        return propose_transfer(
            archive=Archive.objects.get(id=part.record.archive_id),
            to=to.responsibility if isinstance(to, Unit) else to,
            actor=who,
            today=timezone.localdate(),
            **given,
        )


def sent(part: RecordPart, to: Unit | Responsibility, *, unit: Unit) -> Transfer:
    """Proposed by the old unit's clerk and confirmed by its reviewer."""
    transfer = proposed(part, to, by=unit.clerk)
    with acting_as(unit.reviewer) as who:
        return confirm_transfer(transfer=transfer, revision=None, actor=who, today=timezone.localdate())


def checked(transfer: Transfer, to: Unit, *, name: str, number: str) -> bool:
    """The new unit's clerk enters whom it has before it."""
    with acting_as(to.clerk) as who:
        raw = {"name": name, "document_number": number}
        return check_person(transfer=transfer, raw=raw, actor=who, today=timezone.localdate())


def received(transfer: Transfer, to: Unit, *, name: str, number: str) -> Transfer:
    """Checked and received by the new unit's clerk."""
    assert checked(transfer, to, name=name, number=number)
    with acting_as(to.clerk) as who:
        return receive_transfer(
            transfer=transfer, employer=to.employer, revision=None, actor=who, today=timezone.localdate()
        )


def fresh_transfer(transfer: Transfer, *, by: Membership) -> Transfer:
    """The row as a member of either unit finds it."""
    with acting_as(by) as who:
        return Transfer.objects.visible_to(who).get(id=transfer.pk)


def read_by(transfer: Transfer, by: Membership) -> list[tuple[str, int, str, dict[str, str]]]:
    """What a member of the new unit reads: kind, version, state and boxes of each page."""
    with acting_as(by):
        pages = pages_for(Transfer.objects.get(id=transfer.pk))
        return [(sheet.label, sheet.number, sheet.state, dict(lines)) for sheet, lines in pages]
