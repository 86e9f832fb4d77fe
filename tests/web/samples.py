"""Small files of every kind that is taken, made here."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

_PDF_OBJECT = b"1 0 obj\n<< /Type /Catalog %s >>\nendobj\n"
_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Override PartName="/%s" ContentType="application/vnd.openxmlformats-officedocument.%s.main+xml"/></Types>'
)


def pdf(inside: bytes = b"", *, packed: bytes = b"") -> bytes:
    """A PDF with `inside` in its catalogue and `packed` in a compressed stream of objects."""
    body = b"%PDF-1.7\n" + _PDF_OBJECT % inside
    if packed:
        stream = zlib.compress(packed)
        head = b"2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n"
        body += head % len(stream) + stream + b"\nendstream\nendobj\n"
    return body + b"trailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def jpeg(comment: bytes = b"") -> bytes:
    """The frame of a picture; what it shows is of no concern."""
    about = b"\xff\xfe" + struct.pack(">H", 2 + len(comment)) + comment
    frame = b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00"
    return (
        b"\xff\xd8" + about + frame + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + b"\x12\x34" + b"\xff\xd9"
    )


def png(*, text: bytes = b"") -> bytes:
    """One grey point."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"tEXt", b"Title\0" + text),
        (b"IDAT", zlib.compress(b"\0\0")),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def package(entries: dict[str, str | bytes]) -> bytes:
    """A ZIP file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return held.getvalue()


def docx(**more: str | bytes) -> bytes:
    """A Word document with further parts."""
    types = _TYPES % ("word/document.xml", "wordprocessingml.document")
    return package({"[Content_Types].xml": types, "word/document.xml": "<w:document/>", **more})


def xlsx(**more: str | bytes) -> bytes:
    """A workbook with further parts."""
    types = _TYPES % ("xl/workbook.xml", "spreadsheetml.sheet")
    return package({"[Content_Types].xml": types, "xl/workbook.xml": "<workbook/>", **more})


def ofd(**more: str | bytes) -> bytes:
    """An OFD document (GB/T 33190) with further parts."""
    root = '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"/>'
    return package({"OFD.xml": root, "Doc_0/Document.xml": "<ofd:Document/>", **more})
