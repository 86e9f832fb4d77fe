"""What the platform takes for an annual record and for an item, and the reasons for which it turns a record away."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from delivery.contract import KIND_ANNUAL_RECORD, KIND_ITEM
from delivery.simulator.canonical import digest
from delivery.simulator.citizen import DOCUMENT_TYPES, number_problem
from delivery.simulator.shape import Record

REASONS: Mapping[str, str] = {
    "R101": "证件号码格式不正确，请对照证件核对后以新版本报送。",
    "R102": "身份证号码校验位错误，请对照证件核对后以新版本报送。",
    "R103": "身份证号码出生日期不合法，请对照证件核对后以新版本报送。",
    "R201": "必填项为空：{field}。请补全后以新版本报送。",
    "R202": "不在代码表内：{field}。请改用约定的代码后以新版本报送。",
    "R203": "超过长度或不是文本：{field}。请改正后以新版本报送。",
    "R204": "日期格式不正确：{field}。请按约定的格式改正后以新版本报送。",
    "R302": "本平台已有同一版本，内容不同。请以新的版本号报送。",
    "R303": "旧数据，本平台已有较新版本。无需再报送此版本。",
    "R304": "该档案由其他辖区报送。请核对档案归属后与市级平台联系。",
    "R405": "含禁止采集或目录外的个人信息：{field}。请去掉该项后以新版本报送。",
    "R501": "未关联到档案主体。请核对姓名和证件号码后以新版本报送。",
    "R601": "摘要与内容不一致。请检查报送程序后重新报送。",
}

_REQUIRED = {"XM": "姓名", "ZJHM": "证件号码"}
"""Of every record; 信用状况 besides of all but the parts of writers that do not lead."""
_OF_ITEM = {"XM": "姓名", "ZJHM": "证件号码", "XXZL": "信息种类", "XXYJ": "信息依据"}
"""Of an item and of its withdrawal; an item has besides the day on which it happened."""
_DAYS: Mapping[str, str] = {
    "FSRQ": "发生日期",
    "WSRQ": "文书日期",
    "ZZRQ": "行为终止日期",
    "CF_JDRQ": "处罚决定日期",
    "CF_YXQ": "处罚有效期",
}
_FORBIDDEN = {"ZZMM": "政治面貌", "MZ": "民族", "ZJXY": "宗教信仰", "XX": "血型", "JBBS": "疾病和病史"}
"""Credit regulations of Henan (art. 45) and Shandong (art. 42); political status isn't in the catalogue."""

_EDUCATION = frozenset(
    str(code)
    for codes in (range(10, 24), range(28, 29), range(30, 34), range(40, 50), range(60, 64))
    for code in codes
) | {"70", "71", "73", "80", "81", "83", "90"}
"""GB/T 4658-2006."""
_CODES: Mapping[str, tuple[str, frozenset[str]]] = {
    "XB": ("性别", frozenset("0129")),
    "XL": ("学历", _EDUCATION),
    "ZJLX": ("证件类型", frozenset(DOCUMENT_TYPES)),
    "XYZK": ("信用状况", frozenset({"trustworthy", "warning", "serious_dishonesty"})),
}
_TEXTS: Mapping[str, tuple[str, int]] = {
    "XM": ("姓名", 50),
    "ZJHM": ("证件号码", 30),
    "LXDH": ("联系电话", 30),
    "GZDW": ("工作单位", 200),
    "ZC": ("职称", 200),
    "ZW": ("职务", 200),
    "GZZZ": ("工作职责", 2000),
}
_MONTHS: Mapping[str, str] = {"CYQSSJ": "从业起始时间"}
_MONTH_OR_DAY = re.compile("([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?")

Problem = tuple[str, str]
"""Reject code and the label of the field it speaks of."""


def message(code: str, field: str = "") -> str:
    return REASONS[code].format(field=field)


def record_problem(record: Record, today: date) -> Problem | None:
    """The first reason to turn a record away that lies in the record itself."""
    if digest(record.payload) != record.digest:
        return "R601", ""
    if record.kind != KIND_ANNUAL_RECORD:
        return _item_problem(record, today)
    for check in _CHECKS:
        if problem := check(record.payload, today):
            return problem
        if check is _missing and record.lead and _blank(record.payload.get("XYZK")):
            return "R201", "信用状况"
    return None


def _item_problem(record: Record, today: date) -> Problem | None:
    if record.kind == KIND_ITEM and _blank(record.payload.get("FSRQ")):
        return "R201", _DAYS["FSRQ"]
    return next((problem for check in _ITEM_CHECKS if (problem := check(record.payload, today))), None)


def _forbidden(payload: Mapping[str, object], _today: date) -> Problem | None:
    return next((("R405", label) for name, label in _FORBIDDEN.items() if name in payload), None)


def _missing(payload: Mapping[str, object], _today: date) -> Problem | None:
    return _blank_one_of(_REQUIRED, payload)


def _missing_of_item(payload: Mapping[str, object], _today: date) -> Problem | None:
    return _blank_one_of(_OF_ITEM, payload)


def _blank_one_of(names: Mapping[str, str], payload: Mapping[str, object]) -> Problem | None:
    return next((("R201", label) for name, label in names.items() if _blank(payload.get(name))), None)


def _outside_codes(payload: Mapping[str, object], _today: date) -> Problem | None:
    for name, (label, codes) in _CODES.items():
        value = payload.get(name)
        if not _blank(value) and value not in codes:
            return "R202", label
    return None


def _wrong_text(payload: Mapping[str, object], _today: date) -> Problem | None:
    for name, (label, limit) in _TEXTS.items():
        value = payload.get(name)
        if value is not None and not (isinstance(value, str) and len(value) <= limit):
            return "R203", label
    return None


def _wrong_month(payload: Mapping[str, object], _today: date) -> Problem | None:
    for name, label in _MONTHS.items():
        value = payload.get(name)
        if not _blank(value) and not (isinstance(value, str) and _is_month_or_day(value)):
            return "R204", label
    return None


def _wrong_day(payload: Mapping[str, object], _today: date) -> Problem | None:
    for name, label in _DAYS.items():
        value = payload.get(name)
        if not _blank(value) and not (
            isinstance(value, str) and len(value) == 10 and _is_month_or_day(value)
        ):
            return "R204", label
    return None


def _wrong_number(payload: Mapping[str, object], today: date) -> Problem | None:
    document_type = payload.get("ZJLX") or "111"
    code = number_problem(str(document_type), str(payload["ZJHM"]), today)
    return (code, "") if code else None


_CHECKS: tuple[Callable[[Mapping[str, object], date], Problem | None], ...] = (
    _forbidden,
    _missing,
    _outside_codes,
    _wrong_text,
    _wrong_month,
    _wrong_number,
)

_ITEM_CHECKS: tuple[Callable[[Mapping[str, object], date], Problem | None], ...] = (
    _forbidden,
    _missing_of_item,
    _outside_codes,
    _wrong_text,
    _wrong_day,
    _wrong_number,
)


def _blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _is_month_or_day(text: str) -> bool:
    parts = _MONTH_OR_DAY.fullmatch(text)
    if not parts:
        return False
    try:
        date(int(parts[1]), int(parts[2]), int(parts[3] or 1))
    except ValueError:
        return False
    return True
