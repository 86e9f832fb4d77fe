"""A group that the office puts together itself, from common kinds of content and without code (GZ-05)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max

from agencies.models import Agency, Jurisdiction, Responsibility, Role
from agencies.rollout import FURTHEST
from archives.schema.composed import ALWAYS, CONTENTS, unknown
from audit import journal
from audit.lifecycle import Refused
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
