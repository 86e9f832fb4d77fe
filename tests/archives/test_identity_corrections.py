"""An archive that was opened with a wrong name or number: put right with a second person, nothing sealed is edited."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from archives.models import (
    AnnualRecord,
    Archive,
    IdentityRequest,
    Item,
    Outbox,
    Person,
    PersonLocator,
    RecordPart,
    RosterEntry,
    Version,
    VersionBody,
)
from archives.occupations import occupations_of
from archives.payloads import version_payload
from archives.services.hub import Identity, find_person
from archives.services.identities import Named
from archives.services.item_seals import start_item_correction
from archives.services.items import submit_item
from archives.services.people import identity_of
from archives.services.roster import enrol
from archives.states import RequestStatus, Status
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, confirm, events, fresh, in_review, opened, rows_of, sealed
from tests.archives.identity_flow import (
    agreed,
    archive_of,
    asked_for,
    documents,
    fact,
    numbers,
    put_right,
    raw_of,
    renamed,
    with_passport,
)
from tests.archives.item_flow import item_sealed, kept, revoked, written
from tests.archives.proceeding_flow import adverse_in_review, attach, served
from tests.factories import County, id_number


def payloads(part: RecordPart) -> list[dict[str, Any]]:
    """What the platform gets of each version of a record, oldest first."""
    with acting(part.jurisdiction_id, "job"):
        versions = Version.objects.filter(part_id=part.pk).select_related("part", "item").order_by("number")
        occupations = occupations_of(part.jurisdiction_id)
        return [
            version_payload(version=one, occupations=occupations).payload
            for one in versions.prefetch_related("bodies")
        ]


def payloads_of(item: Item) -> list[dict[str, Any]]:
    """As `payloads`, of a fact."""
    with acting(item.jurisdiction_id, "job"):
        versions = Version.objects.filter(item_id=item.pk).select_related("item__archive", "item__agency")
        occupations = occupations_of(item.jurisdiction_id)
        return [
            version_payload(version=one, occupations=occupations).payload
            for one in versions.prefetch_related("bodies").order_by("number")
        ]


def sealed_rows(county: int) -> list[Any]:
    """Everything that was sealed, byte for byte."""
    return [
        sorted(str(sorted(row.items())) for row in _values(model, county)) for model in (Version, VersionBody)
    ]


def _values(model: Any, county: int) -> list[dict[str, Any]]:
    with acting(county, "job"):
        return list(model.objects.values())


# --- a mistyped name or number ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["name", "number", "both"])
def test_every_confirmed_record_gets_a_next_version_that_is_delivered(county: County, what: str) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    this_year = timezone.localdate().year
    part = opened(unit, name="王小朋", number=wrong)
    before = opened(unit, name="王小朋", number=wrong, year=this_year - 1)
    first = sealed(unit, part=part)
    untouched = sealed_rows(county.id)
    name = "王小明" if what != "number" else "王小朋"
    number = right if what != "name" else wrong
    if what == "name":
        request = renamed(part, name, unit=unit, county=county)
    else:
        request = put_right(part, name, number, unit=unit)
    assert request.status == RequestStatus.DONE

    row = fresh(part)
    assert (row.status, row.current_version, row.name) == (Status.SEALED, 2, name)
    told = [(one["XM"], one["ZJHM"]) for one in payloads(part)]
    assert told == [("王小朋", wrong), (name, number)]
    waiting = rows_of(Outbox, county.id, part_id=part.pk)
    assert {one.version_id for one in waiting} > {first.pk}
    after = sealed_rows(county.id)
    assert all(set(old) < set(new) for old, new in zip(untouched, after, strict=True))

    draft = fresh(before)
    assert (draft.status, draft.current_version, draft.name) == (Status.DRAFT, 0, name)
    archive = archive_of(part)
    assert (identity_of(archive).name, identity_of(archive).number) == (name, number)
    assert archive.person_id == part.person_id == draft.person_id
    assert numbers(county.id) == {number}

    (version,) = rows_of(Version, county.id, part_id=part.pk, number=2)
    assert (version.author_name, version.approver_name) == ("王经办", "李审核")
    assert "录入时看错" in version.reason
    verbs = [one.verb for one in events(county.id) if "identity" in one.verb]
    office = ["identity.referred", "identity.found", "identity.finding_confirmed"]
    assert verbs == [
        "identity.proposed",
        *(office if what == "name" else ()),
        "identity.confirmed",
        "record.identity_corrected",
        "archive.identity_corrected",
    ]


def test_the_wrong_number_is_free_again_and_its_history_is_kept(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    put_right(part, "王小明", right, unit=unit)
    kept_rows = documents(county.id)
    assert [(one.mistaken, one.ended_by) for one in kept_rows] == [(True, "李审核"), (False, "")]
    owner = opened(county.health, name="李大强", number=wrong)
    assert owner.person_id != part.person_id
    with acting(county.id, "job"):
        places = dict(PersonLocator.objects.values_list("person_id", "jurisdiction_id"))
    assert places == {part.person_id: county.id, owner.person_id: county.id}


def test_the_name_of_the_other_documents_follows(county: County) -> None:
    unit = county.education
    part = opened(unit, name="王小朋")
    with_passport(part, unit=unit)
    assert renamed(part, "王小明", unit=unit, county=county).status == RequestStatus.DONE
    live = documents(county.id, mistaken=False)
    assert [(one.document_type, one.primary) for one in live] == [("111", True), ("414", False)]
    with acting_as(county.health.filler) as who:
        assert find_person(Identity("王小明", "414", "E12345678")) == part.person_id
        assert find_person(Identity("王小朋", "414", "E12345678")) is None
        assert who.kind == "employer"


def test_the_roster_follows(county: County) -> None:
    unit, wrong, right, today = county.education, id_number(), id_number(), timezone.localdate()
    with acting_as(unit.clerk) as who:
        enrol(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": "王小朋", "document_number": wrong},
            joined_on=today,
            actor=who,
            today=today,
        )
    part = opened(unit, name="王小朋", number=wrong)
    put_right(part, "王小明", right, unit=unit)
    (entry,) = rows_of(RosterEntry, county.id)
    assert (entry.name, entry.number_index) == ("王小明", archive_of(part).number_index)


# --- whose number it turns out to be ---------------------------------------------------------------------------------


def test_a_number_of_another_archive_s_person_attaches_this_one_to_them(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    real = opened(county.health, name="王小明", number=right)
    part = opened(unit, name="王小明", number=wrong)
    assert part.person_id != real.person_id
    item = item_sealed(part, unit=unit)
    sealed(unit, part=part)
    first_versions = rows_of(Version, county.id)
    put_right(part, "王小明", right, unit=unit)
    assert archive_of(part).person_id == fresh(part).person_id == fact(item).person_id == real.person_id
    (record,) = rows_of(AnnualRecord, county.id, archive_id=archive_of(part).pk)
    assert record.person_id == real.person_id
    by_number = {one.number: one.person_id for one in rows_of(Version, county.id, part_id=part.pk)}
    assert by_number == {1: part.person_id, 2: real.person_id}
    assert [one.person_id for one in first_versions] == [part.person_id] * 2
    assert numbers(county.id) == {right}
    with acting(county.id, "job"):
        assert not Archive.objects.filter(person_id=part.person_id).exists()


def test_who_else_has_an_archive_under_the_number_keeps_it(county: County) -> None:
    """The number belongs to a namesake whom another unit knows: only this archive moves."""
    unit, taken, right = county.education, id_number(), id_number()
    namesake = opened(county.health, name="王小明", number=taken)
    part = opened(unit, name="王小明", number=taken)
    assert part.person_id == namesake.person_id
    put_right(part, "王小明", right, unit=unit)
    assert archive_of(namesake).person_id == namesake.person_id != archive_of(part).person_id
    assert numbers(county.id, person_id=namesake.person_id) == {taken}
    assert numbers(county.id, person_id=archive_of(part).person_id) == {right}
    assert fresh(namesake).name == "王小明"


def test_two_archives_of_one_group_are_not_made_one(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    opened(unit, name="王小明", number=right)
    part = opened(unit, name="王小明", number=wrong)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    with pytest.raises(Refused, match="两份档案不能自动合并"):
        agreed(request, by=unit.reviewer, last=right[-6:])
    assert numbers(county.id) == {wrong, right}
    assert archive_of(part).person_id == part.person_id


def test_a_name_that_others_know_differently_goes_to_the_office_and_changes_nothing(county: County) -> None:
    unit, number = county.education, id_number()
    opened(county.health, name="王小朋", number=number)
    part = opened(unit, name="王小朋", number=number)
    request = put_right(part, "王小明", number, unit=unit)
    assert request.status == RequestStatus.OFFICE
    assert fresh(part).name == "王小朋"
    assert [one.mistaken for one in documents(county.id)] == [False]


# --- what tells against somebody -------------------------------------------------------------------------------------


def test_a_fact_against_somebody_does_not_move_unless_its_document_names_the_right_one(
    county: County,
) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    item = item_sealed(part, "administrative_penalty", unit=unit)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    key = f"item-{item.pk}"
    for lasts in ({}, {key: ""}, {key: wrong[-6:]}, {f"item-{part.pk}": right[-6:]}):
        with pytest.raises(Refused, match="不能随档案更正"):
            agreed(request, by=unit.reviewer, last=right[-6:], lasts=lasts)
    assert archive_of(part).number_mask[-4:] == wrong[-4:]
    assert fact(item).current_version == 1
    assert numbers(county.id) == {wrong}

    revoked(item, unit=unit)
    agreed(request, by=unit.reviewer, last=right[-6:])
    gone = fact(item)
    assert (gone.revoked, gone.current_version, gone.person_id) == (True, 2, part.person_id)
    assert archive_of(part).number_mask[-4:] == right[-4:]
    # What still waits to be delivered of it names whom it named, never the one whose archive it is now.
    assert [(one["ZJHM"]) for one in payloads_of(item)] == [wrong, wrong]


def test_a_fact_whose_document_names_the_right_one_is_delivered_anew(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    item = item_sealed(part, "administrative_penalty", unit=unit)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    agreed(request, by=unit.reviewer, last=right[-6:], lasts={f"item-{item.pk}": right[-6:]})
    row = fact(item)
    assert (row.current_version, row.status, row.identified_by) == (2, Status.SEALED, "李审核")
    payload = payloads_of(item)[-1]
    assert payload["ZJHM"] == payload["CF_XDR_ZJHM"] == right
    (last,) = rows_of(Version, county.id, item_id=item.pk, number=2)
    assert rows_of(Outbox, county.id, version_id=last.pk)


@pytest.mark.parametrize(("kind", "told"), [("award", False), ("training", False), ("complaint", True)])
def test_the_office_is_not_told_of_facts_that_stay_in_the_unit(county: County, kind: str, told: bool) -> None:
    """`inside` marks what the office's journal leaves out."""
    unit = county.education
    part = opened(unit)
    item_sealed(part, kind, unit=unit)
    put_right(part, part.name, id_number(), unit=unit)
    (event,) = events(county.id, verb="item.identity_corrected")
    assert bool(event.data.get("inside")) is told


