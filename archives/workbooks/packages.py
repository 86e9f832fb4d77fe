"""The inside of an .xlsx, looked through before it is opened: what it would unfold to, and what the reader of cells
doesn't tell: hidden rows, formulas that were never computed.

Sizes are not believed: every part is unfolded here, in pieces, up to what it claims.
"""

from __future__ import annotations

import dataclasses
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from archives.workbooks.files import MOST_BYTES, damaged, encrypted, macros, too_large
from archives.workbooks.problems import WorkbookCode, unreadable

MOST_UNFOLDED = 400 * 1024 * 1024
"""All parts together; 60,000 rows of 80 columns take about 250 MB."""
_MOST_PARTS = 5000
_PIECE = 1 << 20
_SMALL = 8 * 1024 * 1024
_LOCAL = struct.Struct("<4s22xHH")
_STORED, _DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


@dataclasses.dataclass
class Part:
    """What the XML of one sheet tells. Rows and columns count from 1; the last ones are told of far cells only."""

    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    hidden_rows: set[int] = dataclasses.field(default_factory=set)
    uncomputed: list[str] = dataclasses.field(default_factory=list)
    errors: dict[int, dict[int, str]] = dataclasses.field(default_factory=dict)
    """Row to column to what stands there, such as #N/A: the reader of cells makes them blanks."""


@dataclasses.dataclass(frozen=True)
class Package:
    """What was found: the sheets by name, and whether days are counted from 1904."""

    sheets: dict[str, Part]
    from_1904: bool


def look_through(path: Path) -> Package:
    """Look through the .xlsx. Raises `Unreadable` for bombs, damage, passwords and macros."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged() from error
    _check_sizes(path, parts)
    by_name = {info.filename.replace("\\", "/"): info for info in parts}
    try:
        places, from_1904 = _places(path, by_name)
        _check_other_parts(path, by_name, set(places.values()))
        sheets = {
            name: _scan(_unfold(path, by_name[part])) for name, part in places.items() if part in by_name
        }
    except (ElementTree.ParseError, zlib.error, struct.error, LookupError, OSError, ValueError) as error:
        raise damaged() from error
    return Package(sheets, from_1904)


def _check_sizes(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    unfolded = sum(info.file_size for info in parts)
    if unfolded > MOST_UNFOLDED or len(parts) > _MOST_PARTS:
        raise _bomb(unfolded)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise too_large(size)
    if any(info.flag_bits & 1 for info in parts):
        raise encrypted()
    if any(info.compress_type not in (_STORED, _DEFLATED) for info in parts):
        raise damaged()


def _bomb(size: int) -> Exception:
    return unreadable(
        WorkbookCode.BOMB,
        f"文件打开后有 {size / 1024 / 1024:,.0f} MB，远超正常表格，系统没有打开。"
        "请新建一个工作簿，只复制需要填报的行，保存后重新上传。",
    )


def _unfold(path: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content of a part in pieces; raises when it is more than the file said."""
    left, room = info.compress_size, info.file_size
    with path.open("rb") as file:
        file.seek(info.header_offset)
        signature, name_length, extra_length = _LOCAL.unpack(file.read(_LOCAL.size))
        if signature != b"PK\x03\x04":
            raise ValueError("no local header")
        file.seek(name_length + extra_length, 1)
        inflater = zlib.decompressobj(-15) if info.compress_type == _DEFLATED else None
        while left > 0 and (raw := file.read(min(left, _PIECE))):
            left -= len(raw)
            while raw:
                piece = inflater.decompress(raw, _PIECE) if inflater else raw
                raw = inflater.unconsumed_tail if inflater else b""
                room -= len(piece)
                if room < 0:
                    raise _bomb(MOST_UNFOLDED)
                if piece:
                    yield piece
                elif not raw:
                    break


def _text_of(path: Path, info: zipfile.ZipInfo) -> bytes:
    if info.file_size > _SMALL:
        raise _bomb(info.file_size)
    return b"".join(_unfold(path, info))


