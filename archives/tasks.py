"""Background work of the archives. Beat rings; what is to be done is read from the database."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from agencies.models import Jurisdiction
from archives.services import (
    emptying,
    hand_on,
    jobs,
    openings,
    prints,
    roster_imports,
    stray_files,
    tellings,
    transfer_out,
    upload_jobs,
    uploads,
    workbooks,
)
from credit_platform.tenancy.context import PLATFORM

KINDS = (
    prints.KIND,
    openings.KIND,
    roster_imports.READ_KIND,
    roster_imports.APPLY_KIND,
    workbooks.KIND,
    *upload_jobs.KINDS,
    hand_on.KIND,
)
"""The kinds of job that workers know; loading their modules registers them."""
LONGEST = 900
"""Seconds that one job may take: 4,000 pages at five a second, as on a machine that is busy with other things.

The broker sends the message of so long a job again; that one finds it running and leaves it alone.
"""


@shared_task(soft_time_limit=LONGEST, time_limit=LONGEST + 60)
def work(jurisdiction_id: int, job_id: str) -> None:
    """Do one job. Safe to repeat: one that isn't queued is left alone."""
    jobs.run_job(jurisdiction_id=jurisdiction_id, job_id=UUID(job_id))


@shared_task
def sweep_all() -> None:
    """Start a sweep in every county."""
    for jurisdiction_id in Jurisdiction.objects.exclude(id=PLATFORM).values_list("id", flat=True):
        sweep.delay(jurisdiction_id)


@shared_task
def sweep(jurisdiction_id: int) -> None:
    """Find the jobs of a county whose message or worker was lost, and results and uploads that are old."""
    jobs.sweep_jobs(jurisdiction_id=jurisdiction_id)
    uploads.sweep_uploads(jurisdiction_id=jurisdiction_id)


@shared_task
def empty_all() -> None:
    """Start, in every county, to destroy what may be kept no longer, and remove the files that are nobody's."""
    for jurisdiction_id in Jurisdiction.objects.exclude(id=PLATFORM).values_list("id", flat=True):
        empty.delay(jurisdiction_id)
    stray_files.sweep_stray_files()


@shared_task
def empty(jurisdiction_id: int) -> None:
    """Destroy what may be kept no longer in one county, also what was handed over to nobody. Safe to repeat."""
    emptying.empty_what_is_over(jurisdiction_id=jurisdiction_id)
    transfer_out.end_lapsed(jurisdiction_id=jurisdiction_id)


@shared_task
def tell_of_nil_returns() -> None:
    """Tell the clerks of every county what they owe for the period that ended last; each is told once."""
    for jurisdiction_id in Jurisdiction.objects.exclude(id=PLATFORM).values_list("id", flat=True):
        tellings.tell_of_nil_returns(jurisdiction_id=jurisdiction_id, today=timezone.localdate())
