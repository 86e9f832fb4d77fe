"""A kind's time in the catalogue ends, its basis in the place ends, or the pack takes it from the group (PD-19):
nothing new comes in; what was confirmed on a basis that held then stays, goes out, and can be taken back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from archives import catalogue
from archives.models import Item, Outbox, WaitingFact
from archives.occupations import occupations_of
from archives.schema.kinds import ItemKind, kinds
from archives.services.identities import Named
from archives.services.items import pass_on_item, submit_item
from archives.services.outbox import take_due
from archives.services.waiting import put_aside
from archives.states import Delivery
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from delivery.contract import KIND_ITEM, KIND_ITEM_WITHDRAWAL
from delivery.services import _record
from tests.archives.flow import acting_as, attached, opened, rows_of
from tests.archives.item_flow import (
    PENALTY,
    basis_of,
    confirmed,
    corrected,
    fresh_item,
    item_in_review,
    item_sealed,
    revoked,
    told,
    written,
)
from tests.factories import County

KIND = "administrative_penalty"
Ends = Callable[[], None]


@pytest.fixture(params=["entry", "basis", "group"])
def ends(request: pytest.FixtureRequest, county: County, monkeypatch: pytest.MonkeyPatch) -> Ends:
    """End it: the entry yesterday, the basis in the place, or the group's share in the kind."""
    entries, bases_in, group = catalogue.entries(), ItemKind.bases_in, county.education.responsibility

    def end() -> None:
        if request.param == "entry":
            over = dataclasses.replace(entries[KIND], valid_to=timezone.localdate() - dt.timedelta(1))
            monkeypatch.setattr(catalogue, "entries", lambda: {**entries, KIND: over})
        elif request.param == "basis":
            monkeypatch.setattr(
                ItemKind, "bases_in", lambda kind, place: [] if kind.code == KIND else bases_in(kind, place)
            )
        else:
            group.kinds = [kind.code for kind in kinds if kind.code != KIND]
            group.save(update_fields=["kinds"])

    return end


def test_nothing_new_comes_in_and_what_is_not_confirmed_goes_no_step_further(
    county: County, client_as: Callable[[Membership], Client], ends: Ends
) -> None:
    unit, today = county.education, timezone.localdate()
    part, basis = opened(unit), basis_of(KIND)
    draft = written(part, KIND, by=unit.filler, document_no="安市监罚〔2026〕8 号")
    attached(draft, by=unit.filler)
    handed_on = written(part, KIND, by=unit.filler, document_no="安市监罚〔2026〕9 号")
    attached(handed_on, by=unit.filler)
    with acting_as(unit.filler) as who:
        handed_on = submit_item(item=handed_on, revision=None, actor=who, today=today)
    waiting = told(item_in_review(part, KIND, unit=unit), by=unit.clerk)
    ends()
    why = "有效期|没有依据|不记录"
    with acting_as(unit.filler) as who, pytest.raises(Refused, match=why):
        submit_item(item=draft, revision=None, actor=who, today=today)
    with acting_as(unit.clerk) as who, pytest.raises(Refused, match=why):
        pass_on_item(item=handed_on, revision=None, actor=who, today=today)
    with pytest.raises(Refused, match=why):
        confirmed(waiting, by=unit.reviewer)
    browser = client_as(unit.filler)
    offered = browser.get(f"/records/{part.pk}/items/add/").content.decode()
    assert f"kind={KIND}" not in offered
    assert "kind=award" in offered
    with acting_as(unit.filler) as who, pytest.raises(Refused, match=why):
        put_aside(
            part=part, kind=KIND, basis=basis, raw=PENALTY, named=Named(part.name), actor=who, today=today
        )
    body = PENALTY | {"kind": KIND, "basis": basis, "document_no": "安市监罚〔2026〕10 号"}
    browser.post(f"/records/{part.pk}/items/add/", body, follow=True)
    assert {item.pk: item.current_version for item in rows_of(Item, county.id)} == {
        item.pk: 0 for item in (draft, handed_on, waiting)
    }
    assert rows_of(WaitingFact, county.id) == rows_of(Outbox, county.id) == []


def test_what_was_confirmed_stays_goes_out_and_can_be_taken_back(
    county: County, client_as: Callable[[Membership], Client], ends: Ends
) -> None:
    unit = county.education
    item = item_sealed(opened(unit), KIND, unit=unit)
    ends()
    for member in (unit.filler, unit.clerk, unit.reviewer):
        page = client_as(member).get(f"/items/{item.pk}/")
        assert item.basis in page.content.decode()
    assert sent(county) == [(KIND_ITEM, 1, item.basis)]
    with acting(county.id, "job"):
        Outbox.objects.update(state=Delivery.ACCEPTED)
    taken_back = revoked(item, unit=unit)
    assert taken_back.revoked
    assert sent(county) == [(KIND_ITEM_WITHDRAWAL, 2, item.basis)]


def test_what_was_confirmed_is_corrected_on_a_basis_that_holds(county: County, ends: Ends) -> None:
    unit = county.education
    item = item_sealed(opened(unit), KIND, unit=unit)
    ends()
    if basis_holds(item.basis):
        changing = corrected(item, by=unit.clerk, fine="0.3")
        told(changing, by=unit.clerk)
        assert confirmed(changing, by=unit.reviewer).number == 2
    else:
        with pytest.raises(Refused, match="请选择依据"):
            corrected(item, by=unit.clerk, fine="0.3")
        assert fresh_item(item).current_version == 1


def basis_holds(basis: str) -> bool:
    return basis in map(str, kinds.get(KIND).bases_in("410522"))


def sent(county: County) -> list[tuple[str, int, str]]:
    """What leaves for the platform now."""
    with acting(county.id, "job"):
        due = take_due(target="county", now=timezone.now(), limit=10)
        records = [_record(row, stored, occupations_of(county.id)) for row, stored in due]
    return [(one["kind"], one["version"], one["payload"]["XXYJ"]) for one in records]
