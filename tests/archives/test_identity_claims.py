"""A number that is registered under another name: the office finds whose it is, by two of its members."""

from __future__ import annotations

from typing import Any

import pytest

from archives.models import IdentityRequest, Person
from archives.services.identity_findings import agree, find, reopen
from archives.states import RequestKind, RequestStatus
from audit.lifecycle import Refused
from tests.archives.flow import acting_as, events, fresh, opened, rows_of
from tests.archives.identity_flow import (
    agreed,
    archive_of,
    claimed_by,
    documents,
    found,
    numbers,
    put_right,
    raw_of,
    second_officer,
)
from tests.factories import County, id_number


def test_the_claim_is_right(county: County) -> None:
    """The number goes to whom it is; the archive that had it keeps its person and is to be put right by its unit."""
    number, real = id_number(), id_number()
    wrong = opened(county.health, name="王小朋", number=number)
    with pytest.raises(Refused, match="已登记为另一姓名"):
        opened(county.education, name="王小明", number=number)
    request = claimed_by(county.education, "王小明", number)
    assert request.status == RequestStatus.OFFICE
    assert found(request, "claim", county=county).status == RequestStatus.DONE
    right = opened(county.education, name="王小明", number=number)
    assert right.person_id != wrong.person_id
    assert numbers(county.id, person_id=right.person_id) == {number}
    assert numbers(county.id, person_id=wrong.person_id) == set()
    assert archive_of(wrong).person_id == wrong.person_id

    (asked,) = rows_of(IdentityRequest, county.id, kind=RequestKind.ASKED)
    assert (asked.agency_id, asked.archive_id) == (county.health.agency.pk, archive_of(wrong).pk)
    assert "王小明" not in f"{asked.reason}{asked.evidence}{asked.name}"
    put_right(wrong, "王小朋", real, unit=county.health)
    (asked,) = rows_of(IdentityRequest, county.id, kind=RequestKind.ASKED)
    assert asked.status == RequestStatus.DONE
    assert numbers(county.id, person_id=archive_of(wrong).person_id) == {real}


def test_the_two_spellings_were_one_person(county: County) -> None:
    number = id_number()
    wrong = opened(county.health, name="王小朋", number=number)
    found(claimed_by(county.education, "王小明", number), "claim", county=county)
    right = opened(county.education, name="王小明", number=number)
    put_right(wrong, "王小明", number, unit=county.health)
    assert archive_of(wrong).person_id == right.person_id
    assert numbers(county.id) == {number}


def test_the_registration_is_right(county: County) -> None:
    number = id_number()
    opened(county.health, name="王小朋", number=number)
    before = documents(county.id)
    row = found(claimed_by(county.education, "王小明", number), "registered", county=county)
    assert (row.status, row.answer) == (RequestStatus.REFUSED, "已向公安核实")
    assert documents(county.id) == before
    assert len(rows_of(IdentityRequest, county.id)) == 1
    with pytest.raises(Refused, match="已登记为另一姓名"):
        opened(county.education, name="王小明", number=number)


def test_a_correction_that_ran_into_a_registration_goes_on_afterwards(county: County) -> None:
    number = id_number()
    other = opened(county.health, name="王小朋", number=number)
    part = opened(county.education, name="王小朋", number=number)
    request = put_right(part, "王小明", number, unit=county.education)
    row = found(request, "claim", county=county)
    assert row.status == RequestStatus.PROPOSED
    assert fresh(part).name == "王小朋"
    assert agreed(row, by=county.education.reviewer, last=number[-6:]).status == RequestStatus.DONE
    assert fresh(part).name == "王小明"
    assert archive_of(part).person_id != archive_of(other).person_id == other.person_id
    asked = rows_of(IdentityRequest, county.id, kind=RequestKind.ASKED)
    assert [one.agency_id for one in asked] == [county.health.agency.pk]


def test_one_member_of_the_office_decides_nothing(county: County) -> None:
    number = id_number()
    opened(county.health, name="王小朋", number=number)
    request = claimed_by(county.education, "王小明", number)
    before = documents(county.id)
    with acting_as(county.officer) as who:
        with pytest.raises(Refused, match="须写明原因"):
            find(request=request, finding="claim", reason=" ", revision=None, actor=who)
        with pytest.raises(Refused, match="请选择核实意见"):
            find(request=request, finding="both", reason="已核实", revision=None, actor=who)
        row = find(request=request, finding="claim", reason="已核实", revision=None, actor=who)
        with pytest.raises(Refused, match="另一人复核"):
            agree(request=row, revision=None, actor=who)
    assert documents(county.id) == before
    with acting_as(second_officer(county)) as who:
        row = reopen(request=row, reason="材料不足", revision=None, actor=who)
    assert (row.status, row.finding) == (RequestStatus.OFFICE, "")
    for member in (county.education.clerk, county.education.reviewer):
        with acting_as(member) as who, pytest.raises(Refused, match="没有"):
            find(request=row, finding="claim", reason="已核实", revision=None, actor=who)


def test_what_stands_in_nobodys_way_is_no_claim(county: County) -> None:
    number = id_number()
    with pytest.raises(Refused, match="可以直接建档"):
        claimed_by(county.education, "王小明", number)
    opened(county.health, name="王小明", number=number)
    with pytest.raises(Refused, match="可以直接建档"):
        claimed_by(county.education, "王小明", number)
    assert rows_of(IdentityRequest, county.id) == []


def test_the_pages(county: County, other_county: County, client_as: Any) -> None:
    number = id_number()
    opened(county.health, name="王小朋", number=number)
    clerk, officer = client_as(county.education.clerk), client_as(county.officer)
    body = raw_of("王小明", number) | {"reason": "建档被拒", "evidence": "身份证原件"}
    body |= {"responsibility": str(county.education.responsibility.pk)}
    answer = clerk.post("/identities/claim/", body)
    (request,) = rows_of(IdentityRequest, county.id)
    address = f"/identities/{request.pk}/"
    assert answer.url == address
    assert "王小朋" not in clerk.get(address).content.decode()
    assert "县卫健委" not in clerk.get(address).content.decode()
    page = officer.get(address).content.decode()
    assert "王小朋" in page
    assert "县卫健委" in page
    assert number not in page
    assert events(county.id, verb="identity.read")
    assert client_as(other_county.officer).get(address).status_code == 404
    assert client_as(county.health.clerk).get(address).status_code == 404
    assert officer.post(address, {"action": "find", "revision": 1}).status_code == 422
    given = {"action": "find", "finding": "claim", "reason": "已核实", "revision": 1}
    officer.post(address, given)
    said = officer.post(address, {"action": "agree", "revision": 2}, follow=True).content.decode()
    assert "另一人复核" in said
    second = client_as(second_officer(county))
    assert "已复核" in second.post(address, {"action": "agree", "revision": 2}, follow=True).content.decode()
    assert "要求更正" in client_as(county.health.clerk).get("/identities/").content.decode()
    assert len(rows_of(Person, county.id)) == 2
