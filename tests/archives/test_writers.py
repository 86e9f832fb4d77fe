"""Several writers of one record: each its own part, and of the others nothing but how far they are."""

from __future__ import annotations

import datetime as dt
import io
import tomllib
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.utils import timezone
from guardian.shortcuts import assign_perm
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from agencies.models import Agency, Membership, Responsibility, Role
from agencies.packwriters import writer_faults
from archives.content import draft_of, posted_record
from archives.models import Archive, Outbox, RecordPart, Version, WriterState
from archives.occupations import occupation_of, occupations_of
from archives.payloads import version_payload
from archives.schema.manifest import manifest, schema_digest
from archives.schema.parts import IDENTITY, limited
from archives.schema.registry import content_faults, registry
from archives.schema.sections import COLUMNS
from archives.services.giving_up import give_up_correction
from archives.services.identity_requests import confirm_or_refer, propose_request
from archives.services.outbox import with_bodies
from archives.services.people import open_archive
from archives.services.records import occupation_for, save_draft, seal, send_back, start_correction, submit
from archives.services.writers import states_of, writers_key
from archives.states import RequestKind, Status
from credit_platform.tenancy.context import acting, looking_up
from delivery.services import _record
from delivery.simulator.answers import Refusal
from delivery.simulator.catalogue import record_problem
from delivery.simulator.shape import read_batch
from oversight.packs import load_pack
from tests.archives.flow import FILLED, acting_as, fresh, opened, rows_of, sealed
from tests.factories import UserFactory, id_number
from tests.schema.samples import a_value

GANZHOU = 360700
NUMBER = id_number(7, area="360702")
_PACK = tomllib.loads((Path(__file__).parents[2] / "agencies/packs/ganzhou.toml").read_text("utf-8"))
PARTS = [
    (row["occupation"], row["agency"])
    for row in _PACK["responsibilities"]
    if row["occupation"] in ("enterprise_principal", "auditor")
]
"""Each writer's part of the groups that several agencies write."""


class Writers:
    """The agencies that write one group in Ganzhou, each with a clerk and a reviewer made when first asked for."""

    def __init__(self, occupation: str) -> None:
        rows = Responsibility.objects.filter(jurisdiction_id=GANZHOU, occupation=occupation)
        self.rows = {row.agency.code: row for row in rows.select_related("agency", "jurisdiction")}
        self._members: dict[tuple[str, Role], Membership] = {}

    def member(self, agency: str, role: Role) -> Membership:
        key = (agency, role)
        if key not in self._members:
            row = self.rows[agency]
            user = UserFactory(username=f"{role.value}.{agency}"[:50], display_name=f"{row.agency.name}人员")
            place = {"jurisdiction_id": GANZHOU, "agency": row.agency}
            self._members[key] = Membership.objects.create(user=user, role=role, **place)
            assign_perm("agencies.handle_responsibility", user, row)
        return self._members[key]

    def clerk(self, agency: str) -> Membership:
        return self.member(agency, Role.CLERK)

    def opened(self, agency: str, name: str = "王小明", number: str = NUMBER) -> RecordPart:
        today = timezone.localdate()
        with acting_as(self.clerk(agency)) as who:
            return open_archive(
                responsibility=self.rows[agency],
                employer=None,
                raw={"name": name, "document_number": number},
                year=today.year,
                actor=who,
                today=today,
            )

    def submitted(self, agency: str, part: RecordPart, **changes: Any) -> RecordPart:
        today = timezone.localdate()
        with acting_as(self.clerk(agency)) as who:
            posted = posted_record(occupation_for(part), part.year, FILLED | changes)
            saved = save_draft(part=part, posted=posted, revision=part.revision, actor=who, today=today)
            return submit(part=saved.part, revision=None, actor=who, today=today)

    def sealed(self, agency: str, **changes: Any) -> Version:
        part = self.submitted(agency, self.opened(agency), **changes)
        with acting_as(self.member(agency, Role.REVIEWER)) as who:
            return seal(part=part, revision=None, actor=who, today=timezone.localdate())


