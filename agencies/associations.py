"""行业协会、商会 as smaller tenants: registered by the office, each with archives of its own members (GZ-11)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Max

from agencies.groups import MOST_GROUPS
from agencies.models import Agency, Jurisdiction, Responsibility, Role
from agencies.rollout import FURTHEST
from archives.schema.members import MEMBERS
from audit import journal
from audit.lifecycle import Refused
from credit_platform.actors import Actor


@transaction.atomic
def add_association(*, name: str, opens_on: dt.date, actor: Actor, today: dt.date) -> Responsibility:
    """Register an association and let it answer for its own members; return that line of responsibility.

    The clause is that of the place's own line about members: where no document encourages associations, there are none.
    Raises `Refused` for anybody but the office, such a place, a name that another unit bears, a day more than two years
    away.
    """
    if actor.role != Role.OFFICER:
        raise Refused("行业协会、商会由信用工作机构登记。", code="foreign")
    name = "".join(name.split())
    if not name:
        raise Refused("请填写协会、商会名称。", code="name")
    if abs(opens_on - today) > FURTHEST:
        raise Refused("开放日期应在前后两年之内。", code="day")
    place = Jurisdiction.objects.select_for_update().get(pk=actor.jurisdiction_id)
    lines = Responsibility.objects.filter(jurisdiction=place)
    known = lines.filter(occupation=MEMBERS, encouraged=True).select_related("agency").order_by("position")
    first = known.first()
    if first is None:
        raise Refused("本地文件没有鼓励行业协会、商会建立会员档案的规定，不能登记。", code="no_clause")
    units = Agency.objects.filter(jurisdiction=place)
    if units.filter(name=name).exists():
        raise Refused(f"已经有名为“{name}”的单位，请核对。", code="duplicate")
    last = lines.aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_GROUPS:
        raise Refused("单位和人群已经太多，不能再登记。", code="too_many")
    agency = Agency.objects.create(
        jurisdiction=place,
        code=f"association_{units.filter(association=True).count() + 1}",
        department=first.agency.department,
        name=name,
        clause=first.clause,
        association=True,
    )
    row = Responsibility.objects.create(
        jurisdiction=place,
        agency=agency,
        position=last + 1,
        occupation=MEMBERS,
        label=first.label,
        clause=first.clause,
        opens_on=opens_on,
        encouraged=True,
        local=True,
    )
    journal.write("association.added", actor=actor, subject=row, data={"name": name, "code": agency.code})
    return row
