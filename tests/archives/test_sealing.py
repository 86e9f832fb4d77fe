"""审核确认: by a second person, whole or not at all, once, and provable afterwards."""

import json
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from agencies.models import Jurisdiction, Membership, Role
from archives.models import AnnualRecord, Archive, Outbox, RecordPart, Version, VersionBody
from archives.occupations import occupation_of, occupations_of
from archives.payloads import version_payload
from archives.services import versions
from archives.services.records import send_back, start_correction
from archives.services.versions import version_content
from archives.states import Delivery, Status
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    FILLED,
    acting_as,
    at_once,
    confirm,
    events,
    fresh,
    hand_on,
    in_review,
    opened,
    passed_on,
    rows_of,
    save,
    sealed,
    submitted,
    with_reason,
)
from tests.factories import County, Unit, id_number
from tests.roles import connection_as


def also(membership: Membership, role: Role) -> Membership:
    """A second place of the same person in the same agency, with the same groups."""
    return Membership.objects.create(
        user=membership.user, jurisdiction=membership.jurisdiction, agency=membership.agency, role=role
    )


def content(version: Version, unit: Unit) -> dict[str, Any]:
    with acting(version.jurisdiction_id, "job"):
        found = Version.objects.select_related("part").get(id=version.id)
        return version_content(found, occupation_of(unit.responsibility))


@pytest.mark.req("AY-N1", "AY-15", "PD-21")
def test_the_seal_makes_a_version_and_queues_it(county: County) -> None:
    unit = county.education
    version = sealed(unit)
    part = fresh(version.part)
    assert (part.status, part.current_version, part.delivery) == (Status.SEALED, 1, Delivery.PENDING)
    assert (part.determination, part.sealed_at) == ("trustworthy", version.sealed_at)
    assert (version.number, version.approver_id, version.approver_name) == (
        1,
        unit.reviewer.user_id,
        "李审核",
    )
    (row,) = rows_of(Outbox, county.id)
    assert (row.version_id, row.part_id, row.target, row.state) == (
        version.id,
        part.id,
        "county",
        Delivery.PENDING,
    )
    assert {row.agency_id, version.agency_id} == {unit.agency.pk}
    assert {one.sealed_at for model in (Archive, AnnualRecord) for one in rows_of(model, county.id)} == {
        version.sealed_at
    }
    (event,) = events(county.id, verb="record.sealed")
    assert event.data == {
        "from": "in_review",
        "to": "sealed",
        "version": 1,
        "determination": "trustworthy",
    }


@pytest.mark.req("PD-21")
def test_the_version_names_who_filled_it_in(county: County) -> None:
    """Not who passed it on: every value traces to the person who entered it."""
    unit = county.education
    version = sealed(unit)
    assert (version.author_name, version.author_id) == ("孙填报", unit.filler.user_id)


# --- AY-N1: the second person -----------------------------------------------------------------------------------


@pytest.mark.req("AY-N1")
def test_who_filled_in_as_clerk_does_not_confirm(county: County) -> None:
    unit = county.education
    part = submitted(unit, by=unit.clerk)
    refuse_second_person(part, also(unit.clerk, Role.REVIEWER))


@pytest.mark.req("AY-N1")
def test_who_filled_in_as_filler_does_not_confirm(county: County) -> None:
    unit = county.education
    part = in_review(unit)
    refuse_second_person(part, also(unit.filler, Role.REVIEWER))


@pytest.mark.req("AY-N1")
def test_who_passed_on_does_not_confirm(county: County) -> None:
    unit = county.education
    part = in_review(unit)
    refuse_second_person(part, also(unit.clerk, Role.REVIEWER))


@pytest.mark.req("AY-N1")
def test_who_changed_something_earlier_does_not_confirm(county: County) -> None:
    unit = county.education
    part = save(opened(unit), by=unit.clerk, title="三级教师").part
    part = in_review(unit, part=part)
    refuse_second_person(part, also(unit.clerk, Role.REVIEWER))


@pytest.mark.req("AY-N1")
def test_who_opened_the_record_does_not_confirm(county: County) -> None:
    """Name and number come from whoever opened the archive."""
    unit = county.education
    part = opened(unit, by=unit.clerk, employer=unit.employer)
    part = hand_on(save(part, by=unit.filler).part, by=unit.filler)
    part = passed_on(part, by=also(unit.reviewer, Role.CLERK))
    refuse_second_person(part, also(unit.clerk, Role.REVIEWER))


def refuse_second_person(part: RecordPart, by: Membership) -> None:
    with pytest.raises(Refused, match="另一位审核人"):
        confirm(part, by=by)
    assert fresh(part).status == Status.IN_REVIEW
    assert rows_of(Version, part.jurisdiction_id) == []


