"""What a file is, told from its content; its name and what the browser calls it count for nothing.

Taken are documents and pictures that run nothing: PDF without scripts and embedded files, JPEG, PNG, OFD, and the
macro-free DOCX and XLSX. Not taken, as it can't be told cheaply that they are harmless: DOC, XLS and WPS of the old
kind (macros inside), TIFF, archives, HTML, SVG, programs.
"""

from __future__ import annotations

import binascii
import dataclasses
import io
import re
import zipfile
import zlib

TAKEN = "PDF、JPG、PNG、OFD，或不含宏的 DOCX、XLSX"
_OTHERWISE = f"请上传 {TAKEN}；其他格式（如 DOC、WPS、TIF）请先另存为 PDF。"


@dataclasses.dataclass(frozen=True)
class MediaType:
    """A kind of file that is taken: its media type and the extension under which it is handed out."""

    media_type: str
    extension: str


PDF = MediaType("application/pdf", "pdf")
JPEG = MediaType("image/jpeg", "jpg")
PNG = MediaType("image/png", "png")
OFD = MediaType("application/ofd", "ofd")
DOCX = MediaType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx")
XLSX = MediaType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
ACCEPT = ",".join(f".{kind.extension}" for kind in (PDF, JPEG, PNG, OFD, DOCX, XLSX)) + ",.jpeg"
"""For the `accept` attribute of a file control."""