@pytest.fixture
def enterprises(platform: Any) -> Writers:
    load_pack("anyang", apply=True)  # both places stand in one database
    load_pack("ganzhou", apply=True)
    return Writers("enterprise_principal")


@pytest.fixture
def auditors(enterprises: Writers) -> Writers:
    return Writers("auditor")


# --- the pack -----------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-02", "GZ-06", "GZ-09", *(f"GZ-A{number:02}" for number in range(1, 12)))
def test_ganzhou_has_24_agencies_its_groups_and_those_it_encourages(enterprises: Writers) -> None:
    rows = list(Responsibility.objects.filter(jurisdiction_id=GANZHOU).select_related("agency"))
    assert Agency.objects.filter(jurisdiction_id=GANZHOU).count() == 24  # the units of the attachment (GZ-16)
    first, encouraged = [row for row in rows if row.wave == 1], [row for row in rows if row.wave == 2]
    assert len({row.occupation for row in first}) == 15  # fourteen groups, 会计审计人员 being two archives
    assert {row.clause for row in first} == {"GZ-02", *(f"GZ-A{number:02}" for number in range(1, 12))}
    assert [row.clause for row in encouraged] == ["GZ-05"] * 12 + ["GZ-11"]
    assert all(row.awaits for row in encouraged)
    assert not any(row.awaits for row in first)
    for row in rows:
        assert occupation_of(row).label == row.label
    assert "discipline" in occupations_of(GANZHOU)[_agency("organisation"), "civil_servant"].must_record
    assert load_pack("ganzhou", apply=True) == []


@pytest.mark.req("GZ-A02", "GZ-A08")
def test_five_write_about_enterprises_and_two_about_auditors(enterprises: Writers, auditors: Writers) -> None:
    names = {row.agency.name for row in enterprises.rows.values()}
    assert names == {"市市场监管局", "市应急管理局", "市生态环境局", "市住建局", "市公安局"}
    assert [code for code, row in enterprises.rows.items() if row.lead] == ["market_supervision"]
    assert {code: row.lead for code, row in auditors.rows.items()} == {"audit_office": True, "finance": False}


def _agency(code: str) -> int:
    return Agency.objects.get(jurisdiction_id=GANZHOU, code=code).pk


# --- the division -------------------------------------------------------------------------------------------------


def _division(occupation: str, owners: list[int], leader: int) -> list[dict[str, Any]]:
    whole = registry.get(occupation)
    free = [name for name in whole.sections if name != IDENTITY]
    return [
        {
            "occupation": occupation,
            "label": whole.label,
            "agency": f"writer{writer}",
            "lead": writer == leader,
            "sections": [IDENTITY, *(n for n, owner in zip(free, owners, strict=False) if owner == writer)],
        }
        for writer in range(3)
    ]


