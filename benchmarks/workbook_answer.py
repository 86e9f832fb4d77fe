"""How long marking 200 wrong cells in a workbook of 10,000 rows takes. `python -m benchmarks.workbook_answer`"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

from agencies.education.occupations import Teacher
from archives.schema.problems import Problem
from archives.workbooks import Mark, columns_of, read
from archives.workbooks.answer import write_answer
from archives.workbooks.reading import located
from archives.workbooks.template import write_template
from benchmarks.rows import teacher_row

ROWS, WRONG, AT_MOST = 10_000, 200, 10.0
YEAR = 2026


def main() -> int:
    """Write, read and answer a workbook; return 1 above the bound."""
    columns, mark = columns_of(Teacher, YEAR), Mark("record", Teacher.code, YEAR, Teacher.label)
    values = {name: value for section in teacher_row().values() for name, value in section.items()}
    with tempfile.TemporaryDirectory() as place:
        source, target = Path(place, "filled.xlsx"), Path(place, "answer.xlsx")
        write_template(source, heading="", columns=columns, mark=mark, rows=(values for _ in range(ROWS)))
        began = time.perf_counter()
        sheet = read(source, name=source.name, columns=columns, mark=mark)
        reading = time.perf_counter() - began
        every = ROWS // WRONG
        problem = Problem(
            "document_check_digit", "身份证号校验码不对。请对照证件重新填写。", field="document_number"
        )
        problems = [located(problem, row, sheet) for row in sheet.rows if row.number % every == 0]
        began = time.perf_counter()
        write_answer(source, target, name=source.name, columns=columns, problems=problems)
        seconds = time.perf_counter() - began
        size = target.stat().st_size
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{ROWS:,} rows x {len(columns)} columns read in {reading:.1f} s; {len(problems)} cells marked in"
        f" {seconds:.1f} s (at most {AT_MOST:.0f}), {size / 1e6:.1f} MB, {memory:.0f} MB of memory at most"
    )
    return 0 if seconds <= AT_MOST else 1


if __name__ == "__main__":
    sys.exit(main())
