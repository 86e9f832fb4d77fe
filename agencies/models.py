"""Who is responsible for whose archives: small shared tables with ordinary keys (`reference tables`)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from agencies.names import name_at
from credit_platform.actors import Actor


class Jurisdiction(models.Model):
    """The county, district or city that runs the platform: the outer tenant. Id 0 is reserved for the platform."""

    id = models.PositiveIntegerField(primary_key=True)
    code = models.CharField("行政区划代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=50)
    office_name = models.CharField("信用工作机构", max_length=50)
    site_name = models.CharField("系统名称", max_length=60)
    phone = models.CharField("服务电话", max_length=40, blank=True)
    pack = models.CharField("地方规则", max_length=40, blank=True)
    pack_version = models.CharField("地方规则版本", max_length=40, blank=True)
    pack_digest = models.CharField("地方规则摘要", max_length=64, blank=True)
    parameters = models.JSONField("参数", default=dict)

    class Meta:
        verbose_name = "辖区"

    def __str__(self) -> str:
        return self.name

    @property
    def division_code(self) -> str:
        """The six digits under which platforms know the place: of the county or city in which a 镇办 or 开发区 lies."""
        return self.code[:6]


class LoadedPackQuerySet(models.QuerySet["LoadedPack"]):
    """Queries over what was loaded."""

    def visible_to(self, actor: Actor) -> LoadedPackQuerySet:
        """The rules of a place are public within it."""
        return self.filter(jurisdiction_id=actor.jurisdiction_id)


class LoadedPack(models.Model):
    """One loading of a place's pack that changed something: version, digest, the rules then, what it changed.

    Written once. `rules` are those of `agencies.packrules`, so that a page can tell since when each holds.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="loaded_packs")
    pack = models.CharField("地方规则", max_length=40)
    version = models.CharField("版本", max_length=40)
    digest = models.CharField("摘要", max_length=64)
    loaded_at = models.DateTimeField("载入时间", default=timezone.now)
    rules: Any = models.JSONField("规则", default=list)
    changes: Any = models.JSONField("变动", default=list)

    objects = LoadedPackQuerySet.as_manager()

    class Meta:
        verbose_name = "载入记录"
        ordering = ["-loaded_at", "-id"]
        indexes = [models.Index(fields=["jurisdiction", "loaded_at"], name="loaded_pack_history")]

    def __str__(self) -> str:
        return f"{self.pack} {self.version}"


