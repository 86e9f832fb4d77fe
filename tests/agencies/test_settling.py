"""What a merged agency has left: people of its successor correct and revoke it under its name (AY-21, AY-22, AY-29)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Agency, Membership, Role
from agencies.services import end_membership
from agencies.settling import appoint_settler, dismiss_settler, predecessors_of
from archives.models import RecordPart
from archives.services.people import open_archive
from archives.services.records import start_correction
from archives.states import Status
from audit.lifecycle import AlreadyDone, Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, confirm, events, hand_on, save, sealed
from tests.factories import County, actor, id_number


def merge(county: County, *, on: dt.date) -> Agency:
    """Education is merged into health."""
    agency = county.education.agency
    agency.active, agency.ended_on, agency.successor = False, on, county.health.agency
    agency.save()
    group = county.education.responsibility
    group.ended_on, group.successor = on, county.health.agency
    group.save()
    return agency


def settler(county: County, member: Membership, old: Agency) -> Membership:
    with acting_as(county.health.admin) as admin:
        return appoint_settler(member=member, predecessor=old, actor=admin)


@pytest.mark.req("AY-22")
def test_what_a_merged_agency_sealed_is_corrected_by_people_of_its_successor(
    county: County, client_as: Callable[[Membership], Client]
) -> None:
    first = sealed(county.education)
    old = merge(county, on=timezone.localdate())
    assert not Membership.objects.current().filter(pk=county.education.clerk.pk).exists()
    assert predecessors_of(actor(county.health.admin)) == [old]

    admin = client_as(county.health.admin)
    assert "承接单位事务" in admin.get("/members/").content.decode()
    for member in (county.health.clerk, county.health.reviewer):
        answer = admin.post("/members/predecessors/", {"predecessor": old.pk, "member": member.pk})
        assert (answer.status_code, answer["Location"]) == (302, "/members/predecessors/")
    clerk, reviewer = Membership.objects.filter(agency=old, settling=True).order_by("role")
    assert [clerk.role, reviewer.role] == [Role.CLERK, Role.REVIEWER]
    assert len(events(county.id, verb="membership.settling")) == 2

    browser = client_as(clerk)
    page = browser.get(f"/records/{first.part_id}/")
    assert page.status_code == 200
    assert "已并入，承接办理" in page.content.decode()
    with acting_as(clerk) as who:
        row = RecordPart.objects.get(pk=first.part_id)
        draft = start_correction(part=row, reason="核对有误", revision=None, actor=who)
    version = confirm(hand_on(save(draft, by=clerk, duties="更正后的职责").part, by=clerk), by=reviewer)
    assert (version.number, version.agency_id) == (2, old.pk)


def test_a_settler_opens_no_new_archives(county: County) -> None:
    old = merge(county, on=timezone.localdate().replace(month=1, day=1))
    clerk = settler(county, county.health.clerk, old)
    today = timezone.localdate()
    with acting_as(clerk) as who, pytest.raises(Refused, match="承接，本单位只补建以前年度"):
        open_archive(
            responsibility=county.education.responsibility,
            employer=None,
            raw={"name": "王小明", "document_number": id_number()},
            year=today.year,
            actor=who,
            today=today,
        )


def test_the_year_before_a_duty_moved_is_still_filled_in_where_it_was(county: County) -> None:
    today = timezone.localdate()
    merge(county, on=today.replace(month=1, day=1))
    group = county.education.responsibility
    group.jurisdiction.parameters["first_year"] = today.year - 1
    group.jurisdiction.save()
    old = county.education.agency
    clerk = settler(county, county.health.clerk, old)
    with acting_as(clerk) as who:
        part = open_archive(
            responsibility=group,
            employer=None,
            raw={"name": "王小明", "document_number": id_number()},
            year=today.year - 1,
            actor=who,
            today=today,
        )
    assert (part.year, part.status) == (today.year - 1, Status.DRAFT)


def test_only_the_successors_administrator_appoints_and_only_own_people(
    county: County, other_county: County, client_as: Callable[[Membership], Client]
) -> None:
    old = merge(county, on=timezone.localdate())
    with acting_as(county.health.clerk) as who, pytest.raises(Refused, match="已并入本单位"):
        appoint_settler(member=county.health.clerk, predecessor=old, actor=who)
    with acting_as(county.health.admin) as who:
        for stranger in (county.education.clerk, other_county.health.clerk, county.health.admin):
            with pytest.raises(Refused, match="本单位在任"):
                appoint_settler(member=stranger, predecessor=old, actor=who)
        with pytest.raises(Refused, match="已并入本单位"):
            appoint_settler(member=county.health.clerk, predecessor=other_county.education.agency, actor=who)
        appointed = appoint_settler(member=county.health.clerk, predecessor=old, actor=who)
        with pytest.raises(AlreadyDone):
            appoint_settler(member=county.health.clerk, predecessor=old, actor=who)
    foreign = client_as(other_county.health.admin)
    assert foreign.post(f"/members/predecessors/{appointed.pk}/end/").status_code == 404
    with acting_as(county.health.admin) as who:
        dismiss_settler(settler=appointed, actor=who)
        with pytest.raises(AlreadyDone):
            dismiss_settler(settler=Membership.objects.get(pk=appointed.pk), actor=who)
    assert not Membership.objects.current().filter(agency=old).exists()


def test_who_served_there_before_comes_back_as_a_settler(county: County) -> None:
    """The clerk goes along to the successor and sees to the old unit's records."""
    former = county.education.clerk
    old = merge(county, on=timezone.localdate())
    here = Membership.objects.create(
        user=former.user, jurisdiction_id=county.id, agency=county.health.agency, role=Role.CLERK
    )
    again = settler(county, here, old)
    assert again.pk == former.pk
    assert again.settling
    assert Membership.objects.current().filter(pk=former.pk).exists()
    with acting(county.id, "job"):
        assert RecordPart.objects.count() == 0


def test_who_leaves_the_successor_leaves_what_was_merged_into_it(county: County) -> None:
    version = sealed(county.education)
    old = merge(county, on=timezone.localdate() - dt.timedelta(days=1))
    member = county.health.clerk
    place = settler(county, member, old)
    with acting_as(place) as who:
        assert RecordPart.objects.visible_to(who).filter(id=version.part_id).exists()
    with acting_as(county.health.admin) as admin:
        end_membership(membership=member, actor=admin)
    assert not Membership.objects.current().filter(pk=place.pk).exists()
    place.refresh_from_db()
    assert place.ended_at is not None
    assert not place.user.has_perm("agencies.handle_responsibility", county.education.responsibility)


def test_a_place_in_what_was_merged_ends_with_the_work_in_the_successor(county: County) -> None:
    """Also where nobody ended it: the successor is merged on, or the membership was ended elsewhere."""
    old = merge(county, on=timezone.localdate() - dt.timedelta(days=1))
    place = settler(county, county.health.clerk, old)
    assert Membership.objects.current().filter(pk=place.pk).exists()
    county.health.agency.active = False
    county.health.agency.save()
    assert not Membership.objects.current().filter(pk=place.pk).exists()
