"""The year's figures as a workbook, made in the background. Every cell is text or a number, never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter
from django.utils import timezone

from archives.jobs import Report, Result, register
from archives.models import Job
from archives.services.jobs import queue_job
from audit import journal
from credit_platform.actors import Actor
from credit_platform.tenancy.context import as_context
from oversight.heat import ranking
from oversight.progress import MONTHS, Progress, percent, progress_of

KIND = "progress"
_PLAIN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
Cell = str | int | None


def queue_export(*, year: int, actor: Actor) -> Job:
    """Queue the workbook of a year for this officer. Raises as `queue_job`."""
    return queue_job(kind=KIND, title=f"导出 {year} 年度归集情况", parameters={"year": year}, actor=actor)


def run_export(job: Job, actor: Actor, report: Report) -> Result:
    """Make the workbook: groups by month, ranking, what is overdue. Figures only; nobody's name is in it."""
    assert actor.context is not None  # only members queue jobs
    with as_context(actor.context):
        progress = progress_of(actor, job.parameters["year"], today=timezone.localdate())
        journal.look("progress.listed", actor=actor, subject_label=job.title, data={"year": progress.year})
    report(1, 2)
    content = workbook(progress)
    report(2, 2)
    return content, f"{progress.year}年度归集情况.xlsx"


register(KIND, run_export)


def workbook(progress: Progress) -> bytes:
    """Return the figures of a year as .xlsx."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _PLAIN)
    months = [f"{month}月末已确认" for month in MONTHS if month <= progress.shown]
    _sheet(
        book,
        "各类人群",
        [
            "重点人群",
            "责任单位",
            "应建",
            "其中名册外",
            "已建",
            "已确认",
            "已确认占应建（%）",
            *months,
            "应报",
            "按时",
        ],
        _group_rows(progress),
    )
    _sheet(
        book,
        "单位排名",
        ["名次", "责任单位", "已确认", "应建", "占比（%）"],
        [[one.rank, one.name, one.sealed, one.people, one.percent] for one in ranking(progress)],
    )
    _sheet(
        book,
        "逾期未报",
        ["重点人群", "责任单位", "事项", "应报月份", "应报日期", "未报", "应报", "逾期天数"],
        _overdue_rows(progress),
    )
    book.close()
    return file.getvalue()


def _group_rows(progress: Progress) -> Iterable[list[Cell]]:
    for group in progress.groups:
        row = group.responsibility
        counts = [group.people, group.coverage.beyond, group.built, group.sealed]
        sealed = [group.sealed_by(month) for month in MONTHS if month <= progress.shown]
        due = sum(month.due for month in group.months.values())
        on_time = sum(month.on_time for month in group.months.values())
        share = percent(group.sealed, group.people)
        yield [row.label, row.agency.name, *counts, share, *sealed, due, on_time]


def _overdue_rows(progress: Progress) -> Iterable[list[Cell]]:
    for line in progress.lines:
        row, days = line.responsibility, (progress.today - line.since).days
        what = "建档确认" if line.what == "record" else "报送"
        when = [f"{line.month:%Y-%m}", f"{line.since}"]
        yield [row.label, row.agency.name, what, *when, line.count, line.whole, days]


def _sheet(book: Any, name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 1, 20)
    sheet.set_column(2, len(headings), 11)
    for at, heading in enumerate(headings):
        sheet.write_string(0, at, heading, bold)
    for number, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(number, at, value)
            elif value:
                sheet.write_string(number, at, value)
