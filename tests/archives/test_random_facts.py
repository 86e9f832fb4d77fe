"""For facts of any kind, rules and days: nothing past its end or without basis is in any output on any day (LL-25,
PD-19).

What was confirmed on a basis that held then stays until its own end, whatever becomes of the catalogue afterwards;
nothing new comes in, and what was not confirmed yet goes no step further.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from agencies.models import Jurisdiction, Membership, Responsibility
from archives import catalogue
from archives.items import fact_of as values_of
from archives.models import Evidence, Item, RecordPart
from archives.schema.fields import Date
from archives.schema.kinds import Category, ItemKind, kinds
from archives.schema.registry import registry
from archives.services.items import open_item, submit_item
from archives.services.validity import recompute
from audit.lifecycle import Refused
from credit_platform.celery import app
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, attached, confirm, fresh, hand_on, opened, passed_on, rows_of, save
from tests.archives.item_flow import basis_of, fresh_item, named_in
from tests.archives.outputs import Sought, counted_in, seen_in_files, seen_on_pages
from tests.archives.test_every_kind import through_review
from tests.archives.test_every_occupation import filled
from tests.archives.test_outputs import SHOWS
from tests.clock import Clock, moved_clock
from tests.factories import County
from tests.schema.samples import a_fact
from tests.web import samples

DAY = dt.date
SHOWN = SHOWS.keys() - {"batch", "delivery-list", "progress-people"}
"""Pages that show a fact on any day; on the others it stands while it is under way or late."""
OWN_END = {
    "qualification": "valid_to",
    "administrative_licence": "expires_on",
    "discipline": "effective_until",
    "sector_rating": "valid_until",
}
LISTS = {"judgment_defaulter", "enterprise_dishonest"}
"""What stands on a list is shown until somebody takes it off, unless the place says less."""
PENALTIES = {"administrative_penalty", "enterprise_penalty"}
CLASSES = {"minor": 3, "general": 12, "serious": 36, "": 36}
ENDED = ("", "entry", "basis", "group")
"""What ends on the day after a fact was confirmed: nothing, its kind's time in the catalogue, its kind's basis in the
place, or the pack lets the group have the kind."""

REASONS = {"": "依据只能从列表中选择", "entry": "有效期", "basis": "在本地没有依据", "group": "不记录"}
"""Why it is refused then."""


@dataclasses.dataclass(frozen=True)
class Case:
    """A fact, the rule of the place about it, and what ends afterwards. `own`: days until an end of its own."""

    kind: ItemKind
    decided: DAY
    severity: str
    own: int
    months: int | None
    ended: str

    @property
    def last(self) -> DAY | None:
        """The last day of the fact as somebody works it out by hand, month by month."""
        code, ends = self.kind.code, []
        if code in OWN_END:
            ends.append(self.decided + dt.timedelta(self.own))
        if self.kind.polarity == "negative":
            spans = [] if code in LISTS else [60, *self._of_the_law()]
            spans += [] if self.months is None else [self.months]
            ends += [after(self.decided, months) for months in spans]
        return min(ends, default=None)

    def _of_the_law(self) -> list[int]:
        if self.decided >= DAY(2026, 4, 1):
            return [CLASSES[self.severity]]
        return [36] if self.kind.code in PENALTIES else []

    @property
    def raw(self) -> dict[str, Any]:
        """What somebody types in."""
        raw = {name: value for name, value in a_fact(self.kind).items() if value != "" and name != "ended_on"}
        for name, field in self.kind.section.fields.items():
            if isinstance(field, Date) and name in raw:
                raw[name] = self.decided.isoformat()
        raw.pop("removed_on", None)
        if code := OWN_END.get(self.kind.code):
            raw[code] = (self.decided + dt.timedelta(self.own)).isoformat()
        if "acted_on" in raw:
            raw["acted_on"] = (self.decided - dt.timedelta(1)).isoformat()
        if "assessed_year" in raw:
            raw["assessed_year"] = str(self.decided.year - 1)
        if "severity" in raw:
            raw |= {"severity": self.severity, "severity_standard": "标准（2026）" if self.severity else ""}
        if self.kind.code == "complaint":
            raw["outcome"] = "open"
        return raw


def after(day: DAY, months: int) -> DAY:
    """The same day some months later, or the last of a shorter month."""
    years, month = divmod(day.month - 1 + months, 12)
    for number in range(day.day, 0, -1):
        try:
            return DAY(day.year + years, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


ON_PAPER = [kind for kind in kinds if kind.category == Category.AWARD_OR_PENALTY]
CASES = st.builds(
    Case,
    kind=st.one_of(st.sampled_from(ON_PAPER), st.sampled_from(list(kinds))),  # half of them come out in print
    decided=st.dates(DAY(2023, 5, 2), DAY(2026, 11, 1)),
    severity=st.sampled_from(sorted(CLASSES)),
    own=st.integers(30, 1500),
    months=st.sampled_from([None, 1, 24]),
    ended=st.sampled_from(ENDED),
)
LATER = st.one_of(st.just(0), st.integers(2, 2200)).map(lambda days: [days, 1])
"""On which days to look: on the last day or so many days after the fact; and always on the day after the last."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)  # no broker: the worker's function is called
    return moved_clock(monkeypatch, DAY(2022, 1, 3))


