"""Days and months as people write them and as spreadsheets hand them over."""

import calendar
import datetime as dt
import re

from archives.schema import cleaning
from archives.schema.problems import Invalid, ProblemCode, refuse

_RAW_LIMIT = 60
_DAY = re.compile(
    r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?:T?0{1,2}:00(?::00(?:\.0+)?)?)?"
)
_MONTH = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})月?|([0-9]{2}))")
_YEARS = range(1900, 2200)


def _text(raw: object, label: str) -> str:
    return cleaning.token(cleaning.scalar_text(raw, label, _RAW_LIMIT))


def _day_of(text: str) -> dt.date | None:
    match = _DAY.fullmatch(text)
    if not match:
        return None
    year, month, day, month_2, day_2 = match.groups()
    try:
        return dt.date(int(year), int(month or month_2), int(day or day_2))
    except ValueError:
        return None


def read_day(raw: object, label: str) -> dt.date | None:
    """The day `raw` means, None when blank; `Invalid` when it is no day between 1900 and 2199."""
    if isinstance(raw, dt.date):
        day: dt.date | None = raw.date() if isinstance(raw, dt.datetime) else raw
    elif isinstance(raw, float):
        raise refuse(
            ProblemCode.DATE, f"{label}是数字。请把单元格设为“日期”或“文本”格式，按“2026-03-05”的样式填写。"
        )
    else:
        text = _text(raw, label)
        if not text:
            return None
        day = _day_of(text)
    if day is None or day.year not in _YEARS:
        raise refuse(ProblemCode.DATE, f"{label}不是有效日期。请按“2026-03-05”的样式填写。")
    return day


def read_month(raw: object, label: str) -> str | None:
    """The month `raw` means as "2008-09", None when blank; a full date gives its month.

    "2008.1" is refused: a spreadsheet makes it of both January and October.
    """
    if isinstance(raw, dt.date):
        if raw.year not in _YEARS:
            raise _no_month(label)
        return f"{raw.year}-{raw.month:02}"
    if isinstance(raw, float) and not raw.is_integer():
        raise _no_month(label, "被表格存成了数字。请把单元格设为“文本”格式，再")
    text = _text(raw, label)
    if not text:
        return None
    if re.fullmatch(r"[0-9]{4}\.1", text):
        raise _no_month(label, "分不清是 1 月还是 10 月。请")
    if match := _MONTH.fullmatch(text):
        year, month = int(match[1]), int(match[2] or match[3])
    elif day := _day_of(text):
        year, month = day.year, day.month
    else:
        raise _no_month(label)
    if year not in _YEARS or not 1 <= month <= 12:
        raise _no_month(label)
    return f"{year}-{month:02}"


def _no_month(label: str, why: str = "应写到年和月。请") -> Invalid:
    return refuse(ProblemCode.MONTH, f"{label}{why}按“2008-09”的样式填写。")


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months on, or the last of that month (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
