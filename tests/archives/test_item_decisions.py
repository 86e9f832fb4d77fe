"""What a reviewer decides by a page that is out of date: nothing, and the page says what is so (AY-N1)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from archives.models import Item
from archives.services.item_seals import confirm_revocation, keep_item, revoke_item, seal_item
from archives.services.items import send_back_item, submit_item
from audit.lifecycle import AlreadyDone, Refused, Stale
from tests.archives.flow import acting_as, opened
from tests.archives.item_flow import confirmed, corrected, fresh_item, item_sealed, kept
from tests.factories import County

TODAY = timezone.localdate


@pytest.mark.req("AY-N1")
def test_two_reviewers_are_told_what_the_other_decided(county: County) -> None:
    """Of one who keeps and one who withdraws, the second does not read that the own decision was carried out."""
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    for first, second, words in (("keep", "confirm", "已决定不予撤销"), ("confirm", "keep", "已经确认撤销")):
        with acting_as(unit.clerk) as who:
            seen = revoke_item(item=fresh_item(item), reason="原决定已撤销", revision=None, actor=who)

        def decide(what: str, *, seen: Item = seen) -> None:
            with acting_as(unit.reviewer) as who:
                if what == "keep":
                    keep_item(item=seen, reason="仍有效", revision=seen.revision, actor=who)
                else:
                    confirm_revocation(item=seen, revision=seen.revision, actor=who, today=TODAY())

        decide(first)
        with pytest.raises(Refused, match=words):
            decide(second)
        with pytest.raises(AlreadyDone):
            decide(first)


@pytest.mark.req("AY-N1")
def test_a_fact_is_not_confirmed_by_a_page_that_is_out_of_date(county: County) -> None:
    unit = county.education
    item = item_sealed(opened(unit), unit=unit)
    seen = corrected(item, by=unit.clerk, document_no="安教〔2026〕13 号")
    with acting_as(unit.reviewer) as who:
        send_back_item(item=seen, reason="请附原件", revision=None, actor=who)
    kept(fresh_item(item), by=unit.clerk, document_no="安教〔2026〕14 号")
    with acting_as(unit.clerk) as who:
        again = submit_item(item=fresh_item(item), revision=None, actor=who, today=TODAY())
    confirmed(again, by=unit.reviewer)
    with acting_as(unit.reviewer) as who, pytest.raises(Stale, match="这一次没有办理确认"):
        seal_item(item=seen, revision=seen.revision, actor=who, today=TODAY())