def quietly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        phases=[Phase.explicit, Phase.generate],  # an example takes seconds: shrinking would take minutes
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.mark.req("LL-25", "ZD-25", "PD-19")
@pytest.mark.timeout(600)
@quietly(6)
@given(case=CASES, later=LATER)
@example(Case(kinds.get("administrative_penalty"), DAY(2026, 4, 10), "minor", 30, None, "basis"), [0, 1])
@example(Case(kinds.get("integrity"), DAY(2026, 3, 11), "", 30, None, "entry"), [0, 1])
def test_nothing_past_its_end_or_without_basis_is_in_any_output_on_any_day(
    county: County, client_as: Callable[[Membership], Client], clock: Clock, case: Case, later: list[int]
) -> None:
    in_a_world_of_its_own(county, client_as, clock, case, later)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@quietly(150)
@given(case=CASES, later=LATER)
def test_nothing_past_its_end_or_without_basis_is_in_any_output_on_very_many_days(
    county: County, client_as: Callable[[Membership], Client], clock: Clock, case: Case, later: list[int]
) -> None:
    in_a_world_of_its_own(county, client_as, clock, case, later)


def in_a_world_of_its_own(
    county: County, client_as: Callable[[Membership], Client], clock: Clock, case: Case, later: list[int]
) -> None:
    unit = county.education
    _ = unit.filler, unit.clerk, unit.reviewer, county.officer  # they stay, what the example makes goes
    with transaction.atomic():
        live_through(county, client_as, clock, case, later)
        transaction.set_rollback(True)
    unit.responsibility.refresh_from_db()


def live_through(
    county: County, client_as: Callable[[Membership], Client], clock: Clock, case: Case, later: list[int]
) -> None:
    """Confirm the fact on its day beside a draft of another, let rules and catalogue change, and look at every output
    on some days afterwards."""
    group = group_of(county, case.kind)
    if group.occupation != "teacher":  # the sample values of other groups' forms are of March 2026
        case = dataclasses.replace(case, decided=max(case.decided, DAY(2026, 3, 11)))
    clock.go(case.decided, 10)
    sought, draft = confirmed_fact(county, case, group), drafted(county, case, group)
    if case.months is not None:
        shortened(county, case.months)
    assert fresh_item(sought.item).shown_until == case.last, case
    with ended(case, group):
        last = case.last or case.decided
        for day in sorted((last if days <= 1 else case.decided) + dt.timedelta(days) for days in later):
            clock.go(day, 23 if day == case.decided else 0, 50)
            gone = case.last is not None and day > case.last
            looked_at(sought, client_as, case, gone=gone)
            nothing_comes_in(county, draft, case)
            assert seen_on_pages(draft, client_as, SHOWN, roles=["officer"]) == {}, (case, day)
            assert counted_in(draft) <= {"facts of the period"}, "the unit alone knows of a draft"


def group_of(county: County, kind: ItemKind) -> Responsibility:
    """Let the unit answer for a group that has this kind: teachers if they have it."""
    row = county.education.responsibility
    codes = [one.code for one in registry if kind.code in one.kinds]
    row.occupation = "teacher" if "teacher" in codes or not codes else codes[0]
    row.save(update_fields=["occupation"])
    return row


def fact_of(county: County, part: RecordPart, case: Case, number: int, basis: str = "") -> Item:
    """A draft of a fact by the filler, its document named after `number`."""
    raw = case.raw
    named_after = {"document_no": f"安随〔{case.decided.year}〕{number}号", "content": f"记号{number}。"}
    named_after |= {"course": f"记号{number}", "activity": f"记号{number}"}  # what has no document
    raw |= {name: text for name, text in named_after.items() if name in raw}
    with acting_as(county.education.filler) as who:
        return open_item(
            part=part,
            kind=case.kind.code,
            basis=basis or basis_of(case.kind.code),
            raw=raw,
            actor=who,
            today=timezone.localdate(),
            named=named_in(part.record.archive),
        ).item


