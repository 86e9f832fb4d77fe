"""Every file of `should_pass` and `should_fail` is read, or refused, as it says beside it."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from agencies.education.occupations import Teacher
from archives.workbooks import MOST_ROWS, Mark, Sheet, Unreadable, WorkbookCode, columns_of, read

HERE = Path(__file__).parent
MARK = Mark("record", "teacher", 2026, "教师")
COLUMNS = columns_of(Teacher, 2026)


def files(place: str) -> list[Any]:
    return [
        pytest.param(path.with_suffix(""), id=path.stem) for path in sorted((HERE / place).glob("*.json"))
    ]


def outcome(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.with_name(f"{path.name}.json").read_text(encoding="utf-8"))
    return told


def opened(path: Path) -> Sheet:
    return read(path, name=path.name, columns=COLUMNS, mark=MARK)


def plain(value: object) -> object:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def refusal(path: Path) -> Any:
    with pytest.raises(Unreadable) as caught:
        list(opened(path).rows)
    return caught.value.problem


@pytest.mark.req("AY-12")
@pytest.mark.parametrize("path", files("should_pass"))
def test_is_read(path: Path) -> None:
    expected, sheet = outcome(path), opened(path)
    rows = list(sheet.rows)
    found = [[row.number, {key: plain(value) for key, value in row.values.items()}] for row in rows]
    wanted = [[number, values] for number, values in expected["rows"]]
    told = [
        [number, {key: values.get(key) for key in want}]
        for (number, values), (_, want) in zip(found, wanted, strict=True)
    ]
    assert told == wanted
    for (_, values), (_, want) in zip(found, wanted, strict=True):
        assert {key: value for key, value in values.items() if value is not None and key not in want} == {}
    assert [type(value) for row, (_, want) in zip(rows, wanted, strict=True) for key, value in row.values.items()
            if isinstance(want.get(key), bool | int)] == [
        type(value) for _, want in wanted for value in want.values() if isinstance(value, bool | int)
    ]  # fmt: skip
    codes = {note.code for note in sheet.notes} - {"columns_absent"}
    assert codes == set(expected["notes"]) - {"columns_absent"}
    assert ("columns_absent" in expected["notes"]) <= (
        "columns_absent" in {note.code for note in sheet.notes}
    )
    for key, letter in expected.get("letters", {}).items():
        assert sheet.column_letters[key] == letter
    assert len(rows) <= sheet.total


@pytest.mark.req("AY-12")
@pytest.mark.parametrize("path", files("should_fail"))
def test_is_refused(path: Path) -> None:
    expected, problem = outcome(path), refusal(path)
    assert problem.code == expected["code"], problem.message
    assert problem.level == "file"
    assert expected.get("says", "") in problem.message
    assert "请" in problem.message  # it says how to mend it


def test_there_are_files_enough() -> None:
    assert len(files("should_pass")) + len(files("should_fail")) >= 60


def test_every_code_is_documented() -> None:
    text = (HERE.parents[1] / "docs" / "errors.md").read_text(encoding="utf-8")
    part = text.split("\n## Workbooks\n")[1].split("\n## ")[0]
    told = set(
        re.findall(
            "`([a-z_]+)`", "".join(line.split("|")[1] for line in part.splitlines() if line[:3] == "| `")
        )
    )
    assert told == {code.value for code in WorkbookCode}


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    """Sizes as they are, and sizes that lie."""
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("xl/workbook.xml", "<workbook/>")
        with out.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(450):
                part.write(bytes(1024 * 1024))
    assert bomb.stat().st_size < 1024 * 1024
    assert refusal(bomb).code == "file_bomb"
    liar = tmp_path / "liar.xlsx"
    content = (HERE / "should_pass" / "plain.xlsx").read_bytes()
    with zipfile.ZipFile(HERE / "should_pass" / "plain.xlsx") as package:
        true_size = package.getinfo("xl/worksheets/sheet1.xml").file_size
    liar.write_bytes(content.replace(true_size.to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert refusal(liar).code in ("file_bomb", "file_damaged")


def test_fifty_megabytes_of_blanks(tmp_path: Path) -> None:
    """As cells with a format, as text, and as a text file beyond the limit: refused in moments."""
    cells = tmp_path / "cells.xlsx"
    blanks = b"".join(
        b'<row r="%d">%s</row>' % (row, b'<c r="A%d" s="1"/>' % row * 26) for row in range(1, 100_001)
    )
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(HERE / "should_fail" / "blank_sheet.xlsx") as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[sheet] = parts[sheet].replace(b"<sheetData/>", b"<sheetData>" + blanks + b"</sheetData>")
    assert len(parts[sheet]) > 50_000_000
    with zipfile.ZipFile(cells, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name, body in parts.items():
            new.writestr(name, body)
    assert refusal(cells).code == "sheet_blank"
    spaces = tmp_path / "spaces.csv"
    spaces.write_bytes(b"   ,   ,   \r\n" * 4_000_000)
    assert refusal(spaces).code == "file_too_large"


def test_more_rows_than_one_file_may_have(tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("姓名,身份证号\n" + "张敏,410522197001010002\n" * (MOST_ROWS + 1), encoding="utf-8")
    problem = refusal(path)
    assert problem.code == "sheet_too_many_rows"
    assert "60,000" in problem.message
    path.write_text("姓名,身份证号\n" + "张敏,410522197001010002\n" * 3, encoding="utf-8")
    assert opened(path).total == 3


# The peak of this very program: what `getrusage` tells begins with that of the process which started it.
_MEASURED = """
import sys
from pathlib import Path
from agencies.education.occupations import Teacher
from archives.workbooks import columns_of, read
sheet = read(Path(sys.argv[1]), name="big.xlsx", columns=columns_of(Teacher, 2026))
rows = sum(1 for _ in sheet.rows)
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(rows, int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
def test_a_large_file_stays_below_400_mb(tmp_path: Path) -> None:
    path = tmp_path / "big.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [column.label for column in COLUMNS[:20]])
        for row in range(50_000):
            for place in range(20):
                sheet.write_string(row + 1, place, f"内容{row}-{place}")
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], capture_output=True, text=True, check=True
    )
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 50_000
    assert megabytes < 400
