"""Groups that the office puts together itself, from common kinds of content and without code (GZ-05).

What was sealed is not touched by a change: it shows the name of its time and the boxes of its year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from agencies.models import Agency, Jurisdiction, Responsibility, Role
from agencies.names import renamed
from agencies.rollout import FURTHEST
from archives.schema.composed import ALWAYS, CONTENTS, ON_THE_FORM, unknown
from archives.schema.members import MEMBERS
from audit import journal
from audit.lifecycle import Refused, clean_reason
from credit_platform.actors import Actor

MOST_GROUPS = 900
"""Positions go to 999."""


@transaction.atomic
def add_group(
    *,
    label: str,
    agency: Agency,
    contents: Iterable[str],
    basis: str,
    opens_on: dt.date,
    actor: Actor,
    today: dt.date,
) -> Responsibility:
    """Add a group of the place with one agency that answers for it; `contents` are codes of the sixteen.

    Raises `Refused` for anybody but the office, an agency of another place or one that has ended, a name that another
    group of the place bears, no basis (PD-19), no or unknown contents, a day more than two years away.
    """
    if actor.role != Role.OFFICER or agency.jurisdiction_id != actor.jurisdiction_id:
        raise Refused("人群由信用工作机构增设。", code="foreign")
    if agency.association:
        raise Refused("行业协会、商会只能为会员建档，不能增设其他人群。", code="association")
    if not agency.active:
        raise Refused(f"{agency.name}已经撤并，请选择其他责任单位。", code="agency")
    label, basis = "".join(label.split()), " ".join(basis.split())
    if not label or not basis:
        raise Refused("请填写人群名称和建档依据。没有依据的，不得采集个人信息。", code="basis")
    chosen = {*contents, *ALWAYS}
    if unknown(chosen):
        raise Refused("所选档案内容不在列表中，请重新选择。", code="contents")
    if abs(opens_on - today) > FURTHEST:
        raise Refused("开放日期应在前后两年之内。", code="day")
    place = Jurisdiction.objects.select_for_update().get(pk=agency.jurisdiction_id)
    known = Responsibility.objects.filter(jurisdiction=place)
    if known.filter(label=label).exists():
        raise Refused(f"已经有名为“{label}”的人群，请换一个名称。", code="duplicate")
    last = known.aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_GROUPS:
        raise Refused("人群已经太多，不能再增设。", code="too_many")
    row = Responsibility.objects.create(
        jurisdiction=place,
        agency=agency,
        position=last + 1,
        occupation=f"local_{known.filter(local=True).count() + 1}",
        label=label,
        clause=basis,
        contents=[one for one in CONTENTS if one in chosen],
        opens_on=opens_on,
        local=True,
    )
    data = {"occupation": row.occupation, "label": label, "agency": agency.code, "contents": row.contents}
    journal.write("group.added", actor=actor, subject=row, data=data)
    return row


@transaction.atomic
def change_group(
    *,
    group: Responsibility,
    label: str,
    contents: Iterable[str],
    reason: str,
    actor: Actor,
    today: dt.date,
) -> Responsibility:
    """Give a group of the office's own another name, and further `contents`.

    Dated facts of new contents may be written at once; their boxes on the yearly form come with next year's records, so
    that no record of a year has another form than its neighbour. Raises `Refused` as `add_group`, for the members of an
    association, a group that is closed, without a reason, and when nothing would change.
    """
    row = _own_group(group, actor)
    if row.occupation == MEMBERS:
        raise Refused("会员档案的内容由规定统一，名称和内容不能调整。", code="members")
    label, reason = "".join(label.split()), clean_reason(reason)
    if not reason:
        raise Refused("请写明调整的依据或原因。", code="reason")
    if row.ended_on is not None and row.ended_on <= today:
        raise Refused(f"“{row.label}”已经停用，不能再调整。", code="ended")
    chosen = {*row.contents, *contents}
    if unknown(chosen):
        raise Refused("所选档案内容不在列表中，请重新选择。", code="contents")
    if not label or _others(row).filter(label=label).exists():
        raise Refused(f"已经有名为“{label}”的人群，请换一个名称。", code="duplicate")
    added = [one for one in CONTENTS if one in chosen and one not in row.contents]
    if label == row.label and not added:
        raise Refused("名称和档案内容都没有变化。", code="same")
    data = {"occupation": row.occupation, "label": [row.label, label], "added": added}
    if label != row.label:
        row.former_labels = renamed(row.label, row.former_labels, at=timezone.now())
        row.label = label
    row.contents = [one for one in CONTENTS if one in chosen]
    row.contents_since |= {one: today.year + 1 for one in added if one in ON_THE_FORM}
    row.save(update_fields=["label", "former_labels", "contents", "contents_since"])
    journal.write("group.changed", actor=actor, subject=row, reason=reason, data=data)
    return row


@transaction.atomic
def close_group(
    *, group: Responsibility, ended_on: dt.date, reason: str, actor: Actor, today: dt.date
) -> Responsibility:
    """Close a group of the office's own: from that day nothing is opened or owed, its archives stay as they are.

    Raises `Refused` for anybody but the office, without a reason, for a day that is over or more than two years ahead,
    and for a group that is closed already.
    """
    row, reason = _own_group(group, actor), clean_reason(reason)
    if not reason:
        raise Refused("请写明停用的依据或原因。", code="reason")
    if row.ended_on is not None and row.ended_on <= today:
        raise Refused(f"“{row.label}”已经停用。", code="ended")
    if not today <= ended_on <= today + FURTHEST:
        raise Refused("停用日期应在今天以后的两年之内。", code="day")
    row.ended_on = ended_on
    row.save(update_fields=["ended_on"])
    data = {"occupation": row.occupation, "ended_on": ended_on.isoformat()}
    journal.write("group.closed", actor=actor, subject=row, reason=reason, data=data)
    return row


def _own_group(group: Responsibility, actor: Actor) -> Responsibility:
    """Return the group, locked. Raises `Refused` for anybody but the office, and for a group of the pack."""
    if actor.role != Role.OFFICER or group.jurisdiction_id != actor.jurisdiction_id:
        raise Refused("人群由信用工作机构调整。", code="foreign")
    Jurisdiction.objects.select_for_update().get(
        pk=group.jurisdiction_id
    )  # names are given one after the other
    row = Responsibility.objects.select_for_update(of=("self",)).select_related("agency").get(pk=group.pk)
    if not row.local:
        raise Refused("地方规则规定的人群不能在本页调整。", code="of_the_pack")
    return row


def _others(row: Responsibility) -> QuerySet[Responsibility]:
    return Responsibility.objects.filter(jurisdiction_id=row.jurisdiction_id).exclude(pk=row.pk)