@given(
    st.sampled_from(["auditor", "lawyer", "teacher", "enterprise_principal"]),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
    st.integers(0, 2),
)
@pytest.mark.req("GZ-A02", "GZ-A08")
def test_an_accepted_division_gives_each_section_to_one_writer(
    occupation: str, owners: list[int], leader: int
) -> None:
    rows = _division(occupation, owners, leader)
    whole = registry.get(occupation)
    if list(writer_faults(rows)):
        standing = [name for name in whole.sections if name != IDENTITY].index("standing")
        assert owners[standing] != leader or 3 in owners  # somebody else determines, or a section has nobody
        return
    parts = [limited(whole, row["sections"]) for row in rows]
    for one, other in combinations(parts, 2):
        assert one.sections.keys() & other.sections.keys() == {IDENTITY}
        shared = one.fields().keys() & other.fields().keys()
        assert shared <= {"name", "document_type", "document_number"} | set(whole.Identity.fields)
    fields = set().union(*(part.fields().keys() for part in parts))
    assert fields == whole.fields().keys()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda rows: rows[1].update(lead=True), "2 of its agencies lead"),
        (lambda rows: rows[0].update(lead=False), "0 of its agencies lead"),
        (lambda rows: rows[0]["sections"].remove("standing"), "lacks identity or standing"),
        (lambda rows: rows[1]["sections"].append("business"), "two agencies write business"),
        (lambda rows: rows[1].update(sections=[]), "finance names no sections"),
        (lambda rows: rows[1].update(sections=["identity"]), "nobody writes qualification"),
        (lambda rows: rows[1].update(sections=["identity", "nonsense"]), "unknown sections nonsense"),
        (lambda rows: rows[1].update(sections=["identity", 3]), "not a list of names"),
        (lambda rows: rows[1].update(kinds=["award", "award"]), "names one twice"),
        (lambda rows: rows[1].update(kinds=["nonsense"]), "unknown kinds nonsense"),
        (lambda rows: [row.update(kinds=["award"]) for row in rows], "nobody enters"),
    ],
)
@pytest.mark.req("GZ-A08")
def test_a_faulty_division_is_told(change: Any, told: str) -> None:
    rows = [
        {"agency": "audit_office", "sections": ["identity", "employment", "business", "standing"]},
        {"agency": "finance", "sections": ["identity", "qualification"], "lead": False},
    ]
    rows = [{"occupation": "auditor", "label": "审计人员", **row} for row in rows]
    assert list(writer_faults(rows)) == []
    change(rows)
    assert any(told in fault for fault in writer_faults(rows)), list(writer_faults(rows))


def test_an_only_agency_leads() -> None:
    row = {"occupation": "teacher", "label": "教师", "agency": "education", "lead": False}
    assert list(writer_faults([row])) == ["teacher: its only agency does not lead"]


@pytest.mark.req("GZ-A02", "GZ-A08")
def test_parts_are_sound_occupations(enterprises: Writers, auditors: Writers) -> None:
    for row in [*enterprises.rows.values(), *auditors.rows.values()]:
        part = occupation_of(row)
        assert part is occupation_of(row)
        assert list(content_faults(part)) == []
        assert ("determination" in part.fields()) is row.lead
        laid = [name for line in part.layout() for name, _ in line]
        assert set(laid) == part.fields().keys() - {"document_type", *part.determination_fields}
        assert all(sum(span for _, span in line) == COLUMNS for line in part.layout())
        assert part.kinds == tuple(kind for kind in part.whole.kinds if kind in row.kinds)  # type: ignore[union-attr]
        assert {name for _, sections in part.outline() for name in sections} == part.sections.keys() - {
            "standing"
        }
        assert {section["name"] for section in manifest(part, 2026)["sections"]} == part.sections.keys()
    digests = {schema_digest(occupation_of(row), 2026) for row in auditors.rows.values()}
    assert len(digests) == 2


def test_a_name_that_the_occupation_lacks_is_refused() -> None:
    with pytest.raises(LookupError):
        limited(registry.get("teacher"), ["nonsense"])


# --- each writes its own ------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-A08")
def test_each_fills_and_seals_its_own_part(auditors: Writers) -> None:
    number = "110001230001"
    lead = auditors.sealed("audit_office", duties="承担审计工作。", cpa_no=number)
    other = auditors.sealed("finance", cpa_no=number, duties="承担审计工作。", determination="warning")
    leading, part = fresh(lead.part), fresh(other.part)  # type: ignore[arg-type]
    assert leading.person_id == part.person_id
    assert (leading.lead, part.lead) == (True, False)
    assert (leading.determination, part.determination) == ("trustworthy", "")
    assert part.status == leading.status == Status.SEALED
    assert part.sections == ["identity", "qualification"]
    draft = draft_of(part, occupation_for(part)).record
    assert draft["qualification"]["cpa_no"] == number
    assert draft.keys() == {"identity", "qualification"}
    assert draft["identity"].keys() == {"name", "document_type", "document_number"}


