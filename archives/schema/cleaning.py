"""From what people type, paste and export to clean text, without damage to names.

Three strengths, because one does not fit all:

- `prose` for sentences and names of employers: full-width letters and digits become ASCII, blanks are
  tidied, Chinese punctuation stays as it is (NFKC would turn "，" into ",").
- `personal_name`: NFKC, but CJK compatibility ideographs are kept (they are different characters on an
  identity card), every variant of the name dot becomes U+00B7, blanks inside Han names go.
- `token` for numbers, dates and codes: NFKC, upper case, no blanks.

All are idempotent. Input is measured before anything else is done to it, so that size can't cost time.
"""

import datetime as dt
import math
import re
import unicodedata
from typing import Literal

from archives.schema.problems import Invalid, ProblemCode, refuse

EXACT_INTEGER = 10**15
"""Spreadsheets and JavaScript keep about 15 digits of a number; beyond it the last ones are already lost."""

EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"})

MIDDLE_DOT = "\u00b7"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IDEOGRAPHIC_VARIANT = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_COMPATIBILITY_RUN = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")
_DOTS = re.compile("\\s*[\u00b7\u2022\u30fb\uff65\u2027\u0387\u16eb\u2219\u22c5\u2e31]\\s*")
_HAN_FULL_STOP = re.compile(f"(?<=[{HAN}{_IDEOGRAPHIC_VARIANT}])\\s*\\.\\s*(?=[{HAN}])")
_HAN_BLANK = re.compile(f"(?<=[{HAN}{_IDEOGRAPHIC_VARIANT}])\\s+(?=[{HAN}])")
COMMON_NAME = re.compile("[\u4e00-\u9fff]{1,10}(?:\u00b7[\u4e00-\u9fff]{1,10}){0,2}")

TEXT_MARKS = "'`‘’"
"""What people put before a number to keep a spreadsheet from reading it as one."""

_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters; tab and line breaks are tidied instead
    "\u061c\u180e\u200e\u200f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"  # direction and format controls
    "\ufffd\ufdd0-\ufdef\U000e0000-\U000e007f"  # lost characters, noncharacters, tags
    "\ud800-\udfff"  # lone surrogates
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_PLAIN = re.compile(
    "[\\x20-\\x7e\\u4e00-\\u9fff\\u00b7\\u2014\\u2018-\\u201d\\u2026"  # ASCII, common Han, dot, dash, quotes
    "\\u3001\\u3002\\u300a\\u300b，；：？！（）]*"
)
"""What nearly all input consists of: nothing in it is refused or changed, which saves the slower tests."""

_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


def _prose_table() -> dict[int, str | None]:
    table: dict[int, str | None] = dict.fromkeys(_INVISIBLE)
    full_width = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
    table |= {code: chr(code - 0xFEE0) for code in full_width}
    # radicals that PDF readers put in the place of the ideographs they look like
    radicals = (0x2E9F, 0x2EF3, *range(0x2F00, 0x2FD6))
    table |= {code: unicodedata.normalize("NFKC", chr(code)) for code in radicals}
    table |= dict.fromkeys((0x2028, 0x2029), "\n")
    return table


_PROSE = _prose_table()
_TOKEN_NOISE = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]+")


def scalar_text(raw: object, label: str, limit: int) -> str:
    """Text of one scalar as it arrived (form, JSON, cell), not yet tidied; "" when blank.

    Raises `Invalid` for anything that isn't one short piece of readable text.
    """
    if raw is None:
        return ""
    text = raw if isinstance(raw, str) else _number_text(raw, label)
    if len(text) > limit:
        raise refuse(ProblemCode.TOO_LONG, f"{label}内容过长（{len(text)} 个字符）。请删减后重新填写。")
    if not _PLAIN.fullmatch(text):
        _refuse_characters(text, label)
    if text in EXCEL_ERRORS:
        raise refuse(ProblemCode.EXCEL_ERROR, f"{label}是表格公式的出错值。请改正公式，或直接填写内容。")
    return text


def _number_text(raw: object, label: str) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _not_a_scalar(raw, label)
    if isinstance(raw, float) and (not math.isfinite(raw) or not raw.is_integer()):
        raise refuse(ProblemCode.TYPE, f"{label}是带小数的数字。请把单元格设为“文本”格式后重新填写。")
    if abs(raw) >= EXACT_INTEGER:
        raise number_lost(label)
    return str(int(raw))


def _not_a_scalar(raw: object, label: str) -> Invalid:
    if isinstance(raw, dt.date | dt.time | dt.timedelta):
        return refuse(ProblemCode.TYPE, f"{label}是日期或时间。请把单元格设为“文本”格式后重新填写。")
    return refuse(ProblemCode.TYPE, f"{label}应为一项文字内容。请填写文字，不要用是/否值、列表或对象。")


def number_lost(label: str) -> Invalid:
    """The refusal of a long number whose last digits a spreadsheet has already rounded away."""
    return refuse(
        ProblemCode.NUMBER_LOST,
        f"{label}被存成了数字，末尾几位已经丢失。请先把单元格设为“文本”格式，再对照证件重新填写。",
    )


def _refuse_characters(text: str, label: str) -> None:
    if _REFUSED.search(text):
        message = f"{label}含有看不见或无法识别的字符。请删除后直接用键盘重新输入。"
        raise refuse(ProblemCode.CHARACTER, message)
    if own := _PRIVATE_USE.search(text):
        message = f"{label}中的“{own.group()}”是自造字，请用输入法重新输入该字。"
        raise refuse(ProblemCode.PRIVATE_CHARACTER, message)


def _normalise(form: Literal["NFC", "NFKC"], text: str) -> str:
    """Unicode normalisation that leaves CJK compatibility ideographs alone (NFC would replace them, too)."""
    return _COMPATIBILITY_RUN.sub(lambda run: unicodedata.normalize(form, run.group()), text)


def prose(text: str, *, multiline: bool = False) -> str:
    """Tidy sentences: blanks collapsed, line breaks kept only when `multiline`."""
    if not _PLAIN.fullmatch(text):
        text = _normalise("NFC", text.translate(_PROSE))
    if not multiline:
        return " ".join(text.split())
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).strip()


def personal_name(text: str) -> str:
    """A name with its rare characters kept, one kind of dot and no stray blanks."""
    if COMMON_NAME.fullmatch(text):
        return text
    name = " ".join(_normalise("NFKC", text.translate(_INVISIBLE)).split())
    name = _DOTS.sub(MIDDLE_DOT, name)
    name = _HAN_FULL_STOP.sub(MIDDLE_DOT, name)
    return _HAN_BLANK.sub("", name)


def token(text: str) -> str:
    """Upper-case ASCII as far as NFKC can bring it there, without blanks, hyphens kept.

    A leading apostrophe or backquote, with which tables force a number to be text, is dropped.
    """
    if text.isascii():
        return _TOKEN_NOISE.sub("", text).lstrip(TEXT_MARKS).upper()
    text = _TOKEN_NOISE.sub("", unicodedata.normalize("NFKC", _TOKEN_NOISE.sub("", text))).upper()
    # capitals and neighbours may compose anew
    return unicodedata.normalize("NFKC", text).lstrip(TEXT_MARKS)
