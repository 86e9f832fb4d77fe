"""Members of associations: only with consent, and nothing official against them (GZ-11, LL-06, PD-14, ZD-17)."""

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

from agencies.models import Membership, Responsibility, Role
from agencies.services import add_member
from archives.coverage import coverage_of
from archives.items import kinds_for
from archives.models import Archive, Item, Outbox, RecordPart
from archives.occupations import occupation_of
from archives.schema.kinds import kinds
from archives.schema.members import MEMBER_KINDS, MEMBERS, SELF_DISCIPLINE
from archives.schema.registry import registry
from archives.services.consents import record_consent
from archives.services.evidence import attach_evidence
from archives.services.items import open_item
from archives.services.records import submit
from archives.services.roster import enrol
from archives.workbooks.columns import columns_of
from audit.lifecycle import AlreadyDone, Refused
from oversight.progress import progress_of
from tests.archives.flow import (
    acting_as,
    consented,
    fresh,
    rows_of,
    save,
)
from tests.archives.item_flow import basis_of, named_in, written
from tests.archives.member_flow import NAME, TODAY, number, opening, part, unit
from tests.archives.upload_flow import applied, blank, person, told, uploaded
from tests.factories import County, ResponsibilityFactory, Unit, actor, id_number
from tests.web import samples

__all__ = ["number", "part", "unit"]


# --- only with consent ----------------------------------------------------------------------------------------------


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
