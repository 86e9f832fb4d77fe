"""Makes records of made-up teachers with the product's own services, as the site role: `python -m tests.e2e.making`.

A process of its own, so that the tests stay outside of what they test. Every line on stdin is an order, `make STAGE
SEED`, `backdate PART DAYS` or `sweep`; the answer is a line of JSON.
"""

import datetime as dt
import io
import json
import random
import sys

import django

django.setup()

from django.db import connection  # noqa: E402  # Django first
from django.utils import timezone  # noqa: E402

from agencies.actors import actor_of_membership  # noqa: E402
from agencies.models import Employer, Membership, Responsibility  # noqa: E402
from archives.models import Job, Outbox, RecordPart  # noqa: E402
from archives.services.evidence import attach_evidence  # noqa: E402
from archives.services.jobs import DEAD_AFTER, OPEN, sweep_jobs  # noqa: E402
from archives.services.people import open_archive  # noqa: E402
from archives.services.proceedings import notify, open_proceeding  # noqa: E402
from archives.services.records import pass_on, save_draft, seal, send_back, start_correction, submit  # noqa: E402
from credit_platform.actors import Actor  # noqa: E402
from credit_platform.tenancy.context import acting, as_context  # noqa: E402
from demo.people import MadeUpPerson, make_people, posted_teacher  # noqa: E402
from tests.web.samples import pdf  # noqa: E402

COUNTY = 410522
STAGES = ("draft", "submitted", "in_review", "sealed", "corrected", "adverse")


def make(stage: str, seed: int) -> dict[str, str]:
    """Bring a new record of the filler's school to a stage, by the people who do this; each step is committed."""
    (person,) = make_people(1, seed=seed)
    filler, clerk, reviewer = (_actor(name) for name in ("tianbao", "jingban", "shenhe"))
    today = timezone.localdate()
    with as_context(filler.context):
        part = _fill_in(person, seed, filler, today)
        if stage == "adverse":
            part = _hold_against(part, person, seed, filler, today)
        elif stage != "draft":
            part = submit(part=part, revision=None, actor=filler, today=today)
    with as_context(clerk.context):
        if stage == "returned":
            part = send_back(part=part, reason="职称与聘书不一致，请核对。", revision=None, actor=clerk)
        elif stage in ("in_review", "sealed", "corrected"):
            part = pass_on(part=part, revision=None, actor=clerk, today=today)
        elif stage == "adverse":
            opened = open_proceeding(part=part, actor=clerk, today=today)
            notify(proceeding=opened, on=today, how="in_person", revision=None, actor=clerk, today=today)
    if stage in ("sealed", "corrected"):
        with as_context(reviewer.context):
            seal(part=part, revision=None, actor=reviewer, today=today)
    if stage == "corrected":
        _correct(part, person, seed, clerk, reviewer, today)
    if stage in ("sealed", "corrected"):
        _let_its_day_come(part)
    return {"part": str(part.id), "name": person.name}


def _correct(
    part: RecordPart, person: MadeUpPerson, seed: int, clerk: Actor, reviewer: Actor, today: dt.date
) -> None:
    """Make a second version with another title."""
    posted = posted_teacher(person, chance=random.Random(seed), employer="安阳县第一初级中学")
    posted["employment"]["title"] = "正高级教师"
    with as_context(clerk.context):
        part = start_correction(part=part, reason="职称登记有误。", revision=None, actor=clerk)
        part = save_draft(part=part, posted=posted, revision=part.revision, actor=clerk, today=today).part
        part = submit(part=part, revision=None, actor=clerk, today=today)
    with as_context(reviewer.context):
        seal(part=part, revision=None, actor=reviewer, today=today)


def _hold_against(
    part: RecordPart, person: MadeUpPerson, seed: int, filler: Actor, today: dt.date
) -> RecordPart:
    """Let the draft say that a warning is due, with a document and a file that proves it."""
    posted = posted_teacher(person, chance=random.Random(seed), employer="安阳县第一初级中学")
    posted["standing"] = {
        "determination": "warning",
        "ground": "《中小学教师违反职业道德行为处理办法》",
        "behaviour": "有偿补课",
        "acted_on": f"{today - dt.timedelta(days=40)}",
        "basis_document_no": "安县教罚〔2026〕3号",
        "issued_by": "安阳县教育局",
        "basis_document_date": f"{today - dt.timedelta(days=30)}",
    }
    part = save_draft(part=part, posted=posted, revision=part.revision, actor=filler, today=today).part
    proof = io.BytesIO(pdf(b"%% %d\n" % seed))
    attach_evidence(head=part, file=proof, name="处罚决定书.pdf", actor=filler)
    return part


def _fill_in(person: MadeUpPerson, seed: int, filler: Actor, today: dt.date) -> RecordPart:
    school = Employer.objects.get(id=filler.employer_id)
    teachers = Responsibility.objects.select_related("agency", "jurisdiction").get(
        jurisdiction_id=COUNTY, agency_id=filler.agency_id, occupation="teacher"
    )
    part = open_archive(
        responsibility=teachers,
        employer=school,
        raw={"name": person.name, "document_number": person.number},
        year=today.year,
        actor=filler,
        today=today,
    )
    posted = posted_teacher(person, chance=random.Random(seed), employer=school.name)
    return save_draft(part=part, posted=posted, revision=part.revision, actor=filler, today=today).part


def _let_its_day_come(part: RecordPart) -> None:
    """The place reports once a year; what is made here is due now."""
    with acting(COUNTY, "job"):
        Outbox.objects.filter(part_id=part.id).update(due_at=timezone.now())


def backdate(part: str, days: int) -> dict[str, int]:
    """Make a queued record look as if it had waited for days."""
    with acting(COUNTY, "job"):
        due = timezone.now() - dt.timedelta(days=days)
        return {"rows": Outbox.objects.filter(part_id=part).update(due_at=due, changed_at=due)}


def sweep() -> dict[str, int]:
    """Sweep up the jobs of a worker that is dead as if its minute without a sign of life were over."""
    past = timezone.now() - DEAD_AFTER - dt.timedelta(seconds=1)
    with acting(COUNTY, "job"):
        Job.objects.filter(state__in=OPEN).update(beat_at=past)
    return {"rows": sweep_jobs(jurisdiction_id=COUNTY)}


def _actor(username: str) -> Actor:
    rows = Membership.objects.select_related("user", "jurisdiction", "agency", "employer")
    membership = rows.get(user__username=username)
    return actor_of_membership(membership, user=membership.user)


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        connection.close()  # the server may have been killed since the last line
        match line.split():
            case ["make", stage, seed]:
                answer: object = make(stage, int(seed))
            case ["backdate", part, days]:
                answer = backdate(part, int(days))
            case ["sweep"]:
                answer = sweep()
            case words:
                raise SystemExit(f"no such order: {words}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
