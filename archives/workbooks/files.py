"""What a file is, whatever it is called. Names lie; the first bytes don't."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from archives.workbooks.problems import Unreadable, WorkbookCode, unreadable

MOST_BYTES = 30 * 1024 * 1024
_HEAD = 4096
_SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（*.xlsx）”后重新上传。"


class Format(StrEnum):
    """What can be read."""

    XLSX = "xlsx"
    XLS = "xls"
    TEXT = "csv"


_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b")
_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARTS_OF_OTHERS = {
    "word/document.xml": "Word 文档",
    "ppt/presentation.xml": "演示文稿",
    "xl/workbook.bin": "二进制工作簿（.xlsb）",
    "content.xml": "OpenDocument 文件",
    "OFD.xml": "OFD 版式文件",
}


def recognise(path: Path, name: str) -> Format:
    """Return how to read the file. Raises `Unreadable` for what is no table, each kind in its own words."""
    size = path.stat().st_size
    if not size:
        message = "文件是空的（0 字节），可能没有保存或上传中断。请打开原文件确认有内容，保存后重新上传。"
        raise unreadable(WorkbookCode.EMPTY_FILE, message)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_CONTAINER):
        return _container(path)
    if head.startswith(b"PK"):
        return _package(path)
    _refuse_others(head)
    if size > MOST_BYTES:
        raise too_large(size)
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise damaged()
    return Format.TEXT


def damaged() -> Unreadable:
    """The refusal of a file that breaks off or contradicts itself."""
    return unreadable(
        WorkbookCode.DAMAGED,
        "文件已损坏或不完整，无法打开。请用 Excel 或 WPS 打开原文件检查；能打开的，另存为一份新的再上传，"
        "不能打开的，请重新取得原文件。",
    )


def encrypted() -> Unreadable:
    """The refusal of a workbook with a password."""
    return unreadable(
        WorkbookCode.ENCRYPTED,
        "工作簿设有打开密码，系统无法读取。请打开后在“文件—信息—保护工作簿”中取消密码，保存后重新上传。",
    )


def macros() -> Unreadable:
    """The refusal of a workbook that brings programs along."""
    return unreadable(
        WorkbookCode.MACROS,
        "工作簿带有宏程序，为安全起见不能上传。请另存为“Excel 工作簿（*.xlsx）”（不含宏）后重新上传。",
    )


def too_large(size: int) -> Unreadable:
    """The refusal of a file of more bytes than a workbook of 60,000 rows has."""
    most = MOST_BYTES // 1024 // 1024
    return unreadable(
        WorkbookCode.TOO_LARGE,
        f"文件有 {size / 1024 / 1024:,.0f} MB，超过 {most} MB 的上限。"
        "请删去图片和多余的空白行列，或分成几个文件上传。",
    )


def _other(what: str, mend: str = _SAVE_AS) -> Unreadable:
    return unreadable(WorkbookCode.OTHER_FORMAT, f"这是{what}，不是可以读取的表格。{mend}")


def _refuse_others(head: bytes) -> None:
    is_picture = head.startswith(_PICTURES) or head[4:12] in (b"ftypheic", b"ftypmif1", b"ftypavif")
    if is_picture or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        message = "这是一张图片，不是表格，系统读不出其中的文字。请上传原来的 Excel 文件，或按模板重新填写。"
        raise unreadable(WorkbookCode.PICTURE, message)
    if head.startswith(b"%PDF"):
        raise _other("PDF 文件", "请上传原来的 Excel 文件，或按模板重新填写。")
    if head.startswith(_ARCHIVES):
        raise _other("压缩包", "请先解压，再上传其中的表格。")
    if head.startswith(b"{\\rtf"):
        raise _other("文字处理文档", "请把其中的表格复制到 Excel 中，保存后上传。")
    _refuse_markup(head)


def _refuse_markup(head: bytes) -> None:
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if text.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"mime-version")) or (
        text.startswith((b"<?xml", b"<!--")) and b"<html" in text
    ):
        message = f"这是改了扩展名的网页文件（多为其他系统导出），不是真正的 Excel 工作簿。{_SAVE_AS}"
        raise unreadable(WorkbookCode.WEB_PAGE, message)
    if text.startswith(b"<?xml"):
        raise _other("XML 格式的表格")


def _container(path: Path) -> Format:
    """Workbooks before 2007, and everything else that Office keeps in compound files."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise too_large(size)
    content = path.read_bytes()
    if _stream("EncryptedPackage") in content or _stream("EncryptionInfo") in content:
        raise encrypted()
    if _stream("WordDocument") in content:
        raise _other("Word 文档", "请把其中的表格复制到 Excel 中，保存后上传。")
    if _stream("PowerPoint Document") in content:
        raise _other("演示文稿", "请把其中的表格复制到 Excel 中，保存后上传。")
    if _stream("_VBA_PROJECT") in content:
        raise macros()
    if _stream("Workbook") not in content and _stream("Book") not in content:
        raise damaged()
    return Format.XLS


def _stream(name: str) -> bytes:
    return name.encode("utf-16-le")


def _package(path: Path) -> Format:
    try:
        with zipfile.ZipFile(path) as package:
            names = {info.filename.replace("\\", "/") for info in package.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise damaged() from error
    if any(one.lower().endswith("vbaproject.bin") for one in names):
        raise macros()
    if "xl/workbook.xml" in names:
        return Format.XLSX
    for part, what in _PARTS_OF_OTHERS.items():
        if part in names:
            raise _other(what)
    if "[Content_Types].xml" in names:
        raise damaged()
    raise _other("压缩包", "请先解压，再上传其中的表格。")
