"""A draft of a fact that should not have been written is given up by who wrote it, and nothing of it is left."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from archives.models import Evidence, Item
from archives.services.giving_up import give_up_item
from archives.services.items import submit_item
from audit.lifecycle import Refused, Stale
from credit_platform import private_files
from tests.archives.flow import acting_as, attached, events, opened, rows_of
from tests.archives.item_flow import corrected, fresh_item, item_in_review, item_sealed, told, written
from tests.factories import County

TODAY = timezone.localdate


def given_up(item: Item, *, by: Any, revision: int | None = None) -> Item:
    with acting_as(by) as who:
        return give_up_item(item=item, revision=revision, actor=who, today=TODAY())


@pytest.mark.req("GZ-07")
def test_nothing_of_a_draft_is_left_and_its_document_may_be_entered_anew(
    county: County, client_as: Any, django_capture_on_commit_callbacks: Any
) -> None:
    unit = county.education
    part = opened(unit)
    item = written(part, "administrative_penalty", by=unit.filler)
    proof = attached(item, by=unit.filler)
    with django_capture_on_commit_callbacks(execute=True):
        given_up(item, by=unit.filler)
    assert rows_of(Item, county.id) == []
    gone = fresh_item(item)
    assert (gone.values, gone.typed, gone.name, gone.document_no) == ({}, {}, "", "")
    (row,) = rows_of(Evidence, county.id, item=gone)
    assert (row.name, row.removed_by) == ("", unit.filler.user.display_name)
    with pytest.raises(private_files.Missing):
        private_files.read_all(str(proof.pk))
    last = events(county.id, subject_id=str(item.pk))[-1]
    assert (last.verb, last.actor_name) == ("item.given_up", unit.filler.user.display_name)
    assert (last.data["kind"], last.data["told"]) == ("administrative_penalty", False)
    assert item.name not in last.subject_label
    browser = client_as(unit.filler)
    assert browser.get(f"/items/{item.pk}/").status_code == 404
    assert item.name not in browser.get("/items/").content.decode()
    assert written(part, "administrative_penalty", by=unit.filler).document_no == item.document_no


def test_in_the_browser_it_asks_first_and_leads_back_to_the_list(county: County, client_as: Any) -> None:
    unit = county.education
    item = told(written(opened(unit), "administrative_penalty", by=unit.clerk), by=unit.clerk)
    browser = client_as(unit.clerk)
    page = browser.get(f"/items/{item.pk}/")
    assert "不能恢复" in page.content.decode()
    form = {"action": "give_up", "revision": page.context["revision"]}
    answer = browser.post(f"/items/{item.pk}/", form, follow=True)
    assert answer.redirect_chain == [("/items/", 302)]
    words = answer.content.decode()
    assert "草稿已作废" in words
    assert "请告诉本人现已作废" in words
    assert browser.post(f"/items/{item.pk}/", form).status_code == 404


def test_only_who_wrote_it_gives_a_draft_up(county: County, client_as: Any) -> None:
    unit = county.education
    item = written(opened(unit), by=unit.filler)
    for other in (unit.clerk, unit.reviewer):
        with pytest.raises(Refused, match="没有"):
            given_up(item, by=other)
    with pytest.raises(Refused, match="没有找到"):
        given_up(item, by=county.health.clerk)
    page = client_as(unit.clerk).get(f"/items/{item.pk}/")
    assert "give_up" not in [action["name"] for action in page.context["actions"]]
    assert fresh_item(item).emptied_at is None


def test_what_was_handed_on_or_confirmed_is_not_given_up(county: County) -> None:
    unit = county.education
    part = opened(unit)
    reviewed = item_in_review(part, unit=unit)
    with pytest.raises(Refused, match="状态"):
        given_up(reviewed, by=unit.clerk)
    handed = written(part, by=unit.filler, document_no="安教〔2026〕13 号")
    with acting_as(unit.filler) as who:
        submit_item(item=handed, revision=None, actor=who, today=TODAY())
    with pytest.raises(Refused, match="状态"):
        given_up(handed, by=unit.filler)
    sealed = item_sealed(opened(unit), unit=unit)
    with pytest.raises(Refused):
        given_up(sealed, by=unit.clerk)
    assert fresh_item(sealed).name == sealed.name


def test_a_correction_in_hand_is_not_given_up(county: County) -> None:
    unit = county.education
    sealed = item_sealed(opened(unit), unit=unit)
    again = corrected(sealed, by=unit.clerk, title="模范教师")
    with pytest.raises(Refused):
        given_up(again, by=unit.clerk)
    assert fresh_item(sealed).values != {}


def test_who_saw_an_older_state_does_not_give_it_up(county: County) -> None:
    unit = county.education
    item = written(opened(unit), by=unit.filler)
    with pytest.raises(Stale):
        given_up(item, by=unit.filler, revision=item.revision + 1)
