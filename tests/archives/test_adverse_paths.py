"""Every way to hold something against a person without what the law asks for is closed, on the page and in the service,
and each refusal says what is missing in words of its own (AY-N1 to AY-N3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from agencies.models import Membership, Role
from archives.models import Evidence, Item, Outbox, RecordPart, Version
from archives.services.people import NotReadable
from archives.services.records import send_back
from archives.states import Service, Status
from audit.lifecycle import Refused
from credit_platform.tenancy.context import acting
from tests.archives.flow import acting_as, confirm, fresh, hand_on, opened, rows_of, save
from tests.archives.item_flow import confirmed, fresh_item, item_in_review, told, written
from tests.archives.proceeding_flow import (
    STAGES,
    TODAY,
    WARNING,
    adverse_draft,
    adverse_in_review,
    again,
    attach,
    heard,
    served,
    step,
)
from tests.archives.test_determination import another, change_draft
from tests.archives.test_sealing import also
from tests.factories import PASSWORD, County, Unit

pytestmark = pytest.mark.django_db

Ready = tuple[RecordPart, Membership]


def without_document(unit: Unit) -> Ready:
    draft = adverse_draft(unit, basis_document_no="")
    with acting(draft.jurisdiction_id, "job"):  # as code that passes by the form would leave it
        RecordPart.objects.filter(id=draft.id).update(status=Status.IN_REVIEW)
    return draft, unit.reviewer


def without_evidence(unit: Unit) -> Ready:
    return adverse_in_review(unit), unit.reviewer


def without_proceeding(unit: Unit) -> Ready:
    part = adverse_in_review(unit)
    attach(part)
    return part, unit.reviewer


def stopped_at(stage: str) -> Callable[[Unit], Ready]:
    def ready(unit: Unit) -> Ready:
        part, reviewer = without_proceeding(unit)
        STAGES[stage](unit, part)
        return part, reviewer

    return ready


def told_something_else(unit: Unit) -> Ready:
    part, reviewer = without_proceeding(unit)
    served(unit, part)
    return change_draft(part, unit, **(WARNING | {"behaviour": "收受礼金"})), reviewer


def by_the_writer(unit: Unit) -> Ready:
    part = hand_on(save(opened(unit, by=unit.clerk), by=unit.clerk, **WARNING).part, by=unit.clerk)
    attach(part)
    served(unit, part)
    return part, also(unit.clerk, Role.REVIEWER)


def by_who_handled_the_notice(unit: Unit) -> Ready:
    part, reviewer = without_proceeding(unit)
    second = also(unit.reviewer, Role.CLERK)
    proceeding = heard(unit, part)
    step("uphold", proceeding, reviewer, review="属实", today=TODAY)
    step("serve", again(proceeding), second, on=TODAY, how=Service.POST, today=TODAY)
    return part, reviewer


def decider_wrote(unit: Unit) -> Ready:
    part, reviewer = without_proceeding(unit)
    served(unit, part)
    with acting_as(reviewer) as who:
        part = send_back(part=fresh(part), reason="请核对", revision=None, actor=who)
    part = save(part, by=also(reviewer, Role.CLERK), **WARNING, post="年级主任").part
    third = another(unit, Role.REVIEWER, "吴审核")
    third.user.set_password(PASSWORD)
    third.user.must_change_password = False
    third.user.save()
    return hand_on(part, by=unit.clerk), third


def trustworthy_while_it_runs(unit: Unit) -> Ready:
    part, reviewer = without_proceeding(unit)
    served(unit, part)
    return change_draft(part, unit), reviewer


DETERMINATIONS: dict[str, tuple[Callable[[Unit], Ready], str]] = {
    "document": (without_document, "没有文书的不能录入"),
    "evidence": (without_evidence, "还没有附证明材料"),
    "proceeding": (without_proceeding, "还没有启动认定程序"),
    "notice": (stopped_at("open"), "还没有向本人送达拟认定事前告知书"),
    "hearing": (stopped_at("notified"), "陈述申辩还没有结束"),
    "decision": (stopped_at("heard"), "还没有作出认定决定"),
    "service": (stopped_at("decided"), "认定决定书还没有送达本人"),
    "grounds_differ": (told_something_else, "与告知本人的不一致"),
    "second_person": (by_the_writer, "另一位审核人"),
    "notice_handled": (by_who_handled_the_notice, "另一位审核人"),
    "decider_wrote": (decider_wrote, "作出决定的人后来改动过"),
    "proceeding_running": (trustworthy_while_it_runs, "还有未办结的认定程序"),
}


@pytest.mark.req("AY-N1", "AY-N2", "AY-N3")
@pytest.mark.parametrize(("prepare", "words"), DETERMINATIONS.values(), ids=DETERMINATIONS)
def test_no_determination_is_sealed(
    county: County, client_as: Any, prepare: Callable[[Unit], Ready], words: str
) -> None:
    part, reviewer = prepare(county.education)
    part = fresh(part)
    with pytest.raises((Refused, NotReadable), match=words):
        confirm(part, by=reviewer)
    body = {"action": "seal", "revision": part.revision}
    answer = client_as(reviewer).post(f"/records/{part.id}/", body, follow=True)
    assert words in answer.content.decode()
    assert fresh(part).status == Status.IN_REVIEW
    assert rows_of(Version, county.id, part=part) == rows_of(Outbox, county.id) == []


# --- items --------------------------------------------------------------------------------------------------------

ReadyItem = tuple[Item, Membership]


def item_without_document(unit: Unit) -> ReadyItem:
    item = written(opened(unit), "administrative_penalty", by=unit.filler, document_no="")
    with acting(item.jurisdiction_id, "job"):
        Item.objects.filter(id=item.pk).update(status=Status.IN_REVIEW)
    return fresh_item(item), unit.reviewer


def item_without_evidence(unit: Unit) -> ReadyItem:
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    with acting(item.jurisdiction_id, "job"):
        Evidence.objects.filter(item=item).update(removed_at=timezone.now())
    return item, unit.reviewer


def item_without_notice(unit: Unit) -> ReadyItem:
    return item_in_review(opened(unit), "administrative_penalty", unit=unit), unit.reviewer


def item_by_its_writer(unit: Unit) -> ReadyItem:
    item = told(item_in_review(opened(unit), "administrative_penalty", unit=unit), by=unit.clerk)
    return item, also(unit.clerk, Role.REVIEWER)


ITEMS: dict[str, tuple[Callable[[Unit], ReadyItem], str]] = {
    "document": (item_without_document, "须以文书为依据|请填写"),
    "evidence": (item_without_evidence, "不利信息须附证明材料"),
    "notice": (item_without_notice, "不利信息入档前须告知本人"),
    "second_person": (item_by_its_writer, "另一位审核人"),
}


@pytest.mark.req("AY-N1", "AY-N3", "GZ-A08")
@pytest.mark.parametrize(("prepare", "words"), ITEMS.values(), ids=ITEMS)
def test_no_adverse_item_is_sealed(
    county: County, client_as: Any, prepare: Callable[[Unit], ReadyItem], words: str
) -> None:
    item, reviewer = prepare(county.education)
    with pytest.raises((Refused, NotReadable), match=words) as refusal:
        confirmed(item, by=reviewer)
    body = {"action": "seal", "revision": fresh_item(item).revision}
    answer = client_as(reviewer).post(f"/items/{item.pk}/", body, follow=True)
    said = refusal.value
    message = said.problems[0].message if isinstance(said, NotReadable) else str(said)
    assert message in answer.content.decode()
    assert fresh_item(item).status == Status.IN_REVIEW
    assert rows_of(Version, county.id, item=item) == rows_of(Outbox, county.id) == []
