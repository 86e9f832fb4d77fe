"""`make bench`: each figure is a ratio against a peer, or a floor, measured in the same run.

A slow machine slows both. Each benchmark runs in a process of its own, one after the other; figures are kept in
`docs/performance.md`. `python -m benchmarks printing` runs that one only.
"""

import subprocess
import sys

ALL = (
    "engine",
    "pages",
    "dashboard",
    "places",
    "printing",
    "deliveries",
    "workbook_answer",
    "workbook_import",
)


def main(chosen: list[str]) -> int:
    """Run the chosen benchmarks, or all; return how many are out of bounds."""
    failed = 0
    for name in chosen or ALL:
        print(f"-- {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
