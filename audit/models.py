"""The journal: every change and every look, append-only, partitioned by month (architecture §7, PD-21, GZ-14)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from credit_platform.actors import Actor
from credit_platform.tenancy.models import TenantManager, TenantModel, TenantQuerySet, tenant_manager

DRAFTING = (
    "record.opened",
    "record.saved",
    "record.submitted",
    "record.submitted_for_review",
    "record.passed_on",
    "record.returned",
    "record.correction_started",
    "record.correction_given_up",
    "item.opened",
    "item.saved",
    "item.submitted",
    "item.submitted_for_review",
    "item.passed_on",
    "item.returned",
    "item.notified",
    "item.correction_started",
    "item.revocation_proposed",
    "item.kept",
    "item.identity_differs",
    "item.imported",
    "item.given_up",
    "item.recalled",
    "record.recalled",
    "consent.recorded",
    "consent.withdrawn",
    "transfer.proposed",
    "transfer.sent",
    "transfer.returned",
    "transfer.withdrawn",
    "transfer.lapsed",
    "transfer.arrived",
    "transfer.taken_back",
    "transfer.checked",
    "transfer.differs",
    "transfer.received",
    "transfer.receipt",
    "transfer.refused",
    "transfer.blocked",
    "transfer.ended",
    "transfer.sheet_corrected",
    "transfer.sheet_withdrawn",
    "check.asked",
    "check.sent",
    "check.answered",
    "check.settled",
    "waiting.put_aside",
    "waiting.attached",
    "waiting.dropped",
    "waiting.expired",
    "evidence.attached",
    "evidence.removed",
    "identity.proposed",
    "identity.confirmed",
    "identity.refused",
    "identity.withdrawn",
    "identity.differs",
    "proceeding.opened",
    "proceeding.renewed",
    "proceeding.notified",
    "proceeding.heard",
    "proceeding.upheld",
    "proceeding.dropped",
    "proceeding.served",
    "proceeding.withdrawn",
    "proceeding.revoked",
    "upload.read",
    "upload.accepted",
    "upload.resumed",
    "upload.written",
    "upload.done",
    "upload.refused",
    "upload.cancelled",
    "upload.expired",
)
"""Acts before a seal, and between two units: seen by the agency, not by the office."""
LOOKS = (
    "record.read",
    "record.listed",
    "record.searched",
    "record.unmasked",
    "record.printed",
    "item.read",
    "item.listed",
    "evidence.read",
    "consent.read",
    "consent.listed",
    "consent.fetched",
    "check.read",
    "waiting.read",
    "waiting.listed",
    "identity.read",
    "identity.listed",
    "workbook.exported",
    "proceeding.read",
    "letter.read",
    "transfer.read",
    "transfer.listed",
    "transfer.printed",
    "upload.read_result",
    "upload.fetched",
)
"""Looks at what may be a draft: those of the unit are not the office's business."""
INSIDE = "inside"
"""Set in `data` where an act is about what stays between unit and person: not in the office's journal either."""


MEMBERS = "association_member"
"""The group whose archives are between members and their association."""


class EventQuerySet(TenantQuerySet["Event"]):
    """Queries over the journal."""

    def visible_to(self, actor: Actor) -> EventQuerySet:
        """Jobs: the county; the office: the county without what happens to drafts or stays in the unit; an agency: its
        own rows of the groups that this member handles, and those that concern no group; an employer: of these only
        its own people.
        """
        if actor.kind == "job":
            return self
        if actor.kind == "office":
            # Drafts are the agency's own business until they are sealed, in the journal as in the lists.
            looks = Q(verb__in=LOOKS) & ~Q(actor_role=actor.role)
            members = Q(occupation=MEMBERS, person_id__isnull=False)
            return self.exclude(Q(verb__in=DRAFTING) | looks | Q(data__has_key=INSIDE) | members)
        if actor.kind not in ("agency", "employer"):
            return self.none()
        handled = self.filter(agency_id=actor.own_agency, occupation__in=["", *actor.occupations])
        return handled if actor.kind == "agency" else handled.filter(employer_id=actor.own_employer)


class Event(TenantModel):
    """One act: who did what to which object, when, why, with what outcome.

    The table is partitioned by month with key (jurisdiction_id, at, id); the site role may insert and read, nothing
    else. `verb` is a stable code (`record.sealed`, `record.read`, `account.sign_in_failed`); `agency_id`,
    `employer_id` and `person_id` say whom the object belongs to, not who acted.
    """

    at = models.DateTimeField("时间", default=timezone.now)
    verb = models.CharField("行为", max_length=50)
    success = models.BooleanField("成功", default=True)
    actor_id = models.IntegerField("账号编号", null=True)
    actor_name = models.CharField("操作人", max_length=100)
    actor_role = models.CharField("角色", max_length=30)
    actor_unit = models.CharField("单位", max_length=100)
    address = models.CharField("来源地址", max_length=45)
    session = models.CharField("会话", max_length=16)
    agency_id = models.IntegerField(null=True)
    employer_id = models.IntegerField(null=True)
    occupation = models.CharField("人群代码", max_length=40)
    person_id = models.UUIDField(null=True)
    subject_type = models.CharField("对象类别", max_length=50)
    subject_id = models.CharField("对象编号", max_length=40)
    subject_label = models.CharField("对象", max_length=200)
    reason = models.CharField("事由", max_length=500)
    data = models.JSONField(default=dict)

    objects: ClassVar[TenantManager[Event]] = tenant_manager(EventQuerySet)

    class Meta(TenantModel.Meta):
        verbose_name = "操作日志"
        indexes = [
            models.Index(fields=["jurisdiction", "agency_id", "at"], name="event_agency"),
            models.Index(fields=["jurisdiction", "person_id", "at"], name="event_person"),
            models.Index(fields=["jurisdiction", "subject_id", "at"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_name} {self.verb}"


def of_actor(actor: Actor) -> dict[str, Any]:
    """Return the columns of an event that say who acted."""
    return {
        "jurisdiction_id": actor.jurisdiction_id,
        "actor_id": actor.user_id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "actor_unit": actor.unit_name,
        "address": actor.address,
        "session": actor.session,
    }


def new_event(verb: str, *, actor: Actor, subject: Any = None, **more: Any) -> Event:
    """Return an unsaved event by `actor` about `subject` (a model instance or None).

    What the subject knows of its owners (`agency_id`, `employer_id`, `person_id`) is copied; `more` sets other
    columns (`reason`, `success`, `data`, `subject_label` …).
    """
    owners = {name: getattr(subject, name, None) for name in ("agency_id", "employer_id", "person_id")}
    values: dict[str, Any] = {
        "verb": verb,
        **of_actor(actor),
        "subject_type": "" if subject is None else subject._meta.model_name,
        "subject_id": "" if subject is None else str(subject.pk),
        "subject_label": "" if subject is None else str(subject)[:200],
        "reason": "",
        "occupation": getattr(subject, "occupation", ""),
        **owners,
        **more,
    }
    if subject is None and "agency_id" not in more:
        values["agency_id"], values["employer_id"] = actor.agency_id, actor.employer_id
    return Event(**values)
