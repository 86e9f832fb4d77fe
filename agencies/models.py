"""Who is responsible for whose archives: small shared tables with ordinary keys (`reference tables`)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

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


class Agency(models.Model):
    """责任单位: the department that keeps archives; the inner tenant."""

    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="agencies")
    code = models.CharField("代码", max_length=40)
    department = models.CharField("部门", max_length=40)
    name = models.CharField("名称", max_length=60)
    clause = models.CharField("依据条款", max_length=60, blank=True)
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "责任单位"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code"], name="agency_code"),
            models.UniqueConstraint(fields=["jurisdiction", "name"], name="agency_name"),
        ]

    def __str__(self) -> str:
        return self.name


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
        """Return the groups whose archives this actor fills in or reviews."""
        own = self.visible_to(actor).filter(agency_id=actor.own_agency, undecided=False)
        return own.filter(occupation__in=actor.occupations)


class Responsibility(models.Model):
    """责任分工: this agency answers for this group in this jurisdiction (AY-09, AY-G01–G22).

    `undecided` groups (劳动用工, 社会保障) are fields, not occupations: shown, but without records until the office
    decides who their subjects are. Where several agencies write one group's archive (GZ-A02, GZ-A08), each names its
    `sections` and `kinds` of item (empty: all of them), and the `lead` carries the determination.
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
        """Return memberships that have not ended, of users and units that are active."""
        return (
            self.filter(ended_at=None, user__is_active=True)
            .exclude(agency__active=False)
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
    """One person's place in one unit with one role. Ended, never deleted; ending it works at the next request."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    jurisdiction = models.ForeignKey(Jurisdiction, models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships", null=True, blank=True)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="memberships", null=True, blank=True)
    role = models.CharField("角色", max_length=20, choices=Role.choices)
    started_at = models.DateTimeField("开始时间", default=timezone.now)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

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
        return unit.name if unit else self.jurisdiction.office_name

    @property
    def role_label(self) -> str:
        """Printed name of the role; the officer's is the office's own name."""
        if self.role == Role.OFFICER:
            return f"{self.jurisdiction.office_name}工作人员"
        return Role(self.role).label