def test_a_draft_against_somebody_is_held_to_the_number_anew(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    item = written(part, "administrative_penalty", by=unit.clerk)
    put_right(part, "王小明", right, unit=unit)
    row = fact(item)
    assert (row.identified_by, row.number_mask) == ("", archive_of(part).number_mask)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match="身份尚未核对"):
        submit_item(item=row, revision=None, actor=who, today=timezone.localdate())
    row.archive = archive_of(part)
    assert kept(row, by=unit.clerk).identified_by == "王经办"


@pytest.mark.parametrize("stage", ["record", "item"])
def test_what_is_under_way_is_finished_first(county: County, stage: str) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    if stage == "record":
        in_review(unit, part=part)
    else:
        item = item_sealed(part, unit=unit)
        with acting_as(unit.clerk) as who:
            start_item_correction(item=item, reason="文号有误", revision=None, actor=who)
    request = asked_for(part, raw_of("王小明", right), by=unit.clerk)
    with pytest.raises(Refused, match="先办结"):
        agreed(request, by=unit.reviewer, last=right[-6:])
    assert numbers(county.id) == {wrong}


def test_an_adverse_determination_is_read_again_as_well(county: County) -> None:
    unit, right = county.education, id_number()
    part = adverse_in_review(unit)
    attach(part)
    served(unit, part)
    confirm(fresh(part), by=unit.reviewer)
    request = asked_for(part, raw_of(part.name, right), by=unit.clerk)
    with pytest.raises(Refused, match="年度不利认定"):
        agreed(request, by=unit.reviewer, last=right[-6:])
    agreed(request, by=unit.reviewer, last=right[-6:], lasts={f"part-{part.pk}": right[-6:]})
    with acting(county.id, "job"):
        first, second = Version.objects.filter(part_id=part.pk).order_by("number")
    assert second.cites["proceeding"] == first.cites["proceeding"]
    assert fresh(part).determination == "warning"


