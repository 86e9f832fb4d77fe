"""Opens an .xls in a process of its own, with bounded memory: a damaged one may claim sizes that abort its reader.

Run as a program: `python -I probe.py FILE MOST_CELLS`. Imports nothing of ours. Ends with one of the codes below; any
other ending means damage.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

FINE, LOCKED, WIDE = 0, 11, 12
MEMORY = 2 * 1024**3
SECONDS = 60


def main(path: str, most_cells: int) -> int:
    """Open every sheet and return how it went."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    import python_calamine  # noqa: PLC0415  # within the limits

    try:
        with Path(path).open("rb") as file:
            book = python_calamine.load_workbook(file)
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.total_height * sheet.total_width > most_cells:
                return WIDE
    except python_calamine.PasswordError:
        return LOCKED
    return FINE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
