"""What a file is, by its content: harmless documents and pictures are known, everything else is refused in words."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_platform.media_types import NotTaken, media_type_of
from tests.web import samples

TAKEN: dict[str, Callable[[], bytes]] = {
    "pdf": samples.pdf,
    "jpg": samples.jpeg,
    "png": samples.png,
    "ofd": samples.ofd,
    "docx": samples.docx,
    "xlsx": samples.xlsx,
}
TYPE = "Content_Types"
REFUSED: dict[str, tuple[str, bytes]] = {
    "nothing": ("file_empty", b""),
    "a program for Windows": ("file_type", b"MZ\x90\x00" + bytes(200)),
    "a program for Linux": ("file_type", b"\x7fELF" + bytes(200)),
    "a script": ("file_type", b"#!/bin/sh\nrm -rf /\n"),
    "HTML": ("file_type", b"<!doctype html><script>alert(1)</script>"),
    "SVG": ("file_type", b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="a()"/>'),
    "plain text": ("file_type", "情况说明".encode()),
    "an archive": ("file_type", samples.package({"run.exe": b"MZ"})),
    "7z": ("file_type", b"7z\xbc\xaf\x27\x1c" + bytes(50)),
    "rar": ("file_type", b"Rar!\x1a\x07\x01\x00" + bytes(50)),
    "old Word": ("file_type", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
    "TIFF": ("file_type", b"II*\x00" + bytes(100)),
    "PDF with a script": ("file_active", samples.pdf(b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>")),
    "PDF with a script whose name is spelt out": ("file_active", samples.pdf(b"/S /Java#53cript")),
    "PDF that starts a program": ("file_active", samples.pdf(b"/OpenAction << /S /Launch /F (cmd.exe) >>")),
    "PDF with a file in it": ("file_active", samples.pdf(b"/Names << /EmbeddedFiles 3 0 R >>")),
    "PDF with a script packed away": ("file_active", samples.pdf(packed=b"4 0 << /S /JavaScript /JS (x) >>")),
    "PDF that unpacks without end": ("file_active", samples.pdf(packed=bytes(70 * 1024 * 1024))),
    "PDF with a password": ("file_encrypted", samples.pdf().replace(b"/Root", b"/Encrypt 5 0 R /Root")),
    "Word with macros": ("file_active", samples.docx(**{"word/vbaProject.bin": b"x"})),
    "Word with a control": ("file_active", samples.docx(**{"word/activeX/activeX1.xml": "<a/>"})),
    "Word with a file in it": ("file_active", samples.docx(**{"word/embeddings/oleObject1.bin": b"x"})),
    "Word with a program in it": ("file_active", samples.docx(**{"word/media/a.exe": b"MZ"})),
    "Word with a template elsewhere": (
        "file_active",
        samples.docx(
            **{"word/_rels/settings.xml.rels": '<R Type="x/attachedTemplate" Target="http://evil/"/>'}
        ),
    ),
    "a workbook with macros": ("file_active", samples.xlsx(**{"xl/vbaProject.bin": b"x"})),
    "an Office file of another kind": (
        "file_active",
        samples.package({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}),
    ),
    "OFD with a program in it": ("file_active", samples.ofd(**{"Doc_0/Attachs/a.exe": b"MZ"})),
}


@pytest.mark.parametrize("extension", TAKEN)
def test_what_is_taken_is_known_by_its_content(extension: str) -> None:
    assert media_type_of(TAKEN[extension]()).extension == extension


@pytest.mark.parametrize("name", REFUSED)
def test_everything_else_is_refused_with_a_way_out(name: str) -> None:
    code, content = REFUSED[name]
    with pytest.raises(NotTaken) as refused:
        media_type_of(content)
    assert refused.value.code == code
    assert any(word in str(refused.value) for word in ("请", "核对"))


@pytest.mark.parametrize("extension", TAKEN)
@given(part=st.floats(0.1, 0.9))
def test_a_file_that_was_cut_off_is_not_taken(extension: str, part: float) -> None:
    whole = TAKEN[extension]()
    with pytest.raises(NotTaken):
        media_type_of(whole[: int(len(whole) * part)])


@given(
    start=st.sampled_from([b"", b"%PDF-1.4", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04"]),
    rest=st.binary(max_size=400),
)
def test_nothing_breaks_it(start: bytes, rest: bytes) -> None:
    with contextlib.suppress(NotTaken):
        media_type_of(start + rest)


@given(st.sampled_from(sorted(TAKEN)), st.data())
def test_no_flipped_byte_breaks_it(extension: str, data: st.DataObject) -> None:
    content = bytearray(TAKEN[extension]())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(NotTaken):
        media_type_of(bytes(content))