def test_a_wrong_persons_penalty_still_does_not_attach_afterwards(county: County) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小明", number=wrong)
    put_right(part, "王小明", right, unit=unit)
    part = fresh(part)
    with pytest.raises(Refused, match="不一致"):
        written(part, "administrative_penalty", by=unit.filler, named=Named("王小明", wrong))
    assert rows_of(Item, county.id) == []


# --- pages -----------------------------------------------------------------------------------------------------------


def test_from_the_record_to_the_corrected_archive(county: County, client_as: Any) -> None:
    unit, wrong, right = county.education, id_number(), id_number()
    part = opened(unit, name="王小朋", number=wrong)
    sealed(unit, part=part)
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)
    assert f"/records/{part.pk}/identity/" in clerk.get(f"/records/{part.pk}/").content.decode()
    page = clerk.get(f"/records/{part.pk}/identity/").content.decode()
    assert wrong not in page
    body = raw_of("王小明", right) | {"kind": "correction", "reason": "看错", "evidence": "身份证原件"}
    answer = clerk.post(f"/records/{part.pk}/identity/", body | {"document_number": "1"})
    assert answer.status_code == 422
    answer = clerk.post(f"/records/{part.pk}/identity/", body)
    (request,) = rows_of(IdentityRequest, county.id)
    assert answer.url == f"/identities/{request.pk}/"
    assert right not in clerk.get(answer.url).content.decode()
    assert "王小明" in reviewer.get("/identities/").content.decode()
    said = reviewer.post(answer.url, {"action": "confirm", "last": "000000", "revision": 1}, follow=True)
    assert "没有确认" in said.content.decode()
    said = reviewer.post(answer.url, {"action": "confirm", "last": right[-6:], "revision": 1}, follow=True)
    assert "身份已更正" in said.content.decode()
    assert "王小明" in reviewer.get(f"/records/{part.pk}/").content.decode()
    versions = reviewer.get(f"/records/{part.pk}/versions/").content.decode()
    assert "王经办" in versions