def test_a_reviewer_who_only_returned_it_may_confirm(county: County) -> None:
    unit = county.education
    part = in_review(unit)
    with acting_as(unit.reviewer) as who:
        part = send_back(part=part, reason="职务有误", revision=None, actor=who)
    part = save(part, by=unit.filler, post="年级主任").part
    part = passed_on(hand_on(part, by=unit.filler), by=unit.clerk)
    assert confirm(part, by=unit.reviewer).number == 1


# --- AY-N2, AY-N3: the determination ----------------------------------------------------------------------------


@pytest.mark.req("AY-N2")
@pytest.mark.parametrize("blank", ["", None])
def test_trustworthy_unless_proven_otherwise(county: County, blank: str | None) -> None:
    unit = county.education
    part = save(opened(unit), by=unit.filler, determination=blank).part
    version = confirm(passed_on(hand_on(part, by=unit.filler), by=unit.clerk), by=unit.reviewer)
    assert content(version, unit)["standing"]["determination"] == "trustworthy"
    assert fresh(part).determination == "trustworthy"


# --- all or nothing ---------------------------------------------------------------------------------------------


def nothing_was_sealed(part: RecordPart) -> None:
    county = part.jurisdiction_id
    assert (fresh(part).status, fresh(part).revision) == (Status.IN_REVIEW, part.revision)
    for model in (Version, VersionBody, Outbox):
        assert rows_of(model, county) == []
    assert events(county, verb="record.sealed") == []
    assert [archive.sealed_at for archive in rows_of(Archive, county)] == [None]


