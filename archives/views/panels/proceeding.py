"""认定程序 below a form: what is done, what is missing, the next step, the letters."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils import timezone

from agencies.models import Role
from agencies.requests import ActingRequest
from archives.lifecycle import PROCEEDING, handles
from archives.models import Proceeding, RecordPart
from archives.printing.letters import letters_of, name_of
from archives.proceeding_forms import ENDINGS, FORMS, StepForm
from archives.schema.occupations import Occupation
from archives.schema.problems import Problem
from archives.schema.standing import is_adverse
from archives.services.determination import grounds_of, has_evidence, still_good
from archives.services.proceedings import draft_differs, read_standing
from archives.states import RUNNING, ProceedingStatus, Status
from credit_platform.actors import Actor

WORKERS = (Role.CLERK, Role.REVIEWER)
_ORDER = [*RUNNING, ProceedingStatus.SEALED]


def panel(request: ActingRequest, part: RecordPart, occupation: type[Occupation]) -> dict[str, Any] | None:
    """Return the procedure of a part, or None where nothing is, or was, to be held against the person."""
    actor = request.actor
    found = part.proceedings.all()
    adverse = is_adverse(part.determination) and part.status != Status.SEALED
    if actor.kind not in ("agency", "employer") or not (adverse or found):
        return None
    return proceeding_panel(request, part, occupation, found[0] if found else None)


def proceeding_panel(
    request: ActingRequest,
    part: RecordPart,
    occupation: type[Occupation],
    proceeding: Proceeding | None,
    form: StepForm | None = None,
    step: str = "",
) -> dict[str, Any]:
    """Return the context of `archives/panels/proceeding.html`; `form`: the form of `step` as it was posted."""
    actor = request.actor
    today = timezone.localdate()
    running = proceeding if proceeding is not None and proceeding.status in RUNNING else None
    adverse = is_adverse(part.determination)
    open_matter = adverse and part.status != Status.SEALED
    evidence = has_evidence(part) if open_matter or running else True
    problems: list[Problem] = []
    told = None
    if open_matter:
        record, problems = read_standing(part, occupation, today)
        told = running or still_good(part, grounds_of(occupation, record))
    shown = told if open_matter else proceeding
    missing = list(dict.fromkeys(p.message for p in problems if p.severity == "error"))
    differs = running is not None and draft_differs(running, part, occupation, today)
    forms = _forms(running, actor, today, form, step) if running is not None else []
    return {
        "template": "archives/panels/proceeding.html",
        "proceeding": shown,
        "earlier": proceeding if shown is None else None,
        "steps": _steps(shown, complete=not missing, evidence=evidence, today=today),
        "missing": missing,
        "evidence_missing": open_matter and not evidence,
        "differs": differs,
        "days_left": _days_left(running, today),
        "next": [one for one in forms if one["name"] not in ENDINGS],
        "endings": [one for one in forms if one["name"] in ENDINGS],
        "url": reverse("proceeding", args=[running.pk]) if running is not None else "",
        "renewable": differs
        and running is not None
        and running.status == ProceedingStatus.OPEN
        and actor.role == Role.CLERK,
        "open_url": reverse("record-proceeding", args=[part.pk])
        if open_matter
        and running is None
        and not missing
        and actor.role == Role.CLERK
        and handles(part, actor)
        else "",
        "letters": _letters(proceeding, actor),
    }


def _forms(
    proceeding: Proceeding, actor: Actor, today: dt.date, posted: StepForm | None, step: str
) -> list[dict[str, Any]]:
    """One form for the next step, with a button for each way it may end, and forms that take it back."""
    found: list[dict[str, Any]] = []
    for transition in PROCEEDING.available(proceeding, actor):
        kind = FORMS.get(transition.name)
        if kind is None:
            continue  # the seal is the record's own button
        button = {"name": transition.name, "label": transition.label, "icon": transition.icon}
        if found and type(found[-1]["form"]) is kind:
            found[-1]["buttons"].append(button)
            continue
        mine = posted is not None and FORMS.get(step) is kind
        form = posted if mine else kind(today=today)
        found.append({"name": transition.name, "form": form, "buttons": [button], "posted": mine})
    return found


def _letters(proceeding: Proceeding | None, actor: Actor) -> list[dict[str, str]]:
    if proceeding is None or actor.role not in WORKERS or not handles(proceeding, actor):
        return []
    return [
        {
            "name": name_of(letter),
            "url": reverse("letter", args=[proceeding.pk, code]),
            "pdf_url": reverse("letter-pdf", args=[proceeding.pk, code]),
        }
        for code, letter in letters_of(proceeding).items()
    ]


def _days_left(proceeding: Proceeding | None, today: dt.date) -> int | None:
    """Until the person's time to speak is over, also after he spoke: no earlier may it be upheld."""
    waiting = (ProceedingStatus.NOTIFIED, ProceedingStatus.HEARD)
    if proceeding is None or proceeding.status not in waiting or not proceeding.statement_until:
        return None
    return max((proceeding.statement_until - today).days, 0)


def _steps(
    proceeding: Proceeding | None, *, complete: bool, evidence: bool, today: dt.date
) -> list[dict[str, str]]:
    """The way to the seal, each step with who and when."""
    ended = proceeding is not None and proceeding.status == ProceedingStatus.DROPPED
    reached = -1 if proceeding is None or ended else _ORDER.index(ProceedingStatus(proceeding.status))
    details = _details(proceeding)
    done = [complete, evidence, *(reached > place for place in range(5))]
    labels = ("依据与行为", "证明材料", "事前告知", "陈述申辩", "决定", "送达", "审核确认")
    words = ["已填写" if complete else "未填完", "已附" if evidence else "未附", *details]
    current = next((place for place, over in enumerate(done) if not over), len(done))
    return [
        {
            "label": label,
            "detail": words[place],
            "state": "done" if done[place] else "current" if place == current and not ended else "todo",
        }
        for place, label in enumerate(labels)
    ]


def _details(found: Proceeding | None) -> list[str]:
    if found is None:
        return [""] * 5
    notified = f"{found.notified_on} {found.get_notified_how_display()} {found.notified_by}"
    said = f"{found.statement_on} 已提出" if found.statement_on else "未提出"
    waiting = f"期限到 {found.statement_until}" if found.statement_until else ""
    decided = (
        f"{timezone.localtime(found.decided_at):%Y-%m-%d} {found.decided_by}" if found.decided_at else ""
    )
    served = f"{found.served_on} {found.get_served_how_display()} {found.served_by}"
    return [
        notified if found.notified_on else f"告知书已制作 {found.opened_by}",
        f"{said} {found.heard_by}" if found.heard_by else waiting,
        decided,
        served if found.served_on else "",
        f"{timezone.localtime(found.sealed_at):%Y-%m-%d}" if found.sealed_at else "",
    ]
