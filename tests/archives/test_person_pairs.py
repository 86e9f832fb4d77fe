"""People who may be one: side by side for the office, merged or kept apart by two of its members, and back again."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from archives.models import Archive, Person, PersonDocument, PersonPair, RecordPart, Version, VersionBody
from archives.services.hub import family_of
from archives.services.identities import Named
from archives.services.people import NotReadable, open_archive
from archives.services.person_pairs import (
    confirm_merge,
    keep_apart,
    propose_merge,
    reconsider,
    undo_merge,
    why_not,
)
from archives.states import PairStatus
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, events, opened, rows_of, sealed
from tests.archives.identity_flow import (
    PASSPORT,
    merged,
    numbers,
    pairs_of,
    put_right,
    raw_of,
    second_officer,
)
from tests.archives.item_flow import item_sealed, written
from tests.factories import County, Unit, id_number


def opened_with(unit: Unit, raw: dict[str, str]) -> RecordPart:
    with acting_as(unit.filler) as who:
        return open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw=raw,
            year=timezone.localdate().year,
            actor=who,
            today=timezone.localdate(),
        )


def twice(
    county: County, document_type: str = "414", number: str = PASSPORT
) -> tuple[RecordPart, RecordPart]:
    """One human, at one unit by the ID card, at another by something else."""
    first = opened(county.education, name="王小明")
    return first, opened_with(county.health, raw_of("王小明", number, document_type))


def everything(county: County) -> dict[str, list[Any]]:
    """All rows about people, but for what the office noted."""
    models = (Person, PersonDocument, Archive, RecordPart, Version, VersionBody)
    with acting(county.id, "job"):
        return {model.__name__: list(model.objects.order_by("id").values()) for model in models}


# --- which are found -------------------------------------------------------------------------------------------------


def test_a_passport_and_an_id_card_of_one_name(county: County) -> None:
    first, second = twice(county)
    opened(county.education, name="李小红")
    (pair,) = pairs_of(county)
    assert {pair.first_id, pair.second_id} == {first.person_id, second.person_id}
    assert (pair.status, pair.reported) == (PairStatus.OPEN, False)
    assert len(pairs_of(county)) == 1


def test_one_name_and_one_birth_date(county: County) -> None:
    number = id_number()
    opened_with(county.health, raw_of("王小明", number, "112"))
    opened(county.education, name="王小明")
    assert pairs_of(county) == []
    opened_with(county.education, raw_of("王小明", number))  # a temporary card has the citizen's number, too
    assert len(pairs_of(county)) == 1


def test_namesakes_with_other_birth_dates_are_no_pair(county: County) -> None:
    opened(county.education, name="王小明")
    opened(county.health, name="王小明")
    assert pairs_of(county) == []


def test_other_counties_are_not_looked_at(county: County, other_county: County) -> None:
    opened(county.education, name="王小明")
    opened_with(other_county.education, raw_of("王小明", PASSPORT, "414"))
    assert pairs_of(county) == pairs_of(other_county) == []


# --- merging ---------------------------------------------------------------------------------------------------------


def test_a_merge_moves_nothing_and_its_undoing_is_exact(county: County) -> None:
    first, second = twice(county)
    sealed(county.education, part=first)
    (pair,) = pairs_of(county)
    before = everything(county)
    row = merged(pair, county=county)
    assert row.status == PairStatus.MERGED
    after = everything(county)
    assert {key: rows for key, rows in after.items() if key != "Person"} == {
        key: rows for key, rows in before.items() if key != "Person"
    }
    with acting(county.id, "job"):
        family = {first.person_id, second.person_id}
        assert family_of(first.person_id) == family_of(second.person_id) == family
    with acting_as(county.officer) as who:
        undo_merge(pair=row, reason="查明是两个人", revision=None, actor=who)
    assert everything(county) == before
    verbs = [one.verb for one in events(county.id) if one.verb.startswith("pair.")]
    assert verbs == ["pair.proposed", "pair.merged", "pair.merge_undone"]


def test_who_is_merged_has_one_archive_of_a_group_at_a_unit(county: County) -> None:
    """By whichever document a unit opens, it finds what it has of this human."""
    first, _ = twice(county)
    (pair,) = pairs_of(county)
    merged(pair, county=county)
    with pytest.raises(Refused, match="年度记录已经建立"):
        opened_with(county.education, raw_of("王小明", PASSPORT, "414"))
    assert len(rows_of(Archive, county.id, agency_id=county.education.agency.pk)) == 1
    assert rows_of(Archive, county.id, agency_id=county.education.agency.pk)[0].person_id == first.person_id


def test_a_correction_of_one_does_not_change_whom_the_office_merged_it_with(county: County) -> None:
    first, second = twice(county)
    (pair,) = pairs_of(county)
    merged(pair, county=county)
    number = id_number()
    put_right(first, "王大明", number, unit=county.education)
    assert numbers(county.id, person_id=second.person_id) == {PASSPORT}
    with acting(county.id, "job"):
        moved = Archive.objects.get(records__parts__id=first.pk).person_id
        assert family_of(moved) == {moved}
    assert numbers(county.id, person_id=moved) == {number}
    assert numbers(county.id) == {PASSPORT, number}


def test_a_fact_may_name_who_is_merged_by_the_other_document(county: County) -> None:
    first, _ = twice(county)
    named = Named("王小明", PASSPORT)
    with pytest.raises(NotReadable):
        written(first, "administrative_penalty", by=county.education.filler, named=named)
    (pair,) = pairs_of(county)
    merged(pair, county=county)
    item = written(first, "administrative_penalty", by=county.education.filler, named=named)
    assert item.person_id == first.person_id


def test_two_archives_of_a_group_at_one_unit_are_not_merged(county: County) -> None:
    opened(county.education, name="王小明")
    opened_with(county.education, raw_of("王小明", PASSPORT, "414"))
    (pair,) = pairs_of(county)
    with acting_as(county.officer) as who:
        assert "同一单位" in why_not(pair)
        with pytest.raises(Refused, match="同一单位"):
            propose_merge(pair=pair, reason="同一人", evidence="护照", revision=None, actor=who)


def test_other_names_are_not_merged(county: County) -> None:
    first = opened(county.education, name="王小明")
    second = opened(county.health, name="王晓明")
    one, other = sorted((first.person_id, second.person_id))
    with acting(county.id, "job"):
        pair = PersonPair.objects.create(first_id=one, second_id=other)
    with acting_as(county.officer) as who, pytest.raises(Refused, match="姓名不同"):
        propose_merge(pair=pair, reason="同一人", evidence="护照", revision=None, actor=who)


@pytest.mark.parametrize("missing", ["reason", "evidence"])
def test_no_merge_without_reason_and_evidence(county: County, missing: str) -> None:
    twice(county)
    (pair,) = pairs_of(county)
    given = {"reason": "同一人", "evidence": "护照"} | {missing: " "}
    with acting_as(county.officer) as who, pytest.raises(Refused, match="写明"):
        propose_merge(pair=pair, revision=None, actor=who, **given)


def test_nobody_merges_alone(county: County) -> None:
    twice(county)
    (pair,) = pairs_of(county)
    with acting_as(county.officer) as who:
        row = propose_merge(pair=pair, reason="同一人", evidence="护照", revision=None, actor=who)
        with pytest.raises(Refused, match="另一人复核"):
            confirm_merge(pair=row, revision=None, actor=who)
    assert all(person.merged_into_id is None for person in rows_of(Person, county.id))
    for member in (county.education.clerk, county.education.reviewer):
        with acting_as(member) as who, pytest.raises(Refused, match="不由您办理"):
            confirm_merge(pair=row, revision=None, actor=who)


def test_what_changed_since_the_proposal_is_seen(county: County) -> None:
    """An archive of the same group at one unit was opened between proposal and confirmation."""
    twice(county)
    (pair,) = pairs_of(county)
    with acting_as(county.officer) as who:
        row = propose_merge(pair=pair, reason="同一人", evidence="护照", revision=None, actor=who)
    opened_with(county.education, raw_of("王小明", PASSPORT, "414"))
    with acting_as(second_officer(county)) as who, pytest.raises(Refused, match="同一单位"):
        confirm_merge(pair=row, revision=None, actor=who)
    assert all(person.merged_into_id is None for person in rows_of(Person, county.id))


# --- kept apart ------------------------------------------------------------------------------------------------------


def test_who_is_kept_apart_is_never_proposed_again_unless_somebody_wants_to(county: County) -> None:
    twice(county)
    (pair,) = pairs_of(county)
    with acting_as(county.officer) as who:
        with pytest.raises(Refused, match="须写明原因"):
            keep_apart(pair=pair, reason="", revision=None, actor=who)
        row = keep_apart(pair=pair, reason="两人都到场核实", revision=None, actor=who)
        with pytest.raises(Refused, match="现在的状态"):
            propose_merge(pair=row, reason="同一人", evidence="护照", revision=None, actor=who)
    assert [one.status for one in pairs_of(county)] == [PairStatus.APART]
    with acting_as(county.officer) as who:
        assert reconsider(pair=row, reason="有新材料", revision=None, actor=who).status == PairStatus.OPEN


# --- pages -----------------------------------------------------------------------------------------------------------


def test_side_by_side(county: County, other_county: County, client_as: Any) -> None:
    first, _ = twice(county)
    item_sealed(first, unit=county.education)
    officer = client_as(county.officer)
    page = officer.post("/identities/pairs/", {}, follow=True).content.decode()
    assert "新找到 1 对" in page
    (pair,) = rows_of(PersonPair, county.id)
    address = f"/identities/pairs/{pair.pk}/"
    assert address in page
    page = officer.get(address).content.decode()
    assert PASSPORT not in page
    assert page.count("主证件") == 2
    assert all(word in page for word in ("县教育局", "县卫健委", "护照", "居民身份证"))
    (look,) = events(county.id, verb="pair.read")
    assert sorted(look.data["people"]) == sorted(map(str, (pair.first_id, pair.second_id)))
    assert client_as(other_county.officer).get(address).status_code == 404
    for member in (county.education.clerk, county.education.reviewer, county.education.admin):
        assert client_as(member).get(address).status_code == 403
    assert officer.post(address, {"action": "propose", "reason": "同一人", "revision": 1}).status_code == 422
    officer.post(address, {"action": "propose", "reason": "同一人", "evidence": "护照", "revision": 1})
    said = client_as(second_officer(county)).post(address, {"action": "merge", "revision": 2}, follow=True)
    assert "已合并" in said.content.decode()
    said = officer.post(address, {"action": "undo", "reason": "有误", "revision": 3}, follow=True)
    assert "恢复为两处登记" in said.content.decode()
