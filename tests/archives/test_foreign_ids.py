"""Ids of another agency, county or group in the body of a form are refused, whichever page they are posted to."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from agencies.models import Role
from archives.models import (
    Archive,
    Filing,
    Job,
    RecordPart,
    RosterEntry,
    RosterImport,
    StampedRoster,
    Version,
)
from archives.services.transfers import transfer_person
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, fresh, in_review, opened, rows_of, sealed
from tests.archives.test_handovers import member
from tests.factories import County, ResponsibilityFactory, id_number

MODELS = (Archive, RecordPart, Version, Filing, Job, RosterEntry, RosterImport, StampedRoster)
TODAY = timezone.localdate()


def counted(*counties: County) -> dict[tuple[int, str], int]:
    return {(one.id, model.__name__): len(rows_of(model, one.id)) for one in counties for model in MODELS}


def refused(browser: Client, path: str, body: dict[str, Any]) -> None:
    answer = browser.post(path, body)
    assert answer.status_code in (302, 404, 422), (path, body, answer.status_code)


@pytest.mark.req("AY-18", "AY-14")
def test_groups_and_employers_of_others(county: County, other_county: County, client_as: Any) -> None:
    mine, health, elsewhere = county.education, county.health, other_county.education
    for unit in (mine, health, elsewhere):
        sealed(unit)
    not_handled = ResponsibilityFactory(agency=mine.agency, position=21, occupation="coach", label="教练")
    browser = client_as(mine.clerk)
    before = counted(county, other_county)
    person = {"name": "王小明", "document_type": "111", "document_number": id_number(), "year": TODAY.year}
    person |= {"joined_on": f"{TODAY}"}
    for path in ("/archives/open/", "/roster/add/", "/roster/open/", "/roster/imports/", "/stamped-rosters/"):
        for group in (health.responsibility, elsewhere.responsibility, not_handled):
            body = person | {"responsibility": group.pk}
            if path == "/roster/imports/":
                body["file"] = SimpleUploadedFile("名册.xlsx", b"PK\x03\x04")
            refused(browser, path, body)
        for employer in (health.employer, elsewhere.employer):
            if path != "/roster/imports/":
                refused(
                    browser,
                    path,
                    person | {"responsibility": mine.responsibility.pk, "employer": employer.pk},
                )
    for group in (health.responsibility, elsewhere.responsibility, not_handled):
        refused(browser, "/filings/submit/", {"responsibility": group.pk, "year": TODAY.year})
    for employer in (health.employer, elsewhere.employer):
        refused(browser, "/archives/print/", {"employer": employer.pk})
    assert counted(county, other_county) == before
    own = {"responsibility": mine.responsibility.pk, "year": TODAY.year}
    browser.post("/filings/submit/", own)
    browser.post("/archives/open/", person | own | {"employer": mine.employer.pk})
    more = {key for key, count in counted(county, other_county).items() if count != before[key]}
    assert more == {(county.id, "Filing"), (county.id, "Archive"), (county.id, "RecordPart")}, (
        "one's own are taken"
    )


@pytest.mark.req("AY-18", "AY-14")
def test_lists_of_rows_of_others(county: County, other_county: County, client_as: Any) -> None:
    mine, health, elsewhere = county.education, county.health, other_county.education
    theirs = [in_review(health), in_review(elsewhere)]
    last = [opened(unit, year=TODAY.year - 1) for unit in (health, elsewhere)]
    before = counted(county, other_county)
    rows = [f"{part.pk}:{part.revision}" for part in theirs]
    assert "王小明" not in client_as(mine.reviewer).post("/review/confirm/", {"row": rows}).content.decode()
    archives = [str(part.record.archive_id) for part in map(fresh, last)]
    answer = client_as(mine.clerk).post("/archives/reuse/", {"row": archives}, follow=True)
    assert "王小明" not in answer.content.decode()
    assert counted(county, other_county) == before
    assert [fresh(part).status for part in theirs] == ["in_review", "in_review"]


@pytest.mark.req("AY-18", "AY-14")
def test_people_pass_to_nobody_elses_employer_or_member(
    county: County, other_county: County, client_as: Any
) -> None:
    mine, health, elsewhere = county.education, county.health, other_county.education
    part = opened(mine)
    archive = fresh(part).record.archive_id
    clerk, admin = client_as(mine.clerk), client_as(mine.admin)
    (row,) = rows_of(Archive, county.id, id=archive)
    successor = member(mine, Role.CLERK)
    for unit in (health, elsewhere):
        body = {"action": "transfer", "transfer-employer": unit.employer.pk, "transfer-reason": "调令"}
        assert clerk.post(f"/records/{part.id}/transfer/", body).status_code == 422
        with acting_as(mine.clerk) as who, pytest.raises(Refused, match="不属于本单位"):
            transfer_person(archive=row, employer=unit.employer, reason="调令", actor=who, today=TODAY)
        pair = {"leaver": mine.clerk.pk, "successor": unit.clerk.pk}
        assert admin.post("/handovers/new/", pair).status_code == 422
        turned = {"leaver": unit.clerk.pk, "successor": successor.pk}
        assert admin.post("/handovers/new/", turned).status_code == 422
        unit.clerk.refresh_from_db()
        assert unit.clerk.ended_at is None
    assert [one.employer_id for one in rows_of(Archive, county.id, id=archive)] == [row.employer_id]
