"""Random people do random things to records, items and procedures of two agencies: what must hold whatever happens.

No status moves but along its table and by somebody of the unit it belongs to; versions are contiguous; the journal
tells every move; nothing adverse is sealed without evidence, procedure or notice, and a second person; and nobody ever
gets a row of another agency or employer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agencies.models import Membership, Role
from archives.content import posted_record
from archives.lifecycle import ITEM, PART, PROCEEDING
from archives.models import Evidence, Item, Outbox, Proceeding, RecordPart, Version, VersionBody
from archives.services import item_seals, items, proceedings, records
from archives.services.giving_up import give_up_correction, give_up_item
from archives.services.people import NotReadable
from archives.states import ProceedingStatus, Status
from audit.lifecycle import Lifecycle, Refused
from audit.models import Event
from credit_platform.tenancy.context import acting
from tests.archives.flow import FILLED, acting_as, attached, events, opened
from tests.archives.item_flow import AWARD, PENALTY, basis_of, last_of, named_in
from tests.archives.proceeding_flow import WARNING, long_ago
from tests.factories import County

TODAY = timezone.localdate()
TABLES: dict[type[Any], Lifecycle] = {RecordPart: PART, Item: ITEM, Proceeding: PROCEEDING}
BESIDE = {
    # Steps of one life that take another along: 不予认定 returns the draft, the seal closes the procedure.
    RecordPart: {(Status.IN_REVIEW, Status.RETURNED), (Status.SUBMITTED, Status.RETURNED)},
    Proceeding: {(ProceedingStatus.SERVED, ProceedingStatus.SEALED)}
    | {(status, ProceedingStatus.DROPPED) for status in ProceedingStatus.values},
    Item: set(),
}
REFUSALS = (Refused, NotReadable, ObjectDoesNotExist)
Act = Callable[[Any, Any], object]


def _save(values: dict[str, str]) -> Act:
    def act(part: RecordPart, who: Any) -> None:
        posted = posted_record(records.occupation_for(part), part.year, FILLED | values)
        records.save_draft(part=part, posted=posted, revision=part.revision, actor=who, today=TODAY)

    return act


def _open_item(kind: str, raw: dict[str, Any]) -> Act:
    def act(part: RecordPart, who: Any) -> None:
        number = Item.objects.filter(jurisdiction_id=part.jurisdiction_id).count()
        unique = raw | {"document_no": f"安文〔2026〕{number + 1} 号"}
        named = named_in(part.record.archive)
        items.open_item(
            part=part, kind=kind, basis=basis_of(kind), raw=unique, actor=who, today=TODAY, named=named
        )

    return act


PART_ACTS: dict[str, Act] = {
    "write 守信": _save({"determination": "trustworthy"}),
    "write 警示": _save(WARNING),
    "submit": lambda part, who: records.submit(part=part, revision=None, actor=who, today=TODAY),
    "pass on": lambda part, who: records.pass_on(part=part, revision=None, actor=who, today=TODAY),
    "return": lambda part, who: records.send_back(part=part, reason="有误", revision=None, actor=who),
    "seal": lambda part, who: records.seal(part=part, revision=None, actor=who, today=TODAY),
    "correct": lambda part, who: records.start_correction(part=part, reason="有误", revision=None, actor=who),
    "give up": lambda part, who: give_up_correction(part=part, revision=None, actor=who),
    "open procedure": lambda part, who: proceedings.open_proceeding(part=part, actor=who, today=TODAY),
    "add award": _open_item("award", AWARD),
    "add penalty": _open_item("administrative_penalty", PENALTY),
}
PROCEEDING_ACTS: dict[str, Act] = {
    "notify": lambda one, who: proceedings.notify(
        proceeding=one, on=TODAY, how="in_person", revision=None, actor=who, today=TODAY
    ),
    "hear": lambda one, who: proceedings.hear(
        proceeding=one, text="没有此事。", on=TODAY, revision=None, actor=who, today=TODAY
    ),
    "uphold": lambda one, who: proceedings.uphold(
        proceeding=one, review="不予采纳。", revision=None, actor=who, today=TODAY
    ),
    "drop": lambda one, who: proceedings.drop(proceeding=one, reason="证据不足", revision=None, actor=who),
    "serve": lambda one, who: proceedings.serve(
        proceeding=one, on=TODAY, how="post", revision=None, actor=who, today=TODAY
    ),
    "withdraw": lambda one, who: proceedings.withdraw(
        proceeding=one, reason="再核", revision=None, actor=who
    ),
    "revoke": lambda one, who: proceedings.revoke(
        proceeding=one, reason="文书被撤销", revision=None, actor=who
    ),
}
ITEM_ACTS: dict[str, Act] = {
    "submit": lambda one, who: items.submit_item(item=one, revision=None, actor=who, today=TODAY),
    "pass on": lambda one, who: items.pass_on_item(item=one, revision=None, actor=who, today=TODAY),
    "return": lambda one, who: items.send_back_item(item=one, reason="有误", revision=None, actor=who),
    "tell": lambda one, who: items.notify_item(
        item=one, on=TODAY, how="in_person", revision=None, actor=who, today=TODAY
    ),
    "seal": lambda one, who: item_seals.seal_item(
        item=one, revision=None, actor=who, today=TODAY, last=last_of(one)
    ),
    "correct": lambda one, who: item_seals.start_item_correction(
        item=one, reason="有误", revision=None, actor=who
    ),
    "revoke": lambda one, who: item_seals.revoke_item(item=one, reason="撤销", revision=None, actor=who),
    "confirm revocation": lambda one, who: item_seals.confirm_revocation(
        item=one, revision=None, actor=who, today=TODAY
    ),
    "keep": lambda one, who: item_seals.keep_item(item=one, reason="仍有效", revision=None, actor=who),
    "give up": lambda one, who: give_up_item(item=one, revision=None, actor=who, today=TODAY),
}
ACTS: dict[type[Any], dict[str, Act]] = {
    RecordPart: PART_ACTS,
    Proceeding: PROCEEDING_ACTS,
    Item: ITEM_ACTS,
}
EVERYTHING = [(model, name) for model, acts in ACTS.items() for name in acts]
# The way to an adverse seal is long; whole stretches of it are offered beside single steps.
STRETCHES: dict[str, list[tuple[type[Any] | None, str, str]]] = {
    "to review": [
        (RecordPart, "write 警示", "filler"),
        (None, "attach", "filler"),
        (RecordPart, "submit", "filler"),
        (RecordPart, "pass on", "clerk"),
    ],
    "to notice": [(RecordPart, "open procedure", "clerk"), (Proceeding, "notify", "clerk")],
    "to service": [
        (None, "time passes", "clerk"),
        (Proceeding, "hear", "clerk"),
        (Proceeding, "uphold", "reviewer"),
        (Proceeding, "serve", "clerk"),
    ],
    "to seal": [(RecordPart, "seal", "reviewer")],
    "penalty to review": [
        (RecordPart, "add penalty", "filler"),
        (None, "attach item", "filler"),
        (Item, "submit", "filler"),
        (Item, "pass on", "clerk"),
    ],
    "penalty to seal": [(Item, "tell", "clerk"), (Item, "seal", "reviewer")],
    "plain to seal": [
        (RecordPart, "write 守信", "filler"),
        (RecordPart, "submit", "filler"),
        (RecordPart, "pass on", "clerk"),
        (RecordPart, "seal", "reviewer"),
    ],
    "revocation": [(Item, "revoke", "clerk"), (Item, "confirm revocation", "reviewer")],
}
MEMBERS = (
    "filler",
    "second_filler",
    "clerk",
    "reviewer",
    "admin",
    "foreign clerk",
    "foreign reviewer",
    "officer",
)
STEPS = st.one_of(
    st.sampled_from(sorted(STRETCHES)),
    st.tuples(st.sampled_from(EVERYTHING), st.sampled_from(MEMBERS)),
    st.tuples(
        st.sampled_from([(None, "attach"), (None, "attach item"), (None, "time passes")]), st.just("clerk")
    ),
)


@dataclasses.dataclass
class Place:
    """Two agencies, the people in and around them, and what they have made so far."""

    county: County
    members: dict[str, Membership]
    allowed: int = 0

    def all(self, model: type[Any]) -> list[Any]:
        with acting(self.county.id, "job"):
            return list(model.objects.order_by("id"))

    def statuses(self) -> dict[tuple[type[Any], Any], tuple[str, Any]]:
        return {(model, row.pk): (row.status, row) for model in TABLES for row in self.all(model)}

    def take(self, model: type[Any] | None, name: str, who: str, which: int) -> None:
        """Try one act and look at everything that moved."""
        if model is None:
            self._beside(name, who, which)
            return
        rows = self.all(model)
        if not rows:
            return
        target, member = rows[which % len(rows)], self.members[who]
        before = self.statuses()
        try:
            with transaction.atomic(), acting_as(member) as actor:
                ACTS[model][name](target, actor)
        except REFUSALS:
            assert {key: one[0] for key, one in self.statuses().items()} == {
                key: one[0] for key, one in before.items()
            }
            return
        self.allowed += 1
        self._check_moves(before, member, target)

    def _beside(self, name: str, who: str, which: int) -> None:
        if name == "time passes":
            for proceeding in self.all(Proceeding):
                if proceeding.status in (ProceedingStatus.NOTIFIED, ProceedingStatus.HEARD):
                    long_ago(proceeding)
            return
        rows = self.all(Item if name == "attach item" else RecordPart)
        if rows:
            try:
                with transaction.atomic():
                    attached(rows[which % len(rows)], by=self.members[who])
            except REFUSALS:
                pass

    def _check_moves(self, before: dict[Any, Any], member: Membership, target: Any) -> None:
        assert target.agency_id == member.agency_id, "somebody of another agency got something done"
        if member.role == Role.FILLER:
            assert target.employer_id == member.employer_id
        for key, (status, row) in self.statuses().items():
            model, _ = key
            if key not in before:
                assert status in (Status.DRAFT, ProceedingStatus.OPEN)
                assert row.agency_id == member.agency_id
                continue
            old = before[key][0]
            if old == status:
                continue
            arrows = {
                (source, one.target) for one in TABLES[model].by_name.values() for source in one.sources
            }
            assert (old, status) in arrows | BESIDE[model], (model.__name__, old, status)
            assert row.agency_id == member.agency_id


@pytest.fixture
def members(county: County) -> dict[str, Membership]:
    unit, other = county.education, county.health
    named = {name: getattr(unit, name) for name in MEMBERS[:5]}
    return named | {
        "foreign clerk": other.clerk,
        "foreign reviewer": other.reviewer,
        "officer": county.officer,
    }


def heads_are_in_order(place: Place) -> None:
    """Versions count from 1 without a gap, each by a second person, each with its body; and the journal tells moves."""
    versions = place.all(Version)
    bodies = {body.version_id for body in place.all(VersionBody)}
    for model in (RecordPart, Item):
        for head in place.all(model):
            own = [v for v in versions if head.pk in (v.part_id, v.item_id)]
            assert sorted(v.number for v in own) == list(range(1, head.current_version + 1))
            assert all(v.approver_id != v.author_id for v in own)
            assert {v.pk for v in own} <= bodies
            told = [e for e in events(place.county.id, subject_id=str(head.pk)) if "to" in e.data]
            path = [Status.DRAFT.value, *(e.data["to"] for e in told)]
            assert [e.data["from"] for e in told] == path[:-1]
            assert path[-1] == head.status
            assert path.count(Status.SEALED) >= head.current_version


def nothing_adverse_is_unproven(place: Place) -> None:
    versions = place.all(Version)
    proceedings_by_id = {str(one.pk): one for one in place.all(Proceeding)}
    evidence = {str(one.pk): one for one in place.all(Evidence)}
    for part in place.all(RecordPart):
        current = [v for v in versions if v.part_id == part.pk and v.number == part.current_version]
        if part.status == Status.SEALED and part.determination != "trustworthy":
            (version,) = current
            assert all(evidence[one["id"]].sealed_at for one in version.cites["evidence"])
            proceeding = proceedings_by_id[version.cites["proceeding"]]
            assert proceeding.status == ProceedingStatus.SEALED
            assert proceeding.notified_on
            assert proceeding.served_on
            assert proceeding.decider_id not in (proceeding.opener_id, version.author_id)
    for item in place.all(Item):
        if item.current_version and item.adverse and item.status == Status.SEALED:
            (version,) = [v for v in versions if v.item_id == item.pk and v.number == item.current_version]
            assert version.cites["evidence"] or item.revoked
            assert item.notified_on


def nobody_sees_beyond(place: Place) -> None:
    for member in place.members.values():
        if member.role in (Role.OFFICER, Role.AGENCY_ADMIN):
            continue
        with acting_as(member) as actor:
            for model in (RecordPart, Item, Proceeding, Evidence, Version, VersionBody, Outbox, Event):
                for row in model.objects.visible_to(actor):
                    assert row.agency_id == member.agency_id, model.__name__
                    if member.role == Role.FILLER:
                        assert row.employer_id == member.employer_id, model.__name__


@pytest.mark.req("AY-14", "AY-18", "AY-N1", "AY-N2", "AY-N3", "GZ-14", "PD-21")
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(steps=st.lists(st.tuples(STEPS, st.integers(0, 5)), min_size=4, max_size=16))
def test_whatever_happens_it_holds(
    county: County, members: dict[str, Membership], steps: list[tuple[Any, int]]
) -> None:
    with transaction.atomic():
        place = Place(county, members)
        opened(county.education, name="王一")
        opened(
            county.education,
            by=members["second_filler"],
            name="王二",
            employer=county.education.second_employer,
        )
        opened(county.health, by=members["foreign clerk"], name="王三", employer=county.health.employer)
        for step, which in steps:
            if isinstance(step, str):
                for model, name, who in STRETCHES[step]:
                    place.take(model, name, who, which if model is RecordPart or name == "attach" else -1)
            else:
                (model, name), who = step
                place.take(model, name, who, which)
        heads_are_in_order(place)
        nothing_adverse_is_unproven(place)
        nobody_sees_beyond(place)
        transaction.set_rollback(True)


def test_the_stretches_lead_to_an_adverse_seal(county: County, members: dict[str, Membership]) -> None:
    """The property above means something only if the long way can be walked at all."""
    place = Place(county, members)
    opened(county.education, name="王一")
    for stretch in (
        "to review",
        "to notice",
        "to service",
        "to seal",
        "penalty to review",
        "penalty to seal",
    ):
        for model, name, who in STRETCHES[stretch]:
            place.take(model, name, who, 0)
    (part,), (item,) = place.all(RecordPart), place.all(Item)
    assert (part.status, part.determination) == (Status.SEALED, "warning")
    assert (item.status, item.adverse) == (Status.SEALED, True)
    heads_are_in_order(place)
    nothing_adverse_is_unproven(place)
    nobody_sees_beyond(place)