def _tree(content: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("a workbook has no document type")
    return ElementTree.fromstring(content)  # noqa: S314  # no entities, at most 8 MB


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _places(path: Path, parts: dict[str, zipfile.ZipInfo]) -> tuple[dict[str, str], bool]:
    """Name of each sheet to its part, and whether the days count from 1904."""
    if b"macroEnabled" in _text_of(path, parts["[Content_Types].xml"]):
        raise macros()
    links = _tree(_text_of(path, parts["xl/_rels/workbook.xml.rels"]))
    targets = {link.get("Id", ""): link.get("Target", "") for link in links}
    places, from_1904 = {}, False
    for element in _tree(_text_of(path, parts["xl/workbook.xml"])).iter():
        if _local(element.tag) == "workbookPr":
            from_1904 = element.get("date1904") in ("1", "true")
        elif _local(element.tag) == "sheet":
            link = next((value for key, value in element.items() if _local(key) == "id"), "")
            places[element.get("name", "")] = posixpath.normpath(
                posixpath.join("/xl", targets.get(link, ""))
            )[1:]
    return places, from_1904


_COUNT = re.compile(rb"""\b(?:uniqueC|c)ount\s*=\s*["']\s*([0-9]+)""")
_UNIQUE = re.compile(rb"""\buniqueCount\s*=\s*["']\s*([0-9]+)""")
_LONGEST_ATTRIBUTE = 200


def _check_other_parts(path: Path, parts: dict[str, zipfile.ZipInfo], seen: set[str]) -> None:
    """Unfold the other parts that the reader of cells unfolds, and doubt their counts: it takes memory for as many."""
    for name, info in parts.items():
        if name in seen or not name.startswith("xl/") or not name.lower().endswith((".xml", ".rels")):
            continue
        rest = b""
        counts = _UNIQUE if name.endswith("sharedStrings.xml") else _COUNT  # its count is of all uses
        for piece in _unfold(path, info):
            if any(int(count) > info.file_size for count in counts.findall(rest + piece)):
                raise ValueError("more elements than bytes")
            rest = piece[-_LONGEST_ATTRIBUTE:]


_FAR = re.compile(rb'<c r="(?:[A-Za-z]{3}|[C-Zc-z][A-Za-z]|[A-Za-z]{1,2}[0-9]{6})')
"""A cell beyond column BZ or row 99,999. Where there is none, the area is small enough, however it is filled."""
_FILLED = re.compile(rb'<c r="([A-Za-z]+)([0-9]+)"[^<>]*(?<!/)>(?!</)')
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^<>]*)>")
_ROW_NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
_IS_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_CELL_WHOLE = re.compile(rb"<(?:\w+:)?c\b([^<>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_COMPUTED = re.compile(rb"<(?:\w+:)?v\b[^<>]*>[^<]")
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_TOLD = re.compile(rb"<(?:\w+:)?v\b[^<>]*>([^<]{1,20})")
_MOST_NAMED = 1000
MOST_ERRORS = 100_000


def _scan(pieces: Iterator[bytes]) -> Part:
    """What the sheet's XML tells, read in one pass. Cells that are written in no usual way are counted by position."""
    part, rest, strange = Part(), b"", False
    for piece in pieces:
        piece = rest + piece
        cut = max(piece.rfind(b"<row"), piece.rfind(b":row"), 0) or piece.rfind(b"<c ")
        cut = cut if cut > 0 else len(piece) if len(piece) > _SMALL else 0
        piece, rest = piece[:cut], piece[cut:]
        strange = _note(part, piece, strange)
    _note(part, rest, strange)
    return part


def _note(part: Part, piece: bytes, strange: bool) -> bool:
    usual = piece.count(b'<c r="')
    part.cells += usual
    if strange or ((piece.count(b"<c") != usual or b":c" in piece) and len(_CELL.findall(piece)) != usual):
        strange = True
        _count_by_position(part, piece)
    elif _FAR.search(piece):
        _note_extent(part, piece)
    if b"hidden=" in piece:
        _note_hidden(part, piece)
    if b"<f" in piece or b":f" in piece:
        _note_formulas(part, piece)
    if b't="e"' in piece:
        _note_errors(part, piece)
    return strange


def _note_extent(part: Part, piece: bytes) -> None:
    """How far the cells go that have something in them; formats alone reach to the last row of many a table."""
    filled = _FILLED.findall(piece)
    if filled:
        part.last_row = max(part.last_row, max(map(int, {row for _, row in filled})))
        part.last_column = max(part.last_column, max(map(column_number, {letters for letters, _ in filled})))


def _count_by_position(part: Part, piece: bytes) -> None:
    """The most that rows and cells without usual references can reach."""
    for row in re.split(rb"<(?:\w+:)?row\b", piece):
        part.last_row += 1
        numbers = [int(number) for number in re.findall(rb'\br="[A-Za-z]*([0-9]+)"', row)]
        letters = set(re.findall(rb'\br="([A-Za-z]+)[0-9]', row))
        count = len(_CELL.findall(row))
        part.cells += count
        part.last_row = max(part.last_row, *numbers, 0)
        part.last_column = max(part.last_column, count, *map(column_number, letters))


def _note_hidden(part: Part, piece: bytes) -> None:
    for attributes in _ROW.findall(piece):
        if _IS_HIDDEN.search(attributes) and (number := _ROW_NUMBER.search(attributes)):
            part.hidden_rows.add(int(number[1]))


def _note_formulas(part: Part, piece: bytes) -> None:
    for attributes, body in _CELL_WHOLE.findall(piece):
        if len(part.uncomputed) >= _MOST_NAMED:
            return
        if b't="str"' in attributes or not _FORMULA.search(body) or _COMPUTED.search(body):
            continue
        if reference := _REFERENCE.search(attributes):
            part.uncomputed.append(reference[1].decode())


def _note_errors(part: Part, piece: bytes) -> None:
    for attributes, body in _CELL_WHOLE.findall(piece):
        if b't="e"' not in attributes or len(part.errors) >= MOST_ERRORS:
            continue
        reference, told = _REFERENCE.search(attributes), _TOLD.search(body)
        if reference and told:
            text = reference[1].decode()
            letters = text.rstrip("0123456789")
            row = part.errors.setdefault(int(text[len(letters) :]), {})
            row[column_number(letters)] = told[1].decode("utf-8", "replace")


def column_number(letters: bytes | str) -> int:
    """Return 1 for A, 27 for AA."""
    number = 0
    for letter in (letters if isinstance(letters, bytes) else letters.encode()).upper():
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """Return A for 1, AA for 27."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
