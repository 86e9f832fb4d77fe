"""Who is told of what happens to records, items, jobs and periods: the events of the archives as notices.

Called by the service in which it happened, in its transaction. Addresses hold codes and ids, never personal data.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from agencies.models import Membership, Responsibility, Role
from archives.models import Item, Job, RecordPart
from archives.services.nil_returns import groups_owing
from archives.states import Delivery, JobState, Status
from credit_platform.tenancy.context import acting
from notices.selectors import handlers_of
from notices.services import notify

Head = RecordPart | Item


def tell_returned(head: Head, *, to_filler: bool) -> None:
    """Tell those who can mend it: the employer's fillers, or the clerks where there are none or the reviewer returned
    it to them."""
    handlers = functools.partial(handlers_of, agency_id=head.agency_id, occupation=head.occupation)
    members: list[Membership] = []
    if to_filler and head.employer_id is not None:
        members = handlers(roles=[Role.FILLER], employer_id=head.employer_id)
    members = members or handlers(roles=[Role.CLERK])
    _tell(members, head, f"{_what(head)}_returned", {"status": Status.RETURNED})


def tell_rejected(heads: Iterable[Head]) -> None:
    """Tell the clerks what the platform sent back, all of a group in one notice."""
    found: dict[Any, Head] = {}
    counts: Counter[Any] = Counter()
    for head in heads:
        key = (head.agency_id, head.occupation, _what(head))
        found.setdefault(key, head)
        counts[key] += 1
    for (agency_id, occupation, what), head in sorted(found.items(), key=lambda one: one[0]):
        clerks = handlers_of(agency_id=agency_id, occupation=occupation, roles=[Role.CLERK])
        count = counts[agency_id, occupation, what]
        _tell(clerks, head, f"{what}_rejected", {"delivery": Delivery.REJECTED}, count=count)


def tell_job_ended(job: Job) -> None:
    """Tell whoever asked for a job that it is done, or why to look; not who cancelled it.

    Of the title only what kind of work it was: the rest may name whom it was for.
    """
    if job.state not in (JobState.DONE, JobState.FAILED):
        return
    asked = Membership.objects.current().filter(pk=job.parameters.get("membership"), user_id=job.requester_id)
    kind = "job_done" if job.state == JobState.DONE else "job_failed"
    subject = f"“{job.title.partition('：')[0][:50]}”"
    url = reverse("job", args=[job.pk])
    notify(asked.select_related("user"), kind, url=url, subject=subject, key=str(job.pk))


def tell_handed_over(successor: Membership, event_id: object) -> None:
    """Tell who receives a colleague's groups."""
    notify([successor], "handover", url=reverse("handover-done", args=[event_id]), key=str(event_id))


def tell_of_nil_returns(*, jurisdiction_id: int, today: dt.date) -> int:
    """Tell the clerks once of each group that owes facts or a nil return for the period that ended last; return how
    many notices were written. Safe to repeat."""
    told = 0
    with acting(jurisdiction_id, "job"):
        for group, period in groups_owing(jurisdiction_id, today=today):
            clerks = handlers_of(agency_id=group.agency_id, occupation=group.occupation, roles=[Role.CLERK])
            told += notify(
                clerks,
                "nil_return_due",
                url=reverse("home"),
                subject=f"{group.label}（{period.label}）",
                key=f"{group.occupation} {period.kind} {period.start}",
                once=True,
            )
    return told


def _tell(
    members: list[Membership], head: Head, kind: str, filters: dict[str, str], *, count: int = 1
) -> None:
    label = Responsibility.objects.values_list("label", flat=True).filter(
        agency_id=head.agency_id, occupation=head.occupation
    )
    place = reverse("archive-list" if isinstance(head, RecordPart) else "item-list")
    url = f"{place}?{urlencode({'occupation': head.occupation, **filters})}"
    notify(members, kind, url=url, subject=label.first() or "", key=head.occupation, count=count)


def _what(head: Head) -> str:
    return "record" if isinstance(head, RecordPart) else "item"
