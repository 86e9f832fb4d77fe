"""信用信息条目: what it takes before a fact counts, for or against a person, and what becomes of it afterwards."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone

from archives.items import kinds_for
from archives.models import Evidence, Item, Outbox, Version
from archives.occupations import occupation_of, occupations_of
from archives.payloads import Payload, version_payload
from archives.schema.kinds import kinds
from archives.services.item_seals import confirm_revocation, keep_item, revoke_item, seal_item
from archives.services.items import (
    notify_item,
    open_item,
    pass_on_item,
    save_item,
    send_back_item,
    submit_item,
)
from archives.services.people import NotReadable
from archives.services.versions import item_version_content
from archives.states import Status
from audit.lifecycle import AlreadyDone, Refused, Stale
from credit_platform.crypto import Undecipherable
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached, events, opened, rows_of
from tests.archives.item_flow import (
    AWARD,
    basis_of,
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    kept,
    revoked,
    told,
    written,
)
from tests.factories import County, id_number

TODAY = timezone.localdate


@pytest.mark.req("AY-05", "AY-13")
def test_a_fact_from_draft_to_seal(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    assert (item.status, item.current_version, item.delivery) == (Status.SEALED, 1, "pending")
    assert (item.occurred_on, item.document_no, item.adverse) == (
        dt.date(2026, 3, 5),
        AWARD["document_no"],
        False,
    )
    (version,) = rows_of(Version, county.id)
    assert (version.author_name, version.approver_name) == ("孙填报", "李审核")
    assert version.schema_digest == kinds.get("award").digest(item.year)
    assert [event.verb for event in events(county.id, subject_id=str(item.pk))] == [
        "item.opened",
        "item.submitted",
        "item.passed_on",
        "item.sealed",
    ]


def test_the_seal_proves_its_content(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    with acting(county.id, "job"):
        version = Version.objects.prefetch_related("bodies").select_related("item").get()
        assert item_version_content(version, kinds.get("award"))["values"]["title"] == "优秀教师"
        version.cites = {"evidence": []}
        version.number = 2
        with pytest.raises(Undecipherable):
            item_version_content(version, kinds.get("award"))
    assert item.basis == basis_of("award")


@pytest.mark.req("AY-08")
@pytest.mark.parametrize("basis", ["", "《我想的》第一条", basis_of("administrative_penalty")])
def test_without_a_basis_of_the_kind_nothing_is_kept(county: County, basis: str) -> None:
    unit = county.education
    part = opened(unit)
    with acting_as(unit.filler) as who, pytest.raises(Refused, match="请选择依据"):
        open_item(part=part, kind="training", basis=basis, raw=AWARD, actor=who, today=TODAY())
    item = written(part, by=unit.filler)
    with acting_as(unit.filler) as who, pytest.raises(Refused, match="请选择依据"):
        save_item(item=item, raw=AWARD, basis="编的", revision=1, actor=who, today=TODAY())


@pytest.mark.req("AY-08")
@pytest.mark.parametrize("kind", ["", "no_such_kind", "integrity"])
def test_a_kind_outside_the_catalogue_of_the_group_is_refused(county: County, kind: str) -> None:
    unit = county.education
    if kind == "integrity":
        assert "integrity" not in occupation_of(unit.responsibility).kinds
    part = opened(unit)
    with acting_as(unit.filler) as who, pytest.raises(Refused, match=r"目录|不记录"):
        open_item(part=part, kind=kind, basis="x", raw=AWARD, actor=who, today=TODAY())


def test_the_division_of_work_narrows_the_kinds(county: County) -> None:
    unit = county.education
    unit.responsibility.kinds = ["training"]
    unit.responsibility.save()
    occupation = occupation_of(unit.responsibility)
    assert [kind.code for kind in kinds_for(occupation, unit.responsibility)] == ["training"]
    with pytest.raises(Refused, match="不记录“表彰奖励”"):
        written(opened(unit), "award", by=unit.filler)


@pytest.mark.req("GZ-07")
def test_what_must_be_recorded_no_division_takes_away(county: County) -> None:
    class Servant(occupation_of(county.education.responsibility)):  # type: ignore[misc]
        must_record = ("discipline",)

    county.education.responsibility.kinds = ["training"]
    found = kinds_for(Servant, county.education.responsibility)
    assert {kind.code for kind in found} == {"training", "discipline"}


@pytest.mark.req("GZ-07")
def test_a_sanction_of_a_civil_servant_is_entered_whatever_the_division_says(
    county: County, client_as: Any
) -> None:
    unit, group = county.education, county.education.responsibility
    group.occupation, group.kinds = "civil_servant", ["training"]
    group.save()
    part = opened(unit, responsibility=group)
    page = client_as(unit.filler).get(f"/records/{part.pk}/items/add/").content.decode()
    assert set(re.findall(r"\?kind=([a-z_]+)", page)) == {"training", "discipline"}
    with pytest.raises(Refused, match="不记录“表彰奖励”"):
        written(part, "award", by=unit.filler)
    sanction = item_sealed(part, "discipline", unit=unit)
    assert (sanction.status, sanction.current_version) == (Status.SEALED, 1)


def test_without_its_day_nothing_begins(county: County) -> None:
    unit = county.education
    with pytest.raises(NotReadable):
        written(opened(unit), by=unit.filler, occurred_on="")


@pytest.mark.req("AY-N3", "PD-25")
def test_an_act_before_majority_is_not_kept_even_as_a_draft(county: County) -> None:
    unit = county.education
    part = opened(unit, number=id_number(0))  # born on 1970-01-01
    with pytest.raises(NotReadable, match="未满 18 周岁"):
        written(
            part,
            "administrative_penalty",
            by=unit.filler,
            occurred_on="1985-01-01",
            document_date="1985-02-01",
        )
    item = written(part, "administrative_penalty", by=unit.filler)
    with pytest.raises(NotReadable, match="未满 18 周岁"):
        kept(item, by=unit.filler, occurred_on="1985-01-01")
    assert fresh_item(item).occurred_on == dt.date(2026, 2, 1)


def test_a_penalty_by_simple_procedure_is_not_kept(county: County) -> None:
    unit = county.education
    with pytest.raises(NotReadable, match="简易程序"):
        written(opened(unit), "administrative_penalty", by=unit.filler, procedure="simple")
    assert rows_of(Item, county.id) == []


@pytest.mark.req("AY-N3")
@pytest.mark.parametrize("missing", ["document_no", "issued_by", "document_date"])
def test_an_adverse_fact_needs_its_document(county: County, missing: str) -> None:
    unit = county.education
    item = written(opened(unit), "administrative_penalty", by=unit.filler, **{missing: ""})
    attached(item, by=unit.filler)
    with acting_as(unit.filler) as who, pytest.raises(NotReadable, match="请填写"):
        submit_item(item=item, revision=None, actor=who, today=TODAY())


@pytest.mark.req("AY-N3")
def test_an_adverse_fact_needs_evidence(county: County) -> None:
    unit = county.education
    item = written(opened(unit), "administrative_penalty", by=unit.filler)
    assert item.adverse
    with acting_as(unit.filler) as who, pytest.raises(Refused, match="须附证明材料"):
        submit_item(item=item, revision=None, actor=who, today=TODAY())


@pytest.mark.req("AY-N3")
def test_the_person_is_told_before_an_adverse_fact_counts(county: County) -> None:
    unit = county.education
    item = item_in_review(opened(unit), "administrative_penalty", unit=unit)
    with pytest.raises(Refused, match="须告知本人"):
        confirmed(item, by=unit.reviewer)
    told(item, by=unit.clerk)
    version = confirmed(item, by=unit.reviewer)
    assert version.cites["evidence"]
    (evidence,) = rows_of(Evidence, county.id)
    assert evidence.sealed_at is not None
    item = fresh_item(item)
    assert (item.notified_how, item.notified_by) == ("in_person", "王经办")
    assert item.shown_until == dt.date(2029, 2, 20)


def test_telling_of_something_else_does_not_count(county: County) -> None:
    unit = county.education
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    with acting_as(unit.reviewer) as who:
        item = send_back_item(item=item, reason="金额有误", revision=None, actor=who)
    item = kept(item, by=unit.filler, fine="0.3")
    assert item.notified_on is None


@pytest.mark.parametrize(
    ("on", "how", "words"),
    [(1, "in_person", "告知日期"), (-4000, "in_person", "告知日期"), (0, "口头", "送达方式")],
)
def test_a_notice_that_cannot_be(county: County, on: int, how: str, words: str) -> None:
    unit = county.education
    item = item_in_review(opened(unit), "administrative_penalty", unit=unit)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match=words):
        notify_item(
            item=item, on=TODAY() + dt.timedelta(on), how=how, revision=None, actor=who, today=TODAY()
        )


def test_only_the_clerk_tells_and_only_of_what_is_adverse(county: County) -> None:
    unit = county.education
    adverse = item_in_review(opened(unit), "administrative_penalty", unit=unit)
    for member in (unit.filler, unit.reviewer):
        with pytest.raises(Refused, match="经办人登记"):
            told(adverse, by=member)
    with pytest.raises(Refused, match="不需要登记告知"):
        told(item_in_review(opened(unit), unit=unit), by=unit.clerk)


@pytest.mark.req("AY-N1")
def test_who_wrote_it_does_not_confirm_it(county: County) -> None:
    unit = county.education
    item = item_in_review(opened(unit), unit=unit)
    with acting(county.id, "job"):
        Item.objects.filter(id=item.pk).update(writers=[unit.reviewer.user_id])
    with pytest.raises(Refused, match="须由另一位审核人"):
        confirmed(item, by=unit.reviewer)


@pytest.mark.parametrize("other", ["安教〔2026〕12 号", "安教[2026]12号", "安教【2026】12号"])
def test_the_same_document_twice_is_one_fact(county: County, other: str) -> None:
    unit = county.education
    part = opened(unit)
    item = item_sealed(part, unit=unit)
    with pytest.raises(Refused, match="已经录入"):
        written(part, by=unit.clerk, document_no=other)
    written(part, "honour", by=unit.clerk, document_no=other)  # another kind is another fact
    written(opened(unit), by=unit.filler, document_no=other)  # and so is another person
    revoked(item, unit=unit)
    written(part, by=unit.clerk, document_no=other)


def test_drafts_keep_what_could_not_be_read(county: County) -> None:
    unit = county.education
    item = written(opened(unit), by=unit.filler)
    saved = kept(item, by=unit.filler, document_date="不知道哪天")
    assert "不知道" not in str(saved.typed)
    with acting_as(unit.filler) as who:
        from_database = fresh_item(saved)
        with pytest.raises(NotReadable):
            submit_item(item=from_database, revision=None, actor=who, today=TODAY())
        with pytest.raises(Stale):
            save_item(item=item, raw=AWARD, basis=item.basis, revision=1, actor=who, today=TODAY())


def test_strangers_and_readers_write_nothing(county: County) -> None:
    unit = county.education
    part = opened(unit)
    for member in (unit.second_filler, unit.reviewer, county.health.clerk):
        with pytest.raises(Refused):
            written(part, by=member)
    item = item_in_review(part, unit=unit)
    with acting_as(unit.filler) as who, pytest.raises(Refused):
        save_item(item=item, raw=AWARD, basis=item.basis, revision=item.revision, actor=who, today=TODAY())
    with acting_as(unit.clerk) as who:
        with pytest.raises(Refused):
            seal_item(item=item, revision=None, actor=who, today=TODAY())
        with pytest.raises(AlreadyDone):
            pass_on_item(item=item, revision=None, actor=who, today=TODAY())


# --- afterwards ------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-22")
def test_a_correction_is_the_next_version(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    item = corrected(item, by=unit.clerk, document_no="安教〔2026〕13 号")
    assert confirmed(item, by=unit.reviewer).number == 2
    first, second = sorted(rows_of(Version, county.id), key=lambda version: version.number)
    assert (first.reason, second.reason) == ("", "文号有误")


def test_a_revocation_needs_a_second_person(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    with acting_as(unit.clerk) as who:
        proposed = revoke_item(item=item, reason="原决定已撤销", revision=None, actor=who)
        with pytest.raises(Refused):
            confirm_revocation(item=proposed, revision=None, actor=who, today=TODAY())
        with pytest.raises(Refused):
            seal_item(item=proposed, revision=None, actor=who, today=TODAY())
    with acting_as(unit.reviewer) as who:
        back = keep_item(item=proposed, reason="决定仍有效", revision=None, actor=who)
    assert (back.revoked, back.status, back.current_version) == (False, Status.SEALED, 1)
    gone = revoked(back, unit=unit)
    assert (gone.revoked, gone.current_version) == (True, 2)
    with acting_as(unit.clerk) as who, pytest.raises(Refused):
        revoke_item(item=gone, reason="再来", revision=None, actor=who)


@pytest.mark.req("AY-15")
def test_what_is_delivered_of_an_item_and_of_its_withdrawal(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit, name="孟一"), unit=unit)
    (first,) = payloads(county)
    revoked(item, unit=unit)
    late, second = payloads(county)
    assert (first.payload["XM"], first.payload["XXZL"], first.payload["JLMC"]) == (
        "孟一",
        "award",
        "优秀教师",
    )
    assert first.payload["XXYJ"] == basis_of("award")
    assert "年度表彰" not in str(first.payload)
    assert not first.withdrawn
    assert second.withdrawn
    assert second.payload.keys() == {"XM", "ZJLX", "ZJHM", "XXZL", "XXYJ"}
    assert late == second  # what had not left before leaves as a withdrawal as well


def payloads(county: County) -> list[Payload]:
    """What the platform would get of all queued versions now, in their order."""
    with acting(county.id, "job"):
        queued = Outbox.objects.select_related("version__item__archive").prefetch_related("version__bodies")
        rows = sorted(queued, key=lambda row: row.version.number)
        known = occupations_of(county.id)
        return [version_payload(version=row.version, occupations=known) for row in rows]


@pytest.mark.req("AY-07", "GZ-07")
@pytest.mark.parametrize("kind", ["complaint", "discipline"])
def test_what_stays_in_the_unit_is_never_queued(county: County, kind: str) -> None:
    unit = county.education
    item = item_sealed(opened(unit), kind, unit=unit)
    assert (item.delivery, item.current_version) == ("", 1)
    assert rows_of(Outbox, county.id) == []


@pytest.mark.req("AY-07")
def test_a_complaint_counts_against_nobody_until_it_is_upheld(county: County) -> None:
    unit = county.education
    item = written(opened(unit), "complaint", by=unit.filler, outcome="open")
    assert not item.adverse
    found: Any = kept(item, by=unit.filler, outcome="upheld")
    assert found.adverse
    with acting_as(unit.filler) as who, pytest.raises(NotReadable, match="须以文书为依据"):
        submit_item(item=found, revision=None, actor=who, today=TODAY())


def test_a_complaint_that_came_to_nothing_is_not_shown_for_long(county: County) -> None:
    unit = county.education
    assert item_sealed(opened(unit), "complaint", unit=unit).shown_until == TODAY()