def test_a_failure_before_the_outbox_undoes_the_seal(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    part = in_review(county.education)

    def fail(**_: Any) -> None:
        raise OSError("no room")

    monkeypatch.setattr(versions, "put_in_outbox", fail)
    with pytest.raises(OSError, match="no room"):
        confirm(part, by=county.education.reviewer)
    nothing_was_sealed(part)


def test_a_refusal_of_the_database_undoes_the_seal(county: County) -> None:
    part = in_review(county.education)
    Jurisdiction.objects.filter(id=county.id).update(parameters={"targets": ["county", "county"]})
    with pytest.raises(IntegrityError):
        confirm(part, by=county.education.reviewer)
    nothing_was_sealed(part)


def test_no_target_no_outbox(county: County) -> None:
    Jurisdiction.objects.filter(id=county.id).update(parameters={"first_year": 2022})
    sealed(county.education)
    assert rows_of(Outbox, county.id) == []


# --- once -------------------------------------------------------------------------------------------------------


def test_a_second_seal_is_already_done(county: County) -> None:
    unit = county.education
    part = fresh(sealed(unit).part)
    with pytest.raises(AlreadyDone):
        confirm(part, by=unit.reviewer)
    assert len(rows_of(Version, county.id)) == 1


def test_two_reviewers_confirm_at_once(transactional_db: None, county: County) -> None:
    unit = county.education
    part, reviewer = in_review(unit), unit.reviewer
    outcomes = at_once(*[partial(confirm, part, by=reviewer)] * 2)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyDone", "Version"], outcomes
    assert [version.number for version in rows_of(Version, county.id)] == [1]
    assert len(rows_of(Outbox, county.id)) == 1
    assert len(events(county.id, verb="record.sealed")) == 1


def test_version_numbers_are_contiguous(county: County) -> None:
    """A correction comes later; its seal takes the next number, and never one twice."""
    unit = county.education
    part = fresh(sealed(unit).part)
    for number in (2, 3):
        with acting(county.id, "job"):
            RecordPart.objects.filter(id=part.id).update(status=Status.IN_REVIEW)
        assert confirm(fresh(part), by=unit.reviewer).number == number
    with acting(county.id, "job"):
        numbers = list(Version.objects.order_by("number").values_list("number", flat=True))
    assert numbers == [1, 2, 3]
    assert len(rows_of(Outbox, county.id)) == 3


# --- provable ---------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-14", "PD-21")
def test_the_digest_covers_what_was_confirmed(county: County) -> None:
    unit, number = county.education, id_number()
    version = sealed(unit, part=opened(unit, number=number))
    body = content(version, unit)
    assert body["identity"]["document_number"] == number
    assert body["employment"]["title"] == FILLED["title"]
    (stored,) = rows_of(VersionBody, county.id)
    assert number not in json.dumps(stored.content)
    assert len(version.digest) == 64
    assert len(version.schema_digest) == 64


@pytest.mark.req("GZ-14")
@pytest.mark.parametrize(
    "tamper",
    [
        """jsonb_set(content, '{standing,determination}', '"warning"')""",
        """jsonb_set(content, '{identity,name}', '"王大明"')""",
        """jsonb_set(content, '{identity,phone}', content #> '{identity,document_number}')""",
        """content #- '{employment,title}'""",
        """jsonb_set(content, '{employment,added}', '"x"')""",
    ],
)
def test_tampering_by_the_owner_of_the_tables_is_found(
    transactional_db: None, county: County, tamper: str
) -> None:
    unit = county.education
    version = sealed(unit)
    assert content(version, unit)
    as_owner_without_policies("archives_versionbody", f"UPDATE archives_versionbody SET content = {tamper}")
    with pytest.raises((Undecipherable, KeyError)):
        content(version, unit)


@pytest.mark.req("GZ-14")
def test_bodies_of_two_versions_cannot_be_exchanged(transactional_db: None, county: County) -> None:
    unit = county.education
    first = sealed(unit)
    second = sealed(unit, part=opened(unit, name="李小红"))
    as_owner_without_policies(
        "archives_versionbody",
        f"UPDATE archives_versionbody b SET content = o.content FROM archives_versionbody o"
        f" WHERE b.version_id = '{first.id}' AND o.version_id = '{second.id}'",
    )
    with pytest.raises(Undecipherable):
        content(first, unit)
    assert content(second, unit)["identity"]["name"] == "李小红"


def as_owner_without_policies(table: str, statement: str) -> None:
    """What only somebody with the owner's password could do, and only after taking the protection off."""
    owner = connection_as(connection, settings.OWNER_DATABASE)
    try:
        with owner.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
            cursor.connection.cursor().execute(statement)  # past the guard of the tests: no county is named
            cursor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    finally:
        owner.close()


@pytest.mark.req("AY-23", "ZD-10")
@pytest.mark.parametrize("state", [Delivery.SENT, Delivery.ACCEPTED])
def test_what_a_platform_holds_is_corrected_there_though_the_place_sends_nothing_new(
    county: County, state: Delivery
) -> None:
    unit = county.education
    version = sealed(unit)
    with acting(county.id, "job"):
        assert Outbox.objects.filter(target="county").update(state=state) == 1
    county.jurisdiction.parameters["targets"] = ["other"]
    county.jurisdiction.save()
    with acting_as(unit.clerk) as who:
        part = RecordPart.objects.get(pk=version.part_id)
        draft = start_correction(part=part, reason="核对有误", revision=None, actor=who)
    second = confirm(hand_on(save(draft, by=unit.clerk, duties="更正").part, by=unit.clerk), by=unit.reviewer)
    with acting(county.id, "job"):
        queued = Outbox.objects.filter(version=second).values_list("target", flat=True)
        assert sorted(queued) == ["county", "other"]


@pytest.mark.req("AY-15", "AY-18", "AY-20")
def test_the_payload_has_push_names_only(county: County) -> None:
    unit, number = county.education, id_number()
    version = sealed(unit, part=opened(unit, number=number))
    with acting(county.id, "job"):
        found = Version.objects.select_related("part").get(id=version.id)
        made = version_payload(version=found, occupations=occupations_of(county.id))
    assert made.occupation_label == "教师"
    assert made.payload == {
        "XM": "王小明",
        "XB": "2",
        "XL": "21",
        "ZJLX": "111",
        "ZJHM": number,
        "LXDH": FILLED["phone"],
        "ZC": FILLED["title"],
        "ZW": FILLED["post"],
        "GZDW": FILLED["employer"],
        "CYQSSJ": FILLED["practice_since"],
        "GZZZ": FILLED["duties"],
        "JSZGZBH": None,
        "JSZGZL": None,
        "RJXD": None,
        "RJXK": None,
        "XYZK": "trustworthy",
    }
    assert FILLED["remarks"] not in json.dumps(made.payload, ensure_ascii=False)


def test_the_office_reads_the_sealed_version_and_no_draft(county: County, client_as: Any) -> None:
    unit = county.education
    draft = opened(unit, name="李草稿")
    part = fresh(sealed(unit).part)
    officer = client_as(county.officer)
    assert officer.get(f"/records/{draft.id}/").status_code == 404
    assert "李草稿" not in officer.get("/archives/").content.decode()
    answer = with_reason(officer, part).get(f"/records/{part.id}/")
    assert answer.status_code == 200
    assert FILLED["title"] in answer.content.decode()
    assert [event.verb for event in events(county.id, verb="record.read")] == ["record.read"]
