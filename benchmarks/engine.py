"""The record engine and the tenant context against plain Django. `python -m benchmarks.engine`"""

import os
import statistics
import sys
import time
from collections.abc import Callable

os.environ.setdefault("CREDIT_INSTANCE", "bench")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

import django

django.setup()

from django.db import connection, transaction

from agencies.education.occupations import Teacher
from archives.schema.forms import RecordForm
from benchmarks.rows import PlainTeacherForm, teacher_row
from credit_platform.tenancy.context import acting

ROUNDS = 15


def compare(
    name: str, ours: Callable[[], object], peer: Callable[[], object], *, times: int, at_most: float
) -> bool:
    """Measure both in turn, print medians and the ratio ours / peer; tell whether it is within its bound."""
    pairs = [(_clock(ours, times), _clock(peer, times)) for _ in range(ROUNDS)]
    ours_us, peer_us = (statistics.median(column) * 1e6 for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{name:<58}{ours_us:>9.1f} us {peer_us:>9.1f} us   ratio {ratio:6.2f}   (at most {at_most})")
    return ratio <= at_most


def _clock(act: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - began) / times


def _query_acting() -> None:
    with acting(410522, "job"), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _query_plain() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def main() -> int:
    """Run all comparisons; return 1 if one is out of bounds."""
    row = teacher_row()
    flat = {name: value for section in row.values() for name, value in section.items()}
    print(f"{'':<58}{'ours':>12} {'peer':>12}")
    kept = [
        compare(
            "validate a teacher's record: schema / plain Django form",
            lambda: Teacher.parse(row, stage="seal", year=2026),
            lambda: PlainTeacherForm(flat).is_valid(),
            times=200,
            at_most=0.25,
        ),
        compare(
            "the record as a form: our form / plain Django form",
            lambda: RecordForm(flat, occupation=Teacher, year=2026).is_valid(),
            lambda: PlainTeacherForm(flat).is_valid(),
            times=100,
            at_most=2.5,
        ),
        compare(
            "a transaction with its tenant context / without",
            _query_acting,
            _query_plain,
            times=200,
            at_most=4.0,
        ),
    ]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
