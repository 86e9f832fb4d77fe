"""What is sealed reads, prints and is delivered as it was, however the work is divided or a group made up since."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from agencies.models import Membership, Responsibility
from archives.models import RecordPart, Version
from archives.occupations import occupations_of
from archives.payloads import version_payload
from archives.services.records import start_correction
from archives.states import Status
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from delivery.services import make_batch
from tests.archives.flow import acting_as, confirm, hand_on, opened, save
from tests.factories import County


def sealed(county: County, group: Responsibility, **values: Any) -> Version:
    part = opened(county.education, by=county.education.clerk, responsibility=group)
    saved = save(part, by=county.education.clerk, **values).part
    return confirm(hand_on(saved, by=county.education.clerk), by=county.education.reviewer)


def outputs(
    county: County, version: Version, client_as: Callable[[Membership], Client]
) -> tuple[str, str, Any]:
    """Paper, the boxes of the page, and what the platform gets."""
    browser = client_as(county.education.clerk)
    address = f"/records/{version.part_id}/versions/{version.number}/"
    page = browser.get(address)
    assert page.status_code == 200
    boxes = "".join(f"{cell}" for row in page.context["rows"] for cell in row)
    pdf = browser.get(f"{address}print/")
    assert pdf["Content-Type"] == "application/pdf"
    paper = "".join("".join(one.extract_text().split()) for one in PdfReader(io.BytesIO(pdf.content)).pages)
    with acting(county.id, "job"):
        again = Version.objects.select_related("part").get(id=version.pk)
        sent = version_payload(version=again, occupations=occupations_of(county.id))
    return re.sub("打印.*", "", paper), re.sub(r"0x[0-9a-f]+", "", boxes), sent


@pytest.mark.req("GZ-A02", "AY-20", "PD-21")
def test_a_division_of_the_work_leaves_what_is_sealed(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    group = county.education.responsibility
    version = sealed(county, group)
    before = outputs(county, version, client_as)
    assert before[2].part is None
    assert before[2].payload["XB"] == "2"

    group.sections, group.lead = ["employment"], False
    group.save()
    assert outputs(county, version, client_as) == before

    group.sections, group.lead = [], True
    group.save()
    assert outputs(county, version, client_as) == before


@pytest.mark.req("GZ-A02", "AY-20")
def test_a_part_stays_a_part_when_one_agency_writes_all(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    group = county.education.responsibility
    group.sections, group.lead = ["employment", "standing"], True
    group.save()
    version = sealed(county, group)
    before = outputs(county, version, client_as)
    assert before[2].part == {"lead": True, "sections": ["identity", "employment", "standing"]}

    group.sections = []
    group.save()
    assert outputs(county, version, client_as) == before


@pytest.mark.req("GZ-05", "AY-20")
def test_contents_taken_from_a_group_stay_on_what_is_sealed(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    group = county.education.responsibility
    group.occupation, group.label, group.contents = "local_9", "养蜂人员", ["E3", "E4", "E10", "E14"]
    group.save()
    version = sealed(county, group, main_business="蜂蜜生产", qualification_title="养蜂证")
    before = outputs(county, version, client_as)
    assert "蜂蜜生产" in before[0]

    for contents in (["E14"], ["E3", "E14"], ["E3", "E4", "E10", "E14"]):
        group.contents = contents
        group.save()
        assert outputs(county, version, client_as) == before, contents
    group.contents = ["E14"]
    group.save()
    with acting_as(county.education.clerk) as who:
        part = RecordPart.objects.get(id=version.part_id)
        corrected = start_correction(part=part, reason="核对有误", revision=part.revision, actor=who)
    assert corrected.status == Status.DRAFT
    browser = client_as(county.education.clerk)
    assert browser.get(f"/records/{version.part_id}/").status_code == 200
    assert client_as(county.officer).get(f"/records/{version.part_id}/").status_code in (200, 302)


def test_a_body_with_a_section_that_no_group_can_have_holds_up_nobody(county: County) -> None:
    group = county.education.responsibility
    version, other = sealed(county, group), sealed(county, group)
    with acting(county.id, "job"):
        occupations = occupations_of(county.id)
        strange = {"identity": {}, "horoscope": {"sign": "天蝎座"}}
        with pytest.raises(Undecipherable):
            version_payload(
                version=Version.objects.select_related("part").get(id=version.pk),
                occupations=occupations,
                stored=strange,
            )
    assert other.pk != version.pk
    assert make_batch(jurisdiction_id=county.id, target="county") >= 1