@pytest.mark.req("GZ-A02", "GZ-09", "AY-15")
def test_a_part_is_delivered_as_a_part(enterprises: Writers) -> None:
    enterprises.sealed("market_supervision")
    enterprises.sealed("ecology")
    with acting(GANZHOU, "job"):
        occupations = occupations_of(GANZHOU)
        rows = list(Outbox.objects.select_related("version", "part", "agency").order_by("changed_at", "id"))
        lead, part = (_record(row, stored, occupations) for row, stored in with_bodies(rows))
        payload = version_payload(version=rows[1].version, occupations=occupations)
    assert {row.target for row in rows} == {"ganzhou"}
    assert lead["part"]["lead"] is True
    assert part["part"] == {"lead": False, "sections": ["identity"]}
    assert payload.payload.keys() == {"XM", "ZJLX", "ZJHM"}
    batch = {
        "contract": "credit-batch/1",
        "batch_id": "0193513e-7b1c-7c3e-9d55-0242ac120002",
        "sender": {"jurisdiction": "360700", "name": "赣州市"},
        "created_at": "2026-11-22T10:00:00+08:00",
        "records": [lead, part],
    }
    taken = read_batch(batch).records
    today = dt.date(2026, 11, 24)
    assert [record_problem(record, today) for record in taken] == [None, None]
    del part["part"]
    assert record_problem(read_batch(batch).records[1], today) == ("R201", "信用状况")
    part["part"] = {"lead": "no", "sections": ["X"]}
    with pytest.raises(Refusal) as refusal:
        read_batch(batch)
    pointers = {place["pointer"] for place in refusal.value.pointers}
    assert pointers == {"/records/1/part/lead", "/records/1/part/sections"}


def test_a_record_of_one_writer_is_no_part(county: Any) -> None:
    sealed(county.education)
    assert rows_of(WriterState, county.id) == []
    with acting(county.id, "job"):
        queued = list(Outbox.objects.select_related("version", "part", "agency"))
        ((row, stored),) = with_bodies(queued)
        assert "part" not in _record(row, stored, occupations_of(county.id))


# --- what they know of each other ---------------------------------------------------------------------------------


def states(writers: Writers, agency: str, part: RecordPart) -> dict[str, tuple[str, int]]:
    with acting_as(writers.clerk(agency)):
        return {state.agency.code: (state.status, state.current_version) for state in states_of(part)}


def test_who_writes_about_the_wrong_person_no_longer_sees_a_part_that_was_put_right(
    auditors: Writers,
) -> None:
    leading, part = auditors.opened("audit_office"), auditors.opened("finance")
    right = id_number(8, area="360702")
    assert set(states(auditors, "audit_office", leading)) == {"audit_office", "finance"}
    today = timezone.localdate()
    with acting_as(auditors.clerk("finance")) as who:
        request = propose_request(
            archive=Archive.objects.get(id=part.record.archive_id),
            kind=RequestKind.CORRECTION,
            raw={"name": "王小明", "document_type": "111", "document_number": right},
            reason="看错一位",
            evidence="身份证原件",
            actor=who,
            today=today,
        )
    with acting_as(auditors.member("finance", Role.REVIEWER)) as who:
        confirm_or_refer(request=request, last=right[-6:], lasts={}, revision=None, actor=who, today=today)
    assert set(states(auditors, "audit_office", leading)) == {"audit_office"}
    assert len(rows_of(WriterState, GANZHOU)) == 2
    known = auditors.opened("audit_office", number=right)
    assert set(states(auditors, "audit_office", known)) == {"audit_office", "finance"}


@pytest.mark.req("GZ-A08", "AY-22")
def test_the_others_learn_that_a_correction_was_given_up(auditors: Writers) -> None:
    """Of a part without determination too; it says again what its version says."""
    leading = auditors.opened("audit_office")
    version = auditors.sealed("finance")
    with acting_as(auditors.clerk("finance")) as who:
        begun = start_correction(part=fresh(version.part), reason="点错了", revision=None, actor=who)
    assert states(auditors, "audit_office", leading)["finance"] == ("draft", 1)
    held = dict(begun.values)
    with acting_as(auditors.clerk("finance")) as who:
        given_up = give_up_correction(part=begun, revision=None, actor=who)
    assert states(auditors, "audit_office", leading)["finance"] == ("sealed", 1)
    assert (given_up.lead, given_up.determination) == (False, "")
    assert given_up.values.keys() == held.keys()


