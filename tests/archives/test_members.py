"""行业协会、商会: own members alone, with consent, nothing official against them, recalled when it is withdrawn."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from agencies.associations import add_association
from agencies.groups import add_group
from agencies.models import Agency, Membership, Responsibility, Role
from agencies.packloader import load, read
from agencies.services import add_member
from archives.coverage import coverage_of
from archives.items import kinds_for
from archives.models import Archive, Item, MemberConsent, Outbox, RecordPart, Version
from archives.occupations import occupation_of, occupations_of
from archives.payloads import version_payload
from archives.schema.kinds import kinds
from archives.schema.members import MEMBER_KINDS, MEMBERS, SELF_DISCIPLINE
from archives.schema.registry import registry
from archives.selectors import items_visible_to, parts_visible_to
from archives.services.consents import record_consent, withdraw_consent
from archives.services.evidence import attach_evidence
from archives.services.items import open_item
from archives.services.outbox import take_due
from archives.services.people import open_archive
from archives.services.records import submit
from archives.services.roster import enrol
from archives.services.transfer_out import propose_transfer
from archives.states import Delivery
from archives.workbooks.columns import columns_of
from audit.lifecycle import AlreadyDone, Refused
from audit.models import Event
from credit_platform.tenancy.context import acting
from oversight.progress import progress_of
from tests.archives.flow import (
    acting_as,
    confirm,
    consented,
    events,
    fresh,
    hand_on,
    opened,
    passed_on,
    rows_of,
    save,
)
from tests.archives.item_flow import basis_of, fresh_item, item_sealed, named_in, written
from tests.archives.upload_flow import applied, blank, person, told, uploaded
from tests.factories import County, ResponsibilityFactory, Unit, UserFactory, actor, id_number
from tests.web import samples

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


# --- only with consent ----------------------------------------------------------------------------------------------


def opening(unit: Unit, number: str, *, name: str = NAME, year: int = TODAY.year) -> RecordPart:
    with acting_as(unit.clerk) as who:
        return open_archive(
            responsibility=unit.responsibility,
            employer=None,
            raw={"name": name, "document_number": number},
            year=year,
            actor=who,
            today=TODAY,
        )


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
def test_no_archive_without_the_members_consent(county: County, unit: Unit, number: str) -> None:
    for name, document in ((NAME, number), ("李小红", number), (NAME, id_number())):
        with pytest.raises(Refused) as refusal:
            opening(unit, document, name=name)
        assert refusal.value.code == "consent"
        consented(unit.responsibility, by=unit.clerk, name="李四", number=id_number())
    assert rows_of(Archive, county.id) == []
    consent = consented(unit.responsibility, by=unit.clerk, name=NAME, number=number)
    part = opening(unit, number)
    assert rows_of(Archive, county.id)[0].consent_id == consent.pk
    assert part.name == NAME


@pytest.mark.req("GZ-11")
def test_the_page_says_what_is_missing(
    county: County, unit: Unit, number: str, client_as: Callable[..., Client]
) -> None:
    clerk = client_as(unit.clerk)
    assert "/consents/" in clerk.get("/archives/").content.decode()
    body = {
        "responsibility": unit.responsibility.pk,
        "year": TODAY.year,
        "name": NAME,
        "document_type": "111",
        "document_number": number,
    }
    answer = clerk.post("/archives/open/", body)
    assert answer.status_code == 422
    assert "会员同意书" in answer.content.decode()
    scan = SimpleUploadedFile("同意书.pdf", samples.pdf(b"%% 1\n"), "application/pdf")
    paper = body | {"signed_on": "2026-01-05", "delivers": "on"}
    assert clerk.post("/consents/new/", paper).status_code == 422
    wrong = SimpleUploadedFile("同意书.pdf", b"MZ\x90", "application/pdf")
    assert clerk.post("/consents/new/", paper | {"scan": wrong}).status_code == 422
    done = clerk.post("/consents/new/", paper | {"scan": scan})
    assert done.status_code == 302
    assert clerk.post("/archives/open/", body).status_code == 302
    page = done["Location"]
    assert clerk.get(f"{page}scan/")["Content-Type"] == "application/pdf"
    assert NAME in clerk.get("/consents/").content.decode()
    assert clerk.post(page, {"on": "2025-01-01"}).status_code == 422
    assert clerk.post(page, {"on": f"{TODAY}"}).status_code == 302
    assert "已撤回" in clerk.get(page).content.decode()
    assert NAME not in clerk.get("/archives/").content.decode()
    assert client_as(county.health.clerk).get(page).status_code == 404
    assert client_as(county.officer).get(page).status_code == 403
    assert client_as(unit.second_filler).get(page).status_code == 404


@pytest.mark.req("GZ-11", "ZD-17")
def test_the_database_holds_no_archive_without_consent(unit: Unit, county: County, part: RecordPart) -> None:
    """Whatever the program forgets: no archive without consent, no other kind, no determination against a member."""
    award = written(part, by=unit.filler)
    with acting_as(unit.filler):
        for rows, wrong in (
            (Archive.objects.all(), {"consent": None}),
            (RecordPart.objects.all(), {"determination": "serious_dishonesty"}),
            (RecordPart.objects.all(), {"determination": "warning"}),
            (Item.objects.filter(id=award.pk), {"kind": "administrative_penalty"}),
            (Item.objects.filter(id=award.pk), {"kind": "industry_sanction"}),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(**wrong)
    health = county.health
    foreign = consented_elsewhere(health)
    with acting_as(unit.filler), pytest.raises(DatabaseError), transaction.atomic():
        Archive.objects.update(consent_id=foreign)


def consented_elsewhere(unit: Unit) -> Any:
    """A consent that another agency of the county holds."""
    row = ResponsibilityFactory(agency=unit.agency, position=30, occupation=MEMBERS, label="会员")
    member = _handler(unit, row)
    return consented(row, by=member, name=NAME, number=id_number(), employer=None).pk


def _handler(unit: Unit, row: Responsibility) -> Membership:
    with unit.acting():
        membership, _ = add_member(
            username=f"handler.{row.pk}",
            display_name="会员经办",
            role=Role.CLERK,
            agency=unit.agency,
            employer=None,
            responsibilities=[row],
            actor=actor(unit.admin),
        )
    return membership


@pytest.mark.req("GZ-11")
def test_what_a_consent_needs(county: County, unit: Unit, number: str) -> None:
    wrong: list[tuple[str, Membership, dict[str, Any]]] = [
        ("signed_on", unit.clerk, {"signed_on": TODAY + dt.timedelta(days=1)}),
        ("employer", unit.clerk, {"employer": county.health.employer}),
        ("employer", unit.filler, {"employer": unit.second_employer}),
        ("foreign", unit.reviewer, {}),
    ]
    for code, by, given in wrong:
        with pytest.raises(Refused) as refusal:
            consented(unit.responsibility, by=by, name=NAME, number=number, **given)
        assert refusal.value.code == code
    with acting_as(county.health.clerk) as who, pytest.raises(Refused) as refusal:
        record_consent(
            responsibility=county.health.responsibility,
            employer=None,
            raw={"name": NAME, "document_number": number},
            signed_on=TODAY,
            delivers=False,
            scan=io.BytesIO(samples.pdf(b"%% 2\n")),
            actor=who,
            today=TODAY,
        )
    assert refusal.value.code == "foreign"
    consented(unit.responsibility, by=unit.clerk, name=NAME, number=number)
    with pytest.raises(AlreadyDone):
        consented(unit.responsibility, by=unit.clerk, name=NAME, number=number)


# --- nothing official ------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-11", "LL-06")
def test_the_group_and_its_kinds() -> None:
    group = registry.get(MEMBERS)
    assert group.kinds == MEMBER_KINDS
    adverse = [code for code in group.kinds if kinds.get(code).may_be_adverse]
    assert adverse == [SELF_DISCIPLINE]
    kind = kinds.get(SELF_DISCIPLINE)
    assert (kind.disclosure, kind.deliverable) == ("self", False)


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
@pytest.mark.parametrize(
    "kind", ["administrative_penalty", "industry_sanction", "law_breach", "judgment_defaulter", "discipline"]
)
def test_no_official_adverse_fact_by_code_or_page(
    unit: Unit, part: RecordPart, kind: str, client_as: Callable[..., Client]
) -> None:
    with acting_as(unit.filler) as who, pytest.raises(Refused) as refusal:
        open_item(
            part=part,
            kind=kind,
            basis=basis_of(kind),
            raw={},
            actor=who,
            today=TODAY,
            named=named_in(part.record.archive),
        )
    assert refusal.value.code == "kind"
    page = client_as(unit.filler).get(f"/records/{part.id}/items/add/").content.decode()
    assert f'value="{kind}"' not in page
    assert kind not in {
        one.code for one in kinds_for(occupation_of(unit.responsibility), unit.responsibility)
    }


@pytest.mark.req("GZ-11", "ZD-17")
def test_no_determination_against_a_member(
    unit: Unit, part: RecordPart, client_as: Callable[..., Client]
) -> None:
    saved = save(part, by=unit.filler, determination="serious_dishonesty", listing="market")
    assert [problem.field for problem in saved.problems if problem.severity == "error"] == ["determination"]
    assert fresh(part).determination == ""
    with acting_as(unit.filler) as who, pytest.raises(Exception, match="不作失信认定"):
        submit(part=fresh(part), revision=None, actor=who, today=TODAY)
    posted = {"action": "save", "revision": str(fresh(part).revision), "determination": "warning"}
    answer = client_as(unit.filler).post(f"/records/{part.id}/", posted)
    assert answer.status_code in (200, 302, 422)
    assert fresh(part).determination == ""
    labels = {column.label for column in columns_of(occupation_of(unit.responsibility), TODAY.year)}
    assert "信用状况" in labels


def test_self_discipline_stays_between_the_two(county: County, unit: Unit, part: RecordPart) -> None:
    raw = {
        "occurred_on": "2026-03-01",
        "document_no": "餐协〔2026〕3 号",
        "issued_by": "餐饮行业协会",
        "document_date": "2026-03-05",
        "measure": "warning",
        "rule": "自律公约第五条",
        "content": "",
    }
    with acting_as(unit.filler) as who:
        opened_item = open_item(
            part=part,
            kind=SELF_DISCIPLINE,
            basis=basis_of(SELF_DISCIPLINE),
            raw=raw,
            actor=who,
            today=TODAY,
            named=named_in(part.record.archive),
        )
    assert opened_item.item.adverse
    assert not kinds.get(SELF_DISCIPLINE).deliverable
    with acting_as(unit.filler) as who:
        attach_evidence(
            head=opened_item.item, file=io.BytesIO(samples.pdf(b"%% 3\n")), name="决定.pdf", actor=who
        )
    assert rows_of(Outbox, county.id) == []


def test_nothing_is_owed_of_members(county: County, unit: Unit, part: RecordPart, number: str) -> None:
    assert not unit.responsibility.owes_year(TODAY.year)
    assert not Responsibility.objects.filter(pk=unit.responsibility.pk).open_in(TODAY.year).exists()
    with acting_as(unit.clerk) as who, pytest.raises(Refused) as refusal:
        enrol(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": NAME, "document_number": number},
            joined_on=TODAY,
            actor=who,
            today=TODAY,
        )
    assert refusal.value.code == "encouraged"
    with acting_as(county.officer) as who:
        groups = progress_of(who, TODAY.year, today=TODAY).groups
        assert MEMBERS not in {group.responsibility.occupation for group in groups}
        assert sum(one.expected for one in coverage_of(who, TODAY.year).values()) == 0


@pytest.mark.req("GZ-11", "LL-06", "PD-14", "ZD-17")
def test_the_same_by_workbook(county: County, unit: Unit, tmp_path: Path) -> None:
    """Without consent a row is refused when it is read; an adverse determination is refused as well."""
    ours, stranger, condemned = (person(name) for name in ("有同意", "没同意", "被认定"))
    condemned |= {"determination": "存在警示行为"}
    for row in (ours, condemned):
        consented(
            unit.responsibility, by=unit.clerk, name=row["name"], number=row["document_number"], employer=None
        )
    read = uploaded(unit, blank(unit, tmp_path, [ours, stranger, condemned]))
    assert [code for _, _, code in told(read)] == ["upload_consent", "choice"]
    applied(read, unit)
    assert [archive.name for archive in rows_of(Archive, county.id)] == ["有同意"]


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
    with acting_as(unit.filler) as who:
        part = open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": NAME, "document_number": number},
            year=TODAY.year,
            actor=who,
            today=TODAY,
        )
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
    with acting_as(first) as who:
        open_archive(
            responsibility=lines[0],
            employer=None,
            raw={"name": NAME, "document_number": number},
            year=TODAY.year,
            actor=who,
            today=TODAY,
        )
    with acting_as(second) as who:
        assert not Archive.objects.exists()
        assert not MemberConsent.objects.exists()
        with pytest.raises(Refused) as refusal:
            open_archive(
                responsibility=lines[1],
                employer=None,
                raw={"name": NAME, "document_number": number},
                year=TODAY.year,
                actor=who,
                today=TODAY,
            )
        assert refusal.value.code == "consent"
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
    with acting_as(unit.filler) as who:
        part = open_archive(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": NAME, "document_number": number},
            year=TODAY.year,
            actor=who,
            today=TODAY,
        )
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
