"""Seals made-up teachers' records with the product's own services, as the site role: `python -m tests.e2e.sealing`.

A process of its own, so that the tests stay outside of what they test. Every line on stdin is the seed of a person;
the answer is a line of JSON: {"part": …, "name": …, "number": …}. `backdate PART DAYS` makes a queued record old.
"""

import datetime as dt
import json
import random
import sys

import django

django.setup()

from django.db import connection  # noqa: E402  # Django first
from django.utils import timezone  # noqa: E402

from agencies.actors import actor_of_membership  # noqa: E402
from agencies.models import Employer, Membership, Responsibility  # noqa: E402
from archives.models import Outbox, RecordPart  # noqa: E402
from archives.services.people import open_archive  # noqa: E402
from archives.services.records import save_draft, seal, submit  # noqa: E402
from credit_platform.actors import Actor  # noqa: E402
from credit_platform.tenancy.context import acting, as_context  # noqa: E402
from demo.people import make_people, posted_teacher  # noqa: E402

COUNTY = 410522


def seal_one(seed: int) -> dict[str, str]:
    """Open, fill in and submit as the clerk, confirm as the reviewer: three transactions, the last one seals."""
    (person,) = make_people(1, seed=seed)
    clerk, reviewer, today = _actor("jingban"), _actor("shenhe"), timezone.localdate()
    with as_context(clerk.context):
        school = Employer.objects.filter(agency_id=clerk.agency_id).order_by("id").first()
        teachers = Responsibility.objects.select_related("agency", "jurisdiction").get(
            jurisdiction_id=COUNTY, agency_id=clerk.agency_id, occupation="teacher"
        )
        part = open_archive(
            responsibility=teachers,
            employer=school,
            raw={"name": person.name, "document_number": person.number},
            year=today.year,
            actor=clerk,
            today=today,
        )
        posted = posted_teacher(person, chance=random.Random(seed), employer=school.name)
        save_draft(part=part, posted=posted, revision=part.revision, actor=clerk, today=today)
        submit(part=part, revision=None, actor=clerk, today=today)
    with as_context(reviewer.context):
        part = RecordPart.objects.get(id=part.id)
        seal(part=part, revision=None, actor=reviewer, today=today)
    return {"part": str(part.id), "name": person.name, "number": person.number}


def backdate(part: str, days: int) -> dict[str, int]:
    """Make a queued record look as if it had waited for days."""
    with acting(COUNTY, "job"):
        due = timezone.now() - dt.timedelta(days=days)
        return {"rows": Outbox.objects.filter(part_id=part).update(due_at=due, changed_at=due)}


def _actor(username: str) -> Actor:
    rows = Membership.objects.select_related("user", "jurisdiction", "agency", "employer")
    membership = rows.get(user__username=username)
    return actor_of_membership(membership, user=membership.user)


def main() -> None:
    print("ready", flush=True)
    for line in sys.stdin:
        connection.close()  # the server may have been killed since the last line
        match line.split():
            case ["seal", seed]:
                answer: object = seal_one(int(seed))
            case ["backdate", part, days]:
                answer = backdate(part, int(days))
            case words:
                raise SystemExit(f"no such command: {words}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