def confirmed_fact(county: County, case: Case, group: Responsibility) -> Sought:
    """The fact on a record that was confirmed with it."""
    unit = county.education
    part = opened(unit, responsibility=group)
    item = fact_of(county, part, case, 7701)
    if item.adverse:
        attached(item, by=unit.filler, content=samples.pdf(b"%%EVIDENCE-7701"))
    item = through_review(item, unit=county.education)
    form = filled(registry.get(group.occupation)) if group.occupation != "teacher" else {}
    part = passed_on(hand_on(save(part, by=unit.filler, **form).part, by=unit.filler), by=unit.clerk)
    confirm(part, by=unit.reviewer)
    return sought_of(county, fresh(part), item, 7701)


def sought_of(county: County, part: RecordPart, item: Item, number: int) -> Sought:
    """What the fact is known by: its number and id, a word of its own, and one in its file."""
    files = tuple(rows_of(Evidence, county.id, item_id=item.pk))
    mine = SimpleNamespace(
        unit=county.education, draft=part, submitted=part, sealed=part, items=(item, item), evidence=files
    )
    numbers = [item.document_no.replace(" ", "")] if item.document_no else []
    line = kinds.get(item.kind).summary(values_of(item).values)
    own = (
        [] if f"{number}" in line else [line.replace(" ", "")]
    )  # of 廉政记录 lists and paper tell the matter alone
    words = (*numbers, *own, str(item.pk), f"EVIDENCE-{number}", f"记号{number}")
    return Sought(county, item, cast(Any, None), cast(Any, mine), words)


def drafted(county: County, case: Case, group: Responsibility) -> Sought:
    """Another person's fact of the kind, complete and never handed on."""
    part = opened(county.education, responsibility=group, name="李小红")
    item = fact_of(county, part, case, 7702)
    if item.adverse:
        attached(item, by=county.education.filler)
    return sought_of(county, part, item, 7702)


def shortened(county: County, months: int) -> None:
    place = Jurisdiction.objects.get(id=county.id)
    place.parameters = {**place.parameters, "validity": [{"months": months, "start": "determined"}]}
    place.save()
    with acting(county.id, "job"):
        recompute(place, apply=True)


@contextmanager
def ended(case: Case, group: Responsibility) -> Iterator[None]:
    """What ends after the day of the fact."""
    code, entries, bases_in = case.kind.code, catalogue.entries(), ItemKind.bases_in
    with pytest.MonkeyPatch.context() as patch:
        if case.ended == "entry":
            over = {
                **entries,
                code: dataclasses.replace(entries[code], valid_to=case.decided - dt.timedelta(1)),
            }
            patch.setattr(catalogue, "entries", lambda: over)
        if case.ended == "basis":
            patch.setattr(
                ItemKind, "bases_in", lambda kind, place: [] if kind.code == code else bases_in(kind, place)
            )
        if case.ended == "group":
            group.kinds = [kind.code for kind in kinds if kind.code != code]
            group.save(update_fields=["kinds"])
        yield


def looked_at(sought: Sought, client_as: Callable[[Membership], Client], case: Case, *, gone: bool) -> None:
    """Every output has the fact up to its last day, and none afterwards."""
    seen = seen_on_pages(sought, client_as, SHOWN)
    files, counted = seen_in_files(sought), counted_in(sought)
    day = timezone.localdate()
    if gone:
        assert (seen, files, counted) == ({}, set(), set()), (case, day)
        return
    assert seen == shows(case.kind, sought.item), (case, day)
    assert files == {"print"}, (case, day)
    sent = {"progress", "delivery"} if case.kind.deliverable else set()
    assert counted == sent | {"facts of the period"}, (case, day)


def shows(kind: ItemKind, item: Item) -> dict[str, set[str]]:
    """Where, and by whom, a fact of this kind is seen while it is in force."""
    pages = set(SHOWN)
    if not item.adverse:
        pages -= {"item-notice", "evidence", "record-identity"}  # it has no file
    if not item.document_no:
        pages -= {"record-version", "record-versions"}  # they tell the number alone
    nobody = {"officer"} if kind.disclosure == "self" else set()  # stays between unit and person
    return {name: SHOWS[name] - nobody for name in pages}


def nothing_comes_in(county: County, draft: Sought, case: Case) -> None:
    """Without a basis nothing is written down; what was written down on one that has ended goes no step further."""
    with acting(county.id, "job"):
        before = Item.of_all_time.count()
    with pytest.raises(Refused, match=REASONS[case.ended]):
        fact_of(county, draft.part, case, 7703, "《编的》第一条")
    if case.ended:
        with pytest.raises(Refused, match=REASONS[case.ended]):
            fact_of(county, draft.part, case, 7703, draft.item.basis)
        with (
            acting_as(county.education.filler) as who,
            pytest.raises(Refused, match=f"{REASONS[case.ended]}|没有找到"),
        ):
            submit_item(item=draft.item, revision=None, actor=who, today=timezone.localdate())
    with acting(county.id, "job"):
        assert Item.of_all_time.count() == before