@pytest.mark.req("GZ-A02", "GZ-A08")
def test_the_state_follows_every_step(auditors: Writers) -> None:
    leading = auditors.opened("audit_office")
    part = auditors.opened("finance")
    seen = []
    today = timezone.localdate()

    def note() -> None:
        seen.append(states(auditors, "audit_office", leading)["finance"])

    note()
    part = auditors.submitted("finance", part)
    note()
    with acting_as(auditors.member("finance", Role.REVIEWER)) as who:
        part = send_back(part=part, reason="请核对", revision=None, actor=who)
    note()
    part = auditors.submitted("finance", part)
    with acting_as(auditors.member("finance", Role.REVIEWER)) as who:
        seal(part=part, revision=None, actor=who, today=today)
    note()
    with acting_as(auditors.clerk("finance")) as who:
        start_correction(part=fresh(part), reason="证书换发", revision=None, actor=who)
    note()
    assert seen == [("draft", 0), ("in_review", 0), ("returned", 0), ("sealed", 1), ("draft", 1)]
    assert states(auditors, "finance", part)["audit_office"] == ("draft", 0)


@pytest.mark.req("GZ-A02", "GZ-12")
def test_nothing_is_seen_without_the_exact_key(auditors: Writers) -> None:
    leading = auditors.opened("audit_office")
    auditors.opened("finance")
    auditors.opened("finance", name="李小红", number=id_number(8, area="360702"))
    with acting_as(auditors.clerk("audit_office")) as who:
        assert list(WriterState.objects.visible_to(who)) == []
        with looking_up("0" * 64):
            assert list(WriterState.objects.visible_to(who)) == []
        key = writers_key(leading.record.archive, leading.year)
        with looking_up(key):
            assert WriterState.objects.visible_to(who).count() == 2
        with looking_up(writers_key(leading.record.archive, leading.year + 1)):
            assert WriterState.objects.count() == 0
    with acting(410522, "job"):
        assert WriterState.objects.count() == 0
    elsewhere = Agency.objects.get(jurisdiction_id=410522, code="finance").pk
    with acting(410522, "agency", agency=elsewhere), looking_up(key):
        assert WriterState.objects.count() == 0


@pytest.mark.req("GZ-A02", "GZ-12")
def test_an_agency_writes_its_own_state_only(auditors: Writers) -> None:
    leading = auditors.opened("audit_office")
    auditors.opened("finance")
    key = writers_key(leading.record.archive, leading.year)
    with acting_as(auditors.clerk("audit_office")), looking_up(key):
        finance = _agency("finance")
        assert WriterState.objects.filter(agency_id=finance).update(status="sealed") == 0
        with pytest.raises(ProgrammingError), transaction.atomic():
            WriterState.objects.create(key="1" * 64, agency_id=finance, occupation="auditor", year=2026)


@pytest.mark.req("GZ-A02", "GZ-12")
def test_the_parts_of_others_are_never_visible(auditors: Writers) -> None:
    leading = auditors.opened("audit_office")
    part = auditors.opened("finance")
    for agency, own, foreign in (("audit_office", leading, part), ("finance", part, leading)):
        with acting_as(auditors.clerk(agency)) as who:
            assert list(RecordPart.objects.all()) == list(RecordPart.objects.visible_to(who)) == [own]
            assert list(Archive.objects.values_list("agency_id", flat=True)) == [own.agency_id]
            assert not RecordPart.objects.filter(id=foreign.id).exists()


# --- the pages ----------------------------------------------------------------------------------------------------


@pytest.mark.req("GZ-A02", "GZ-A08")
def test_the_page_shows_whose_part_is_where(auditors: Writers, client_as: Any) -> None:
    other = auditors.sealed("finance")
    leading = auditors.opened("audit_office")
    browser = client_as(auditors.clerk("audit_office"))
    page = browser.get(f"/records/{leading.id}/").content.decode()
    assert "本档案的填报单位" in page
    assert all(word in page for word in ("市财政局", "职业资格", "第 1 版"))
    assert str(other.part_id) not in page
    assert browser.get(f"/records/{other.part_id}/").status_code == 404


