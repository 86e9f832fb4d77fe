"""What of members leaves and is recalled when the consent is withdrawn; associations as tenants."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agencies.associations import add_association
from agencies.groups import add_group
from agencies.models import Agency, Membership, Responsibility, Role
from agencies.packloader import load, read
from agencies.services import add_member
from archives.models import Archive, Item, MemberConsent, Outbox, RecordPart, Version
from archives.occupations import occupations_of
from archives.payloads import version_payload
from archives.schema.members import MEMBERS
from archives.selectors import items_visible_to, parts_visible_to
from archives.services.consents import withdraw_consent
from archives.services.outbox import take_due
from archives.services.transfer_out import propose_transfer
from archives.states import Delivery
from audit.lifecycle import AlreadyDone, Refused
from audit.models import Event
from credit_platform.tenancy.context import acting
from tests.archives.flow import (
    acting_as,
    confirm,
    consented,
    events,
    fresh,
    hand_on,
    passed_on,
    rows_of,
    save,
)
from tests.archives.item_flow import fresh_item, item_sealed, written
from tests.archives.member_flow import (
    NAME,
    TODAY,
    consent_in,
    number,
    opening,
    opening_in,
    part,
    unit,
    withdrawn,
)
from tests.factories import County, ResponsibilityFactory, Unit, UserFactory, actor

__all__ = ["number", "part", "unit"]


# --- what leaves, and recall -----------------------------------------------------------------------------------------


def sealed_with_award(unit: Unit, part: RecordPart) -> Item:
    item = item_sealed(part, unit=unit)
    save(fresh(part), by=unit.filler)
    confirm(passed_on(hand_on(fresh(part), by=unit.filler), by=unit.clerk), by=unit.reviewer)
    return item


@pytest.mark.req("GZ-11")
def test_facts_leave_and_the_yearly_form_does_not(county: County, unit: Unit, part: RecordPart) -> None:
    item = sealed_with_award(unit, part)
    assert fresh(part).delivery == ""
    (row,) = rows_of(Outbox, county.id)
    assert row.item_id == item.pk


@pytest.mark.req("GZ-11")
def test_without_consent_to_it_nothing_leaves(county: County, unit: Unit, number: str) -> None:
    consented(unit.responsibility, by=unit.filler, name=NAME, number=number, delivers=False)
    part = opening(unit, number, by=unit.filler)
    sealed_with_award(unit, part)
    assert rows_of(Outbox, county.id) == []


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
def test_withdrawal_ends_filling_and_recalls_what_was_delivered(
    county: County, unit: Unit, part: RecordPart, number: str
) -> None:
    delivered = sealed_with_award(unit, part)
    draft = written(fresh(part), "training", by=unit.filler)
    with acting(county.id, "job"):
        Outbox.objects.update(state=Delivery.ACCEPTED)
        sealed_body = Version.objects.get(part=part)
        assert sealed_body.bodies.exists()
    withdrawn(county, unit)
    for member in (unit.filler, unit.clerk, unit.reviewer, county.officer):
        with acting_as(member) as who:
            assert not RecordPart.objects.visible_to(who).exists()
            assert not Item.objects.visible_to(who).exists()
    assert fresh_item(draft).values == {}
    assert fresh_item(draft).emptied_at is not None
    with acting(county.id, "job"):
        assert not sealed_body.bodies.exists()
    with acting(county.id, "job"):
        due = take_due(target="county", now=timezone.now(), limit=10)
        ((row, body),) = due
        assert row.item_id == delivered.pk
        payload = version_payload(version=row.version, occupations=occupations_of(county.id), stored=body)
    assert payload.withdrawn
    assert "JLMC" not in payload.payload
    with pytest.raises(Refused):
        save(fresh(part), by=unit.filler)
    with pytest.raises(Refused):
        written(fresh(part), "training", by=unit.filler, course="又一次培训")
    with pytest.raises(Refused) as refusal:
        opening(unit, number, year=TODAY.year - 1)
    assert refusal.value.code == "consent"
    (event,) = events(county.id, verb="consent.withdrawn")
    assert event.data["items"] == 2
    with pytest.raises(AlreadyDone):
        withdrawn(county, unit)


def test_what_still_waits_never_leaves(county: County, unit: Unit, part: RecordPart) -> None:
    sealed_with_award(unit, part)
    withdrawn(county, unit)
    with acting(county.id, "job"):
        assert Outbox.objects.filter(state=Delivery.PENDING).count() == 2
        assert take_due(target="county", now=timezone.now(), limit=10) == []


def test_who_may_withdraw_it_and_when(county: County, unit: Unit, part: RecordPart) -> None:
    consent = consent_in(county)
    for member in (unit.reviewer, county.officer):
        with acting_as(member) as who, pytest.raises(Refused):
            withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)
    with pytest.raises(Refused):
        withdrawn(county, unit, on=TODAY + dt.timedelta(days=1))
    with acting_as(unit.second_filler) as who, pytest.raises(Refused, match="没有找到"):
        withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)


def test_members_are_not_handed_over(county: County, unit: Unit, part: RecordPart) -> None:
    sealed_with_award(unit, part)
    with acting_as(unit.clerk) as who, pytest.raises(Refused) as refusal:
        propose_transfer(
            archive=Archive.objects.get(),
            to=county.health.responsibility,
            document_no="1 号",
            reason="调动",
            actor=who,
            today=TODAY,
        )
    assert refusal.value.code == "members"


# --- associations as tenants -----------------------------------------------------------------------------------------


@pytest.fixture
def place(county: County) -> County:
    """A county whose document encourages associations; 县民政局 stands for them there."""
    row = county.health.responsibility
    ResponsibilityFactory(
        agency=row.agency, position=30, occupation=MEMBERS, label="行业协会、商会会员", encouraged=True
    )
    return county


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
def test_the_office_registers_an_association(place: County, client_as: Callable[..., Client]) -> None:
    office = client_as(place.officer)
    assert "登记协会、商会" in office.get("/rules/").content.decode()
    body = {"name": "餐饮行业协会", "opens_on": f"{TODAY}"}
    assert office.post("/rules/associations/new/", body | {"name": " "}).status_code == 422
    assert office.post("/rules/associations/new/", body).status_code == 302
    assert office.post("/rules/associations/new/", body).status_code == 422
    agency = Agency.objects.get(name="餐饮行业协会")
    assert agency.association
    (line,) = agency.responsibilities.all()
    assert (line.occupation, line.encouraged, line.clause) == (MEMBERS, True, "AY-09")
    assert client_as(place.education.admin).post("/rules/associations/new/", body).status_code == 403
    with acting_as(place.officer) as who:
        with pytest.raises(Refused) as refusal:
            add_group(
                label="厨师",
                agency=agency,
                contents=["E3"],
                basis="某文件",
                opens_on=TODAY,
                actor=who,
                today=TODAY,
            )
        assert refusal.value.code == "association"
        with pytest.raises(Refused, match="两年"):
            add_association(name="商会", opens_on=dt.date(2050, 1, 1), actor=who, today=TODAY)


@pytest.mark.req("GZ-11", "GZ-12")
def test_associations_do_not_see_each_others_members(place: County, number: str) -> None:
    with acting_as(place.officer) as who:
        lines = [
            add_association(name=name, opens_on=TODAY, actor=who, today=TODAY)
            for name in ("餐饮行业协会", "建材商会")
        ]
    first, second = (_member_of(line) for line in lines)
    consent = consented(lines[0], by=first, name=NAME, number=number, employer=None)
    opening_in(lines[0], number, by=first)
    with pytest.raises(Refused) as refusal:
        opening_in(lines[1], number, by=second)
    assert refusal.value.code == "consent"
    with acting_as(second) as who:
        assert not Archive.objects.exists()
        assert not MemberConsent.objects.exists()
        with pytest.raises(Refused, match="没有找到"):
            withdraw_consent(consent=consent, on=TODAY, reason="", actor=who, today=TODAY)


def _member_of(line: Responsibility) -> Membership:
    admin = Membership.objects.create(
        user=UserFactory(username=f"admin.{line.pk}", display_name="会长"),
        jurisdiction=line.jurisdiction,
        agency=line.agency,
        role=Role.AGENCY_ADMIN,
    )
    with acting(line.jurisdiction_id, "agency", agency=line.agency_id):
        membership, _ = add_member(
            username=f"clerk.{line.pk}",
            display_name="秘书长",
            role=Role.CLERK,
            agency=line.agency,
            employer=None,
            responsibilities=[line],
            actor=actor(admin),
        )
    return membership


@pytest.mark.req("GZ-11")
def test_where_no_document_encourages_it_there_are_none(county: County) -> None:
    with acting_as(county.officer) as who, pytest.raises(Refused) as refusal:
        add_association(name="餐饮行业协会", opens_on=TODAY, actor=who, today=TODAY)
    assert refusal.value.code == "no_clause"


@pytest.mark.django_db
def test_loading_a_pack_again_leaves_associations_alone(platform: Any) -> None:
    pack = read("ganzhou")
    load(pack, apply=True)
    office = Membership.objects.create(
        user=UserFactory(username="office", display_name="钱信用"), jurisdiction_id=360700, role=Role.OFFICER
    )
    with acting_as(office) as who:
        add_association(name="餐饮行业协会", opens_on=TODAY, actor=who, today=TODAY)
    assert load(pack, apply=False) == []


@pytest.mark.req("GZ-11", "PD-14", "ZD-17")
@pytest.mark.parametrize("delivers", [True, False])
def test_the_office_sees_nothing_of_members_whether_they_agreed_to_delivery_or_not(
    county: County, unit: Unit, number: str, client_as: Callable[..., Client], delivers: bool
) -> None:
    consented(unit.responsibility, by=unit.filler, name=NAME, number=number, delivers=delivers)
    part = opening(unit, number, by=unit.filler)
    item = sealed_with_award(unit, part)
    with acting_as(county.officer) as who:
        assert not parts_visible_to(who).exists()
        assert not items_visible_to(who).exists()
        told = Event.objects.visible_to(who).values_list("subject_label", flat=True)
        assert not [label for label in told if NAME in label]
    officer = client_as(county.officer)
    assert officer.get(f"/records/{part.pk}/").status_code == 404
    assert officer.get(f"/items/{item.pk}/").status_code == 404
    assert NAME not in officer.get("/archives/").content.decode()
    with acting_as(unit.clerk) as who:
        assert parts_visible_to(who).exists()