def test_refused_and_withdrawn(county: County, client_as: Any) -> None:
    unit = county.education
    part = opened(unit)
    for member, action, status in (
        (unit.reviewer, "refuse", RequestStatus.REFUSED),
        (unit.clerk, "withdraw", RequestStatus.WITHDRAWN),
    ):
        request = asked_for(part, raw_of(part.name, id_number()), by=unit.clerk)
        browser = client_as(member)
        browser.post(f"/identities/{request.pk}/", {"action": action, "revision": 1})
        (row,) = rows_of(IdentityRequest, county.id, id=request.pk)
        assert row.status == RequestStatus.PROPOSED
        browser.post(f"/identities/{request.pk}/", {"action": action, "reason": "材料不全", "revision": 1})
        (row,) = rows_of(IdentityRequest, county.id, id=request.pk)
        assert (row.status, row.answer) == (status, "材料不全")
    assert len(rows_of(Person, county.id)) == 1


def test_other_units_and_the_office_do_not_see_what_a_unit_asks(county: County, client_as: Any) -> None:
    part = opened(county.education)
    request = asked_for(part, raw_of(part.name, id_number()), by=county.education.clerk)
    for member in (county.health.clerk, county.health.reviewer, county.officer):
        assert client_as(member).get(f"/identities/{request.pk}/").status_code == 404
        assert part.name not in client_as(member).get("/identities/").content.decode()