class Agency(models.Model):
    """责任单位: the department that keeps archives; the inner tenant.

    Renamed, it keeps its row: `former_names` says what it was called until when, and what was sealed before shows that
    name. Merged or dissolved, it has `ended_on` and perhaps a `successor`: its archives stay with it, its people no
    longer get in, and the successor opens archives of its own and sees to the old ones (`agencies.settling`). An
    `association` is a smaller tenant: it keeps archives of its own members alone (GZ-11), and the office registers it.
    """

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="agencies")
    code = models.CharField("代码", max_length=40)
    department = models.CharField("部门", max_length=40)
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("依据条款", max_length=60, blank=True)
    active = models.BooleanField("启用", default=True)
    former_names: Any = models.JSONField("曾用名称", default=list, blank=True)
    ended_on = models.DateField("撤并日期", null=True, blank=True)
    successor = models.ForeignKey("self", models.PROTECT, related_name="+", null=True, blank=True)
    association = models.BooleanField("行业协会、商会", default=False)

    class Meta:
        verbose_name = "责任单位"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="agency_code"),
            # Two units may exchange their names when a pack is loaded.
            models.UniqueConstraint(
                fields=["jurisdiction", "name"], name="agency_name", deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_at(self, moment: dt.datetime | None) -> str:
        """Return what it was called then; None: now."""
        return name_at(self.name, self.former_names, moment)


class EmployerQuerySet(models.QuerySet["Employer"]):
    """Queries over employers."""

    def visible_to(self, actor: Actor) -> EmployerQuerySet:
        """Office and jobs: the county; an agency: its own; an employer: itself."""
        county = self.filter(jurisdiction_id=actor.jurisdiction_id)
        if actor.kind in ("office", "job"):
            return county
        if actor.kind == "agency":
            return county.filter(agency_id=actor.own_agency)
        if actor.kind == "employer":
            return county.filter(agency_id=actor.own_agency, id=actor.own_employer)
        return self.none()


class Employer(models.Model):
    """所属单位: school, hospital, law firm … below an agency; its fillers see only their own people."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="employers")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="employers")
    name = models.CharField("名称", max_length=100)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    active = models.BooleanField("启用", default=True)

    objects = EmployerQuerySet.as_manager()

    class Meta:
        verbose_name = "所属单位"
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["agency", "name"], name="employer_name")]

    def __str__(self) -> str:
        return self.name


class ResponsibilityQuerySet(models.QuerySet["Responsibility"]):
    """Queries over the division of responsibilities."""

    def visible_to(self, actor: Actor) -> ResponsibilityQuerySet:
        """The table is public within the county (it is in the notice); handling it needs a permission."""
        return self.filter(jurisdiction_id=actor.jurisdiction_id)

    def handled_by(self, actor: Actor) -> ResponsibilityQuerySet:
        """Return the groups for which this actor opens archives and reports today (AY-01: those that are opened)."""
        own = self.visible_to(actor).filter(agency_id=actor.own_agency)
        return own.open_on(timezone.localdate()).filter(occupation__in=actor.occupations)

    def filled_by(self, actor: Actor) -> ResponsibilityQuerySet:
        """Return the groups whose records this actor may open and fill in today: those that are open, and those whose
        duty has moved this year, of which the years before are still owed (`Responsibility.owes_year`)."""
        today = timezone.localdate()
        own = self.visible_to(actor).filter(agency_id=actor.own_agency, occupation__in=actor.occupations)
        return own.begun(today).filter(Q(ended_on=None) | Q(ended_on__gte=dt.date(today.year, 1, 1)))

    def begun(self, day: dt.date) -> ResponsibilityQuerySet:
        """Return the groups whose subjects are decided and that have been opened by that day, also if they ended."""
        opened = Q(opens_on=None) | Q(opens_on__lte=day)
        return self.filter(opened, undecided=False, awaits=False)

    def open_on(self, day: dt.date) -> ResponsibilityQuerySet:
        """Return the groups that are open on a day: begun, and not moved to another agency by then."""
        return self.begun(day).filter(Q(ended_on=None) | Q(ended_on__gt=day))

    def open_in(self, year: int) -> ResponsibilityQuerySet:
        """Return the groups that `owes_year`."""
        last = dt.date(year, 12, 31)
        return self.begun(last).filter(Q(ended_on=None) | Q(ended_on__gt=last), encouraged=False)

    def moved_in(self, year: int) -> ResponsibilityQuerySet:
        """Return the groups whose duty moved to another agency in a year, and was theirs until then."""
        return self.begun(dt.date(year, 12, 31)).filter(ended_on__year=year)


class Responsibility(models.Model):
    """责任分工: this agency answers for this group in this jurisdiction (AY-09, AY-G01–G22).

    `undecided` groups (劳动用工, 社会保障) are fields, not occupations: shown, but without records until the office
    decides who their subjects are. Where several agencies write one group's archive (GZ-A02, GZ-A08), each names its
    `sections` and `kinds` of item (empty: all of them), and the `lead` carries the determination.

    A group without a class of its own may name its `contents` (E1 to E16, GZ-05), some of them from an archive year on
    (`contents_since`: code to year); one that the office has put together in the browser is `local`, and no pack knows
    it.

    A group has its place in the roll-out (AY-01, PD-40): it opens on `opens_on` (None: with the place's first year), or
    `awaits` until the office sets a day; before that nothing is owed of it. Of an `encouraged` one (GZ-11) nothing ever
    is. `ended_on`: the duty has moved to `successor` or is gone; its archives stay, and what was sealed shows the names
    of its time (`former_labels`).
    """

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="responsibilities")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="responsibilities")
    position = models.PositiveSmallIntegerField("序号")
    occupation = models.CharField("人群代码", max_length=40)
    label = models.CharField("重点人群", max_length=40)
    clause = models.CharField("依据条款", max_length=60)
    undecided = models.BooleanField("待定", default=False)
    sections = models.JSONField("负责的栏目", default=list, blank=True)
    kinds = models.JSONField("负责的条目种类", default=list, blank=True)
    lead = models.BooleanField("牵头单位", default=True)
    wave = models.PositiveSmallIntegerField("批次", null=True, blank=True)
    opens_on = models.DateField("开放日期", null=True, blank=True)
    awaits = models.BooleanField("尚未开放", default=False)
    ended_on = models.DateField("职责调整日期", null=True, blank=True)
    successor = models.ForeignKey(Agency, models.PROTECT, related_name="+", null=True, blank=True)
    former_labels: Any = models.JSONField("曾用名称", default=list, blank=True)
    contents: Any = models.JSONField("档案内容", default=list, blank=True)
    contents_since: Any = models.JSONField("档案内容起始年度", default=dict, blank=True)
    local = models.BooleanField("本地增设", default=False)
    encouraged = models.BooleanField("鼓励建档", default=False)

    objects = ResponsibilityQuerySet.as_manager()

    class Meta:
        verbose_name = "责任分工"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction", "occupation", "agency"], name="responsibility_once"
            )
        ]
        permissions = [("handle_responsibility", "办理这一人群的档案")]

    def __str__(self) -> str:
        return f"{self.label}（{self.agency.name}）"

    def is_open(self, day: dt.date) -> bool:
        """Tell whether archives of the group are opened on a day."""
        begun = not self.awaits and (self.opens_on is None or self.opens_on <= day)
        return begun and not self.undecided and (self.ended_on is None or self.ended_on > day)

    def moved_in(self, year: int) -> bool:
        """Tell whether the duty was this agency's on some day of a year in which it moved to another."""
        begun = not self.awaits and (self.opens_on is None or self.opens_on <= dt.date(year, 12, 31))
        return begun and not self.undecided and self.ended_on is not None and self.ended_on.year == year

    def owes(self, start: dt.date, end: dt.date) -> bool:
        """Tell whether reports are owed for a period: the group was open on some day of it, and still is at its end."""
        begun = not self.awaits and not self.encouraged and (self.opens_on is None or self.opens_on <= end)
        return begun and not self.undecided and (self.ended_on is None or self.ended_on > end)

    def owes_year(self, year: int) -> bool:
        """Tell whether the records of a year are owed; of a year in which the duty moved, the successor owes them."""
        return self.owes(dt.date(year, 1, 1), dt.date(year, 12, 31))


class Role(models.TextChoices):
    """Roles of staff; the credit officer's printed name is the office's own, from the pack."""

    FILLER = "filler", "所属单位填报员"
    CLERK = "clerk", "经办人"
    REVIEWER = "reviewer", "审核人"
    AGENCY_ADMIN = "agency_admin", "单位管理员"
    OFFICER = "officer", "信用工作人员"
    OPERATOR = "operator", "平台运维"


AGENCY_ROLES = frozenset({Role.CLERK, Role.REVIEWER, Role.AGENCY_ADMIN})


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Queries over memberships."""

    def current(self) -> MembershipQuerySet:
        """Return memberships that have not ended, of users and units that are active; those in the place of a unit that
        was merged away hold while the user does the same work in a unit of the place that there is."""
        work = Membership.objects.filter(
            user=OuterRef("user"),
            jurisdiction=OuterRef("jurisdiction"),
            role=OuterRef("role"),
            settling=False,
            ended_at=None,
            agency__active=True,
        )
        return (
            self.filter(ended_at=None, user__is_active=True)
            .filter(Q(settling=False) | Exists(work))
            .exclude(Q(agency__active=False, settling=False))
            .exclude(employer__active=False)
        )

    def visible_to(self, actor: Actor) -> MembershipQuerySet:
        """Office: the county; an agency: its own people and its employers' fillers; others: none."""
        county = self.filter(jurisdiction_id=actor.jurisdiction_id)
        if actor.kind == "office":
            return county
        if actor.kind == "agency":
            return county.filter(agency_id=actor.own_agency)
        return self.none()


class Membership(models.Model):
    """One person's place in one unit with one role. Ended, never deleted; ending it works at the next request.

    `settling`: the unit has ended, and somebody of its successor sees to what it left (`agencies.settling`).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships", null=True, blank=True)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    settling = models.BooleanField("办理已并入单位的事务", default=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                name="membership_unit_fits_role",
                condition=Q(role=Role.FILLER, agency__isnull=False, employer__isnull=False)
                | Q(role__in=sorted(AGENCY_ROLES), agency__isnull=False, employer__isnull=True)
                | Q(role=Role.OFFICER, agency__isnull=True, employer__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["user", "jurisdiction", "agency", "employer", "role"],
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="membership_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.unit_name} {self.role_label}"

    @property
    def unit_name(self) -> str:
        """Name of the unit in which the person serves."""
        unit = self.employer or self.agency
        name = unit.name if unit else self.jurisdiction.office_name
        return f"{name}（已并入，承接办理）" if self.settling else name

    @property
    def role_label(self) -> str:
        """Printed name of the role; the officer's is the office's own name."""
        if self.role == Role.OFFICER:
            return f"{self.jurisdiction.office_name}工作人员"
        return Role(self.role).label