class NotTaken(Exception):
    """The file can't be taken; `str()` says why and what would help, `code` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def media_type_of(content: bytes) -> MediaType:
    """Return what the file is. Raises `NotTaken` for an empty, truncated, unknown or dangerous one; never else."""
    if not content:
        raise NotTaken("file_empty", "文件是空的，没有内容。请核对后重新选择。")
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(content)
    if content.startswith(b"PK\x03\x04"):
        return _package(content)
    raise NotTaken("file_type", f"不能接收这种文件。{_OTHERWISE}")


def _truncated() -> NotTaken:
    return NotTaken("file_truncated", "文件不完整，可能没有传完或已损坏。请打开原文件核对后重新上传。")


# --- PDF ----------------------------------------------------------------------------------------------------

_HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFile|RichMedia|SubmitForm|ImportData|GoToE\b|XFA[\s\[(0-9])"
)
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:[0-9]+\s+[0-9]+\s+R|<<)")
_PACKED_OBJECTS = re.compile(rb"/ObjStm\b.{0,600}?\bstream\r?\n", re.DOTALL)
_MOST_PACKED, _LARGEST_PACKED, _PIECE = 5_000, 64 * 1024 * 1024, 16 * 1024


def _pdf(content: bytes) -> MediaType:
    end = content[-2048:]
    if b"%%EOF" not in end or b"startxref" not in end:
        raise _truncated()
    if _ENCRYPTED.search(content):
        raise NotTaken("file_encrypted", "PDF 设有密码，不能核对内容。请去掉密码后重新上传。")
    if _active(content) or _active_inside(content):
        raise NotTaken(
            "file_active", "PDF 中含有脚本或嵌入的文件，不能接收。请用“打印”另存为普通 PDF 后上传。"
        )
    return PDF


def _active(content: bytes) -> bool:
    named = _HEX_IN_NAME.sub(lambda found: bytes([int(found[1], 16)]), content)
    return _ACTIVE.search(named) is not None


def _active_inside(content: bytes) -> bool:
    """Objects may lie compressed in streams; those are unpacked as far as a bound, beyond it the file is not taken."""
    left, view = _LARGEST_PACKED, memoryview(content)
    for number, found in enumerate(_PACKED_OBJECTS.finditer(content)):
        unpacked = _unpacked(view[found.end() :], left)
        left -= len(unpacked)
        if number == _MOST_PACKED or left <= 0 or _active(unpacked):
            return True
    return False


def _unpacked(packed: memoryview, most: int) -> bytes:
    """As much of a Flate stream as can be read. Of any other there is nothing: its names no reader finds either."""
    reader, found = zlib.decompressobj(), bytearray()
    try:
        for start in range(0, len(packed), _PIECE):
            found += reader.decompress(packed[start : start + _PIECE], max(most - len(found), 1))
            if reader.eof or len(found) >= most:
                break
    except zlib.error:
        pass
    return bytes(found)


# --- pictures -----------------------------------------------------------------------------------------------

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN, _BARE = 0xDA, frozenset({0x01, *range(0xD0, 0xD8)})


def _jpeg(content: bytes) -> MediaType:
    place, framed = 2, False
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker in _BARE or marker == 0xFF:
            place += 1 if marker == 0xFF else 2
            continue
        if marker == _START_OF_SCAN:
            if framed and content.find(b"\xff\xd9", place) > 0:
                return JPEG
            break
        framed = framed or marker in _FRAMES
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    raise _truncated()


def _png(content: bytes) -> MediaType:
    place = 8
    seen: set[bytes] = set()
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind, end = content[place + 4 : place + 8], place + 8 + length
        if binascii.crc32(content[place + 4 : end]) != int.from_bytes(content[end : end + 4], "big"):
            break
        if not seen and kind != b"IHDR":
            break
        seen.add(kind)
        if kind == b"IEND" and b"IDAT" in seen:
            return PNG
        place = end + 4
    raise _truncated()


# --- OFD and Office packages --------------------------------------------------------------------------------

_MOST_ENTRIES, _LARGEST_UNPACKED, _LARGEST_LIST = 3_000, 300 * 1024 * 1024, 2 * 1024 * 1024
_MAIN_PARTS = (
    (DOCX, b"wordprocessingml.document.main+xml", "word/document.xml"),
    (XLSX, b"spreadsheetml.sheet.main+xml", "xl/workbook.xml"),
)
_PICTURES = frozenset({"png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff"})
_IN_OFFICE = _PICTURES | {"xml", "rels", "emf", "wmf", "vml", "odttf", "fntdata"}
_IN_OFD = _PICTURES | {"xml", "jb2", "gbig2", "ttf", "otf", "ttc", "cff", "dat", "esl"}
_PRINTER = re.compile(r"(?:word|xl)/printerSettings/printerSettings[0-9]+\.bin")
_OFFICE_ACTIVE = re.compile(r"vba|macro|activex|oleobject|embeddings/|dialogsheets|customui", re.IGNORECASE)
_REMOTE_TEMPLATE = re.compile(rb"attachedTemplate|/oleObject|/frame\b", re.IGNORECASE)


def _package(content: bytes) -> MediaType:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _in_package(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeError, ValueError, OSError):
        raise _truncated() from None


def _in_package(package: zipfile.ZipFile) -> MediaType:
    entries = {entry.filename: entry for entry in package.infolist()}
    if len(entries) > _MOST_ENTRIES or sum(e.file_size for e in entries.values()) > _LARGEST_UNPACKED:
        raise NotTaken("file_type", f"文件展开后过大，不能接收。{_OTHERWISE}")
    if any(entry.flag_bits & 1 for entry in entries.values()):
        raise NotTaken("file_encrypted", "文件设有密码，不能核对内容。请去掉密码后重新上传。")
    names = [name for name in entries if not name.endswith("/")]
    if "OFD.xml" in entries and b"ofdspec.org" in _read(package, "OFD.xml"):
        return _without(OFD, [name for name in names if _extension(name) not in _IN_OFD])
    if "[Content_Types].xml" not in entries:
        raise NotTaken("file_type", f"不能接收压缩包。请解压后逐个上传。{_OTHERWISE}")
    types = _read(package, "[Content_Types].xml")
    for kind, main, part in _MAIN_PARTS:
        if main in types and part in entries:
            outside = [n for n in names if _extension(n) not in _IN_OFFICE and not _PRINTER.fullmatch(n)]
            links = [n for n in names if n.endswith(".rels") and _REMOTE_TEMPLATE.search(_read(package, n))]
            active = b"macroEnabled" in types or b"vbaProject" in types
            named = [name for name in names if _OFFICE_ACTIVE.search(name)]
            return _without(kind, [*outside, *links, *named, *(["macro"] if active else [])])
    raise NotTaken("file_active", f"不能接收含宏的或不认识的 Office 文件。{_OTHERWISE}")


def _without(kind: MediaType, dangerous: list[str]) -> MediaType:
    if dangerous:
        raise NotTaken("file_active", "文件中含有宏、控件或嵌入的文件，不能接收。请另存为 PDF 后上传。")
    return kind


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name.rpartition("/")[2] else ""


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    with package.open(name) as entry:
        return entry.read(_LARGEST_LIST)