@pytest.mark.req("GZ-A02", "GZ-A08", "GZ-09", "AY-12", "AY-15")
@pytest.mark.parametrize(("group", "agency"), PARTS)
def test_every_part_is_walked_from_the_opening_to_the_paper(
    enterprises: Writers, client_as: Any, group: str, agency: str
) -> None:
    writers = Writers(group)
    clerk, reviewer = client_as(writers.clerk(agency)), client_as(writers.member(agency, Role.REVIEWER))
    opening = {
        "responsibility": writers.rows[agency].pk,
        "year": timezone.localdate().year,
        "name": "王小明",
        "document_type": "111",
        "document_number": NUMBER,
    }
    answer = clerk.post("/archives/open/", opening)
    assert answer.status_code == 302, answer.context["form"].errors
    address = answer["Location"]
    page = clerk.get(address)
    boxes = {name: box for name, box in page.context["form"].fields.items() if not box.disabled}
    assert all(f'name="{name}"' in page.content.decode() for name in boxes)
    adverse = {
        "behaviour",
        "acted_on",
        "basis_document_no",
        "issued_by",
        "basis_document_date",
        "listing",
        "listing_no",
    }
    post = {name: FILLED.get(name) or a_value(boxes[name].record_field) for name in boxes.keys() - adverse}
    revision = page.context["revision"]
    for name in boxes:
        judged = clerk.post(f"{address}validate/?field={name}", post | {"revision": revision})
        assert judged.status_code == 200
        assert "is-err" not in judged.content.decode(), name
    assert clerk.post(address, post | {"action": "save", "revision": revision}).status_code == 302
    revision = clerk.get(address).context["revision"]
    handed = clerk.post(address, post | {"action": "submit_for_review", "revision": revision})
    assert handed.status_code == 302, handed.context["problems"]
    revision = reviewer.get(address).context["revision"]
    assert reviewer.post(address, {"action": "seal", "revision": revision}).status_code == 302
    (part,) = rows_of(RecordPart, GANZHOU, agency_id=writers.rows[agency].agency_id)
    assert (part.status, part.current_version) == (Status.SEALED, 1)
    printed = reviewer.get(f"{address}versions/1/print/")
    paper = "".join(
        "".join(one.extract_text() for one in PdfReader(io.BytesIO(printed.content)).pages).split()
    )
    assert "王小明" in paper
    assert f"{writers.rows[agency].agency.name}填报的部分" in paper


@pytest.mark.req("GZ-A08")
def test_a_part_without_determination_is_filled_in_on_its_page(auditors: Writers, client_as: Any) -> None:
    part = auditors.opened("finance")
    browser = client_as(auditors.clerk("finance"))
    page = browser.get(f"/records/{part.id}/").content.decode()
    assert "注册会计师证书编号" in page
    assert not any(word in page for word in ("工作职责", 'name="determination"', 'name="phone"'))
    body = {"action": "submit_for_review", "revision": part.revision, "cpa_no": "110001230001"}
    assert browser.post(f"/records/{part.id}/", body).status_code == 302
    reviewer = client_as(auditors.member("finance", Role.REVIEWER))
    assert reviewer.post(f"/records/{part.id}/", {"action": "seal", "revision": 0}).status_code == 302
    part = fresh(part)
    reviewer.post(f"/records/{part.id}/", {"action": "seal", "revision": part.revision})
    assert fresh(part).status == Status.SEALED
    assert reviewer.get(f"/records/{part.id}/versions/1/").status_code == 200


def test_one_writer_has_no_such_panel(county: Any, client_as: Any) -> None:
    part = opened(county.education)
    page = client_as(county.education.filler).get(f"/records/{part.id}/").content.decode()
    assert "本档案的填报单位" not in page
