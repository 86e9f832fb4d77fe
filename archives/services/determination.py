"""The determination at the seal: no adverse one without evidence, notice, hearing, decision and service (AY-N2, AY-N3).

The procedure itself is kept in `archives.services.proceedings`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from agencies.models import Role
from archives.lifecycle import PROCEEDING
from archives.models import Evidence, Proceeding, RecordPart, Version
from archives.schema.fields import Json
from archives.schema.occupations import Occupation
from archives.schema.standing import DETERMINATION_FIELDS, is_adverse
from archives.services.letter_numbers import ENDING, letter_number
from archives.states import RUNNING, Ending, ProceedingStatus
from audit.lifecycle import Refused, advance, clean_reason
from credit_platform.actors import Actor

TO_BE_DONE: Mapping[str, tuple[str, str]] = {
    ProceedingStatus.OPEN: (
        "not_notified",
        "还没有向本人送达拟认定事前告知书。请经办人送达并登记后再确认。",
    ),
    ProceedingStatus.NOTIFIED: (
        "not_heard",
        "陈述申辩还没有结束。请经办人登记本人的陈述申辩，或在期限届满后登记“未提出”。",
    ),
    ProceedingStatus.HEARD: ("not_decided", "还没有作出认定决定。请审核人先复核陈述申辩并作出决定。"),
    ProceedingStatus.DECIDED: (
        "not_served",
        "认定决定书还没有送达本人。请经办人送达并登记后再确认。",
    ),
}
"""What still has to happen before the seal, by the status of the proceeding: code and message."""
NO_EVIDENCE = "还没有附证明材料。不利认定须在档案中附相关证明材料，请经办人上传后再办理。"
CHANGED = "拟认定的内容与告知本人的不一致。请退回经办人改回告知的内容，或撤回程序、重新告知。"


def grounds_of(occupation: type[Occupation], record: Mapping[str, Any]) -> dict[str, Json]:
    """Return what a person is told: outcome, ground, behaviour, document and listing, in their JSON form."""
    section = occupation.sections["standing"]
    standing = record["standing"]
    return section.dump({name: standing.get(name) for name in ("determination", *DETERMINATION_FIELDS)})


def has_evidence(part: RecordPart) -> bool:
    """Tell whether any file is attached to the part (AY-N3)."""
    return Evidence.objects.filter(part=part, removed_at=None).exists()


def check_determination(
    part: RecordPart, occupation: type[Occupation], record: Mapping[str, Any]
) -> Proceeding | None:
    """Return the proceeding on which the seal of this content rests; None for a trustworthy person.

    `part` is the locked row as it was before the seal. Raises `Refused`, with a code and message of its own for each
    thing that is missing; what the content itself lacks, `Occupation.parse` has said before.
    """
    standing = record.get("standing") or {}
    running = Proceeding.objects.filter(part=part, status__in=RUNNING).first()
    if not is_adverse(standing.get("determination")):
        if running is not None:
            raise Refused(
                "这份记录还有未办结的认定程序，不能按“守信”确认。请经办人先撤回程序；已作决定的，由审核人撤销。",
                code="proceeding_running",
            )
        return None
    if not has_evidence(part):
        raise Refused(NO_EVIDENCE, code="evidence_missing")
    grounds = grounds_of(occupation, record)
    found = running or still_good(part, grounds)
    if found is None:
        raise Refused("还没有启动认定程序。不利认定须先告知本人并听取陈述申辩。", code="proceeding_missing")
    if found.status in TO_BE_DONE:
        code, message = TO_BE_DONE[found.status]
        raise Refused(message, code=code)
    if found.grounds != grounds:
        raise Refused(CHANGED, code="grounds_differ")
    if running is not None and running.decider_id in part.writers:
        raise Refused("作出决定的人后来改动过这份记录。请撤销决定，由另一人重新决定。", code="decider_wrote")
    return found


def close_proceeding(proceeding: Proceeding | None, *, at: dt.datetime, actor: Actor) -> None:
    """Note that the determination was sealed; one that was sealed before stays as it is."""
    if proceeding is not None and proceeding.status == ProceedingStatus.SERVED:
        advance(proceeding, "seal", lifecycle=PROCEEDING, actor=actor, changes={"sealed_at": at})


def withdraw_with_draft(part: RecordPart, *, at: dt.datetime, actor: Actor) -> None:
    """The clerk hands on 守信: what was only intended is withdrawn with it. A decision is not, nor by a filler."""
    if actor.role != Role.CLERK:
        return
    sources = PROCEEDING.by_name["withdraw"].sources
    running = Proceeding.objects.filter(part=part, status__in=sources).first()
    if running is not None:
        reason = "经办人将信用状况改回“守信”。"
        end_proceeding(running, "withdraw", Ending.WITHDRAWN, reason, revision=None, at=at, actor=actor)


def end_proceeding(
    proceeding: Proceeding,
    name: str,
    how: Ending,
    reason: str,
    *,
    revision: int | None,
    at: dt.datetime,
    actor: Actor,
) -> Proceeding:
    """End a proceeding without a determination by the transition `name`; who was notified is told so by a letter, which
    gets its number here. Raises as `advance()`."""
    changes: dict[str, Any] = {
        "ending": how,
        "ending_reason": clean_reason(reason),
        "ended_by": actor.name,
        "ended_at": at,
    }
    row = advance(
        proceeding,
        name,
        lifecycle=PROCEEDING,
        actor=actor,
        reason=reason,
        revision=revision,
        changes=changes,
    )
    if row.notified_on is not None:
        row.ending_no = letter_number(row.agency_id, ENDING, timezone.localtime(at).date())
        row.save(update_fields=["ending_no"])
    return row


def still_good(part: RecordPart, grounds: Mapping[str, Json]) -> Proceeding | None:
    """Return the proceeding that the current version cites, if the person was told just this: a correction of another
    box doesn't need a second notice."""
    version = Version.objects.filter(part=part, number=part.current_version).first()
    cited = version.cites.get("proceeding") if version is not None else None
    if cited is None:
        return None
    found = Proceeding.objects.filter(part=part, id=cited, status=ProceedingStatus.SEALED).first()
    return found if found is not None and found.grounds == grounds else None
