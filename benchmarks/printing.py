"""How many pages a second one core prints: a school of 300 into one file. `python -m benchmarks.printing`"""

from __future__ import annotations

import os
import sys
import time
import types

os.environ.setdefault("CREDIT_INSTANCE", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

import django

django.setup()

import datetime as dt

from agencies.education.occupations import Teacher
from archives.printing.forms import PrintedForm, blank_form, print_forms
from benchmarks.rows import teacher_row

PEOPLE, PAGES_EACH, AT_LEAST = 300, 2, 20.0


def made_up(number: int) -> PrintedForm:
    """Return a filled form whose boxes hold what a teacher's hold."""
    record, _ = Teacher.parse(teacher_row(), stage="seal", year=2026)
    texts = [str(value) for section in record.values() for value in section.values() if value]
    rows = [
        [types.SimpleNamespace(label=cell.label, columns=cell.columns, kind=cell.kind, text=texts[(i + j) % len(texts)])
         for j, cell in enumerate(row)]
        for i, row in enumerate(blank_form(Teacher, 2026).rows)
    ]  # fmt: skip
    return PrintedForm(
        "教师", 2026, rows, name=f"王晓梅{number}", unit="安阳县第一初级中学",  # type: ignore[arg-type]
        filled_on=dt.date(2026, 11, 24), check_code="ABCDEFGH2345", version=1,
    )  # fmt: skip


def main() -> int:
    """Print, measure processor time, and return 1 below the floor."""
    print_forms([made_up(0)])  # fonts and style sheet
    forms = [made_up(number) for number in range(PEOPLE)]
    wall, cpu = time.perf_counter(), time.process_time()
    content = print_forms(forms)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    pages = PEOPLE * PAGES_EACH
    print(
        f"{PEOPLE} people, {pages} pages, {len(content) / 1e6:.1f} MB: {pages / cpu:.1f} pages a second of one core"
        f" (at least {AT_LEAST:.0f}), {wall:.1f} s by the clock"
    )
    return 0 if pages / cpu >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
