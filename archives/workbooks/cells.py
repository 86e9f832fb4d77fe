"""One value out of a file, and one value into a file."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from typing import Any

Scalar = Any
"""str, int, float, bool, date, datetime, time, timedelta or None."""

MOST_TEXT = 32_000
"""Characters that a cell takes, a few less than the format's 32,767."""
_LONE = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What no text in the database can hold; a cell can."""
_FORMULA_TEXT = re.compile('="([^"]*)"')
_DANGEROUS = re.compile("'*[=+\\-@\t\r\n|%＝＋－＠]")
_NEUTRALISED = re.compile("'+[=+\\-@\t\r\n|%＝＋－＠]")
_SERIAL = re.compile("[1-9][0-9]{4}(?:\\.0+)?")
_SERIALS = range(10_000, 73_051)
"""Days from 1927-05-18 to 2099-12-31, as a spreadsheet counts them; years and yyyymm are no such numbers."""
_EPOCHS = {False: dt.date(1899, 12, 30), True: dt.date(1904, 1, 1)}


def plain(value: Scalar) -> Scalar:
    """Return the scalar of a cell: blanks as None, whole numbers as int, what `neutral` put before a text taken off."""
    if type(value) is str:
        return _text(value)
    if type(value) is float and value.is_integer():
        return int(value)
    return value


def reader_of(kind: str, *, from_1904: bool = False) -> Callable[[Scalar], Scalar]:
    """Return what reads the cells of a column: in columns of days and months a bare number is a day's serial."""
    if kind not in ("date", "month"):
        return plain
    epoch = _EPOCHS[from_1904]

    def day(value: Scalar) -> Scalar:
        value = plain(value)
        if type(value) is str and _SERIAL.fullmatch(value.strip()):
            value = int(float(value))
        elif type(value) is float and int(value) in _SERIALS:
            value = int(value)  # the time of day doesn't matter
        if type(value) is int and value in _SERIALS:
            return epoch + dt.timedelta(days=value)
        return value

    return day


def _text(text: str) -> str | None:
    if not text or text.isspace():
        return None
    first = text[0]
    if first == "'" and _NEUTRALISED.match(text):
        return text[1:]
    if first == "=" and (wrapped := _FORMULA_TEXT.fullmatch(text.strip())):
        return wrapped[1]
    return text


def neutral(text: str) -> str:
    """Return the text so that no spreadsheet takes it for a formula, not even by way of a CSV file."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def storable(text: str) -> str:
    """Return a text out of a file as the database takes it."""
    return _UNSTORABLE.sub("\ufffd", text)


def writable(value: Scalar) -> Scalar:
    """Return what is written for a value: text neutral and within the bounds of a cell, numbers that a spreadsheet
    would round as text."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return neutral(_LONE.sub("\ufffd", value[:MOST_TEXT]))
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) < 10**15 else str(value)
    if isinstance(value, dt.date) and value.year >= 1900:
        return value
    return str(value)
