"""Identity documents of people: recognised, normalised, checked and masked by our own code.

Sources: GB 11643-1999 (citizen number), the State Council's measure 国办发〔2018〕81号 on residence permits
of people from Hong Kong, Macao and Taiwan, the 2023 rules of the foreign permanent residence card, GA/T 517
type codes. An area code is the one in force when the number was first given, so it never decides anything:
an unknown province is a warning. Permits and passports carry no check digit that may be relied on.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import mul

from archives.schema import cleaning
from archives.schema.problems import Problem, ProblemCode, refuse, warning

EARLIEST_BIRTH = dt.date(1850, 1, 1)
PROVINCES = frozenset(
    map(
        str,
        (
            *range(11, 16),
            *range(21, 24),
            *range(31, 38),
            *range(41, 47),
            *range(50, 55),
            *range(61, 66),
            71,
            81,
            82,
            83,
        ),
    )
)
_RAW_LIMIT = 60
NUMBER_LABEL = "证件号码"
"""What a number is called while the kind of its document isn't known."""
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS = "10X98765432"
_CITIZEN_SHAPE = re.compile("[0-9]{17}[0-9X]")
_OLD_CITIZEN_SHAPE = re.compile("[0-9]{15}")
_ROUNDED_NUMBER = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{1,3}")
_NUMBER_CHARACTERS = re.compile(f"[A-Z0-9(){cleaning.HAN}]*")
_HMT_AREAS = ("810000", "820000", "830000")
_HYPHENS = re.compile("[-\u2010-\u2015\u2212_]")
_LOOKS_LIKE_X = str.maketrans({"Х": "X", "×": "X", "✕": "X", "╳": "X"})


class DocumentType(StrEnum):
    """Kinds of document by their GA/T 517 codes; the residence permit of 2018 has none there and gets
    ours."""

    RESIDENT_ID = "111"
    TEMPORARY_ID = "112"
    OFFICER_CARD = "114"
    ARMED_POLICE_CARD = "115"
    PASSPORT = "414"
    TAIWAN_PERMIT = "511"
    HONG_KONG_MACAO_PERMIT = "516"
    PERMANENT_RESIDENCE = "553"
    FOREIGN_RESIDENCE = "554"
    HMT_RESIDENCE = "HMT"
    OTHER = "990"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def number_label(self) -> str:
        return "身份证号" if self is DocumentType.RESIDENT_ID else f"{self.label}号码"


_LABELS = {
    DocumentType.RESIDENT_ID: "居民身份证",
    DocumentType.TEMPORARY_ID: "临时居民身份证",
    DocumentType.OFFICER_CARD: "军官证",
    DocumentType.ARMED_POLICE_CARD: "武警警官证",
    DocumentType.PASSPORT: "护照",
    DocumentType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    DocumentType.HONG_KONG_MACAO_PERMIT: "港澳居民来往内地通行证",
    DocumentType.PERMANENT_RESIDENCE: "外国人永久居留身份证",
    DocumentType.FOREIGN_RESIDENCE: "外国人居留许可",
    DocumentType.HMT_RESIDENCE: "港澳台居民居住证",
    DocumentType.OTHER: "其他证件",
}
CITIZEN_TYPES = frozenset({DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID, DocumentType.HMT_RESIDENCE})
"""Documents that carry a citizen number: the 7th to 14th digits are the birth date, the 17th tells the
sex."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """One document number in the form we store and match on.

    `alias` is the number as the document shows it, where that differs (15-digit number, permit with a renewal
    suffix). `sex` is a GB/T 2261.1 code or "". Never merge two people on a number without a check digit
    alone.
    """

    type: DocumentType
    number: str
    alias: str = ""
    birth_date: dt.date | None = None
    sex: str = ""
    warnings: tuple[Problem, ...] = ()


def citizen_check_digit(first_17: str) -> str:
    """The 18th character for the first seventeen digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    total = sum(map(mul, map(int, first_17), _CITIZEN_WEIGHTS))
    return _CITIZEN_CHECKS[total % 11]


def upgrade_15(number: str) -> str:
    """The 18-digit form of a 15-digit citizen number: the century goes in, the check digit on."""
    first_17 = f"{number[:6]}19{number[6:]}"
    return first_17 + citizen_check_digit(first_17)


def birth_date_of(document_type: str, number: str) -> dt.date | None:
    """Birth date told by a number that `parse_identifier` accepted, if its kind tells one."""
    if document_type not in CITIZEN_TYPES:
        return None
    return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def shown_ends(document_type: str, number: str, length: int) -> list[str]:
    """Return patterns of the last characters that a document of this number may show: those of the number as we store
    it, of the 15-digit one that it came from, and with the renewal digits of an older card, whatever they are."""
    found = [re.escape(number[-length:])]
    citizen = document_type in (DocumentType.RESIDENT_ID, DocumentType.TEMPORARY_ID)
    if citizen and number[6:8] == "19":
        found.append(re.escape((number[:6] + number[8:17])[-length:]))
    if document_type == DocumentType.HONG_KONG_MACAO_PERMIT:
        found.append(re.escape(number[2 - length :]) + "[0-9]{2}")
    return found


def sex_of(document_type: str, number: str) -> str:
    """GB/T 2261.1 code told by a number that `parse_identifier` accepted, "" if its kind tells none."""
    if document_type not in CITIZEN_TYPES:
        return ""
    return "1" if int(number[16]) % 2 else "2"


def parse_identifier(
    document_type: DocumentType | str, raw: object, *, today: dt.date | None = None
) -> Identifier:
    """`raw` (any scalar as typed or read from a cell) as a number of this type.

    Idempotent on `number`. Raises `Invalid`, and nothing else, for whatever isn't one.
    """
    try:
        known = DocumentType(document_type)
    except ValueError:
        raise refuse(ProblemCode.DOCUMENT_TYPE, "证件类型不在可选范围内。请从列表中选择证件类型。") from None
    text = normalise_number(raw, known.number_label)
    if not text:
        raise refuse(ProblemCode.REQUIRED, f"请填写{known.number_label}。")
    return _parsed(known, text, today or dt.date.today())


@lru_cache(maxsize=2048)
def _parsed(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    # Who reads whole records, a portion of a workbook, has just read their identities by themselves.
    return _PARSERS[kind](kind, text, today)


def readable_number(raw: object, label: str) -> str:
    """`raw` as one short token, whatever its characters; "" when blank. Idempotent."""
    text = cleaning.token(cleaning.scalar_text(raw, label, _RAW_LIMIT))
    # compatibility forms may unfold into a longer text or into the error value of a formula
    return cleaning.scalar_text(text, label, _RAW_LIMIT)


def normalise_number(raw: object, label: str) -> str:
    """`raw` in the characters document numbers are made of; "" when blank."""
    text = cleaning.token(cleaning.scalar_text(raw, label, _RAW_LIMIT))
    if not text.isalnum():
        text = _HYPHENS.sub("", text).lstrip(cleaning.TEXT_MARKS)
    if not text.isascii():
        text = text.translate(_LOOKS_LIKE_X)
    if "*" in text:
        raise refuse(ProblemCode.MASKED, f"{label}中有 * 号，是隐去了几位的号码。请填写完整号码。")
    if _ROUNDED_NUMBER.fullmatch(text):
        raise cleaning.number_lost(label)
    if not _NUMBER_CHARACTERS.fullmatch(text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT, f"{label}含有不应出现的字符。请只填写证件上的数字、字母和汉字。"
        )
    return text


def mask(identifier: Identifier | str, *, external: bool = False) -> str:
    """The number with its middle hidden: `410522********0011` inside, `4***************11` outside."""
    number = identifier if isinstance(identifier, str) else identifier.number
    if external or len(number) < 8:
        head, tail = 1, 2 if len(number) >= 8 else 1
    else:
        head, tail = (6, 4) if len(number) >= 15 else (2, 2)
    if len(number) <= head + tail:
        return "*" * len(number)
    return f"{number[:head]}{'*' * (len(number) - head - tail)}{number[-tail:]}"


def _citizen(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    label, alias, warnings = kind.number_label, "", []
    if _OLD_CITIZEN_SHAPE.fullmatch(text) and kind is not DocumentType.HMT_RESIDENCE:
        text, alias = upgrade_15(text), text
        warnings.append(
            warning(
                ProblemCode.DOCUMENT_UPGRADED,
                f"{label}是 15 位旧号，已换算为 18 位。旧证件已停用，请对照现用证件核对。",
            )
        )
    _require_18(kind, text)
    if kind is DocumentType.HMT_RESIDENCE and not text.startswith(_HMT_AREAS):
        raise refuse(
            ProblemCode.DOCUMENT_OTHER_TYPE,
            f"{label}应以 810000、820000 或 830000 开头。请核对号码，或改选证件类型。",
        )
    if text[0] == "9":
        raise refuse(
            ProblemCode.DOCUMENT_OTHER_TYPE,
            "以 9 开头的是外国人永久居留身份证号码。请把证件类型改为“外国人永久居留身份证”。",
        )
    birth = _birth_date(text, label, today)
    _require_check_digit(text, label)
    warnings += _area_warnings(kind, text)
    return Identifier(kind, text, alias, birth, "1" if int(text[16]) % 2 else "2", tuple(warnings))


def _require_18(kind: DocumentType, text: str) -> None:
    label = kind.number_label
    if len(text) != 18:
        raise refuse(
            ProblemCode.DOCUMENT_LENGTH, f"{label}应为 18 位，现为 {len(text)} 位。请对照证件重新填写。"
        )
    if not _CITIZEN_SHAPE.fullmatch(text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT, f"{label}前 17 位应为数字，末位应为数字或 X。请对照证件重新填写。"
        )


def _birth_date(text: str, label: str, today: dt.date) -> dt.date:
    try:
        birth = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        birth = dt.date.min
    if not EARLIEST_BIRTH <= birth <= today:
        raise refuse(
            ProblemCode.DOCUMENT_BIRTH_DATE,
            f"{label}第 7 至 14 位不是可能的出生日期。请对照证件核对。",
        )
    return birth


def _require_check_digit(text: str, label: str) -> None:
    if text[17] == citizen_check_digit(text[:17]):
        return
    if text.endswith("000"):
        raise cleaning.number_lost(label)
    raise refuse(ProblemCode.DOCUMENT_CHECK_DIGIT, f"{label}校验位不符，可能填错了某一位。请对照证件核对。")


def _area_warnings(kind: DocumentType, text: str) -> list[Problem]:
    label = kind.number_label
    if text[:2] not in PROVINCES:
        message = f"{label}前两位不是现行省级代码。如与证件一致可继续。"
        return [warning(ProblemCode.DOCUMENT_PROVINCE, message)]
    if kind is not DocumentType.HMT_RESIDENCE and text.startswith(_HMT_AREAS):
        message = "这是港澳台居民居住证的号码。请核对证件类型。"
        return [warning(ProblemCode.DOCUMENT_OTHER_TYPE, message)]
    return []


def _permanent_residence(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    """Since 2023-12-01: 18 characters that begin with 9, MOD 11-2; before: 3 letters and 12 digits; both in
    use."""
    if re.fullmatch("[A-Z]{3}[0-9]{12}", text):
        return Identifier(kind, text)
    _require_18(kind, text)
    if text[0] != "9":
        raise refuse(
            ProblemCode.DOCUMENT_OTHER_TYPE,
            f"{kind.number_label}应以 9 开头，或为 3 个字母加 12 位数字。请核对号码，或改选证件类型。",
        )
    _require_check_digit(text, kind.number_label)
    return Identifier(kind, text)


def _hong_kong_macao_permit(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    """H or M and a lifelong number of 8; the older card adds 2 renewal digits, which say nothing of the
    person.

    Cards of residents who are not Chinese nationals (since 2024) have the letter A after the first.
    """
    if not re.fullmatch("[HM][0-9A][0-9]{7}([0-9]{2})?", text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT,
            f"{kind.number_label}应为 H 或 M 加 8 位号码（旧证另有 2 位换证次数）。请对照证件重新填写。",
        )
    return Identifier(kind, text[:9], text if len(text) == 11 else "")


def _taiwan_permit(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    text = re.sub(r"\(([A-Z])\)$", r"\1", text)
    if not re.fullmatch("[0-9]{8}|[0-9]{10}[A-Z]?", text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT,
            f"{kind.number_label}应为 8 位数字（旧证为 10 位数字，可带 1 个字母）。请对照证件重新填写。",
        )
    return Identifier(kind, text)


def _passport(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    """Chinese: E, G and others with 8 characters after; foreign ones: 5 to 17 letters and digits."""
    if not re.fullmatch("(?=.*[0-9])[A-Z0-9]{5,17}", text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT, f"{kind.number_label}应为 5 至 17 位字母和数字。请对照证件重新填写。"
        )
    if re.fullmatch("[EG][0-9]+", text) and len(text) != 9:
        message = "中国普通护照号码为 9 位。如为中国护照，请对照证件核对。"
        return Identifier(kind, text, warnings=(warning(ProblemCode.DOCUMENT_LENGTH, message),))
    return Identifier(kind, text)


def _free(kind: DocumentType, text: str, today: dt.date) -> Identifier:
    """Officers' cards and other papers, for whose numbers no public rule exists."""
    if not re.fullmatch(f"(?=.*[0-9])[A-Z0-9{cleaning.HAN}]{{4,30}}", text):
        raise refuse(
            ProblemCode.DOCUMENT_FORMAT,
            f"{kind.number_label}应为 4 至 30 位汉字、字母和数字，且含有数字。请对照证件重新填写。",
        )
    return Identifier(kind, text)


_PARSERS: dict[DocumentType, Callable[[DocumentType, str, dt.date], Identifier]] = {
    DocumentType.RESIDENT_ID: _citizen,
    DocumentType.TEMPORARY_ID: _citizen,
    DocumentType.HMT_RESIDENCE: _citizen,
    DocumentType.PERMANENT_RESIDENCE: _permanent_residence,
    DocumentType.HONG_KONG_MACAO_PERMIT: _hong_kong_macao_permit,
    DocumentType.TAIWAN_PERMIT: _taiwan_permit,
    DocumentType.PASSPORT: _passport,
    DocumentType.OFFICER_CARD: _free,
    DocumentType.ARMED_POLICE_CARD: _free,
    DocumentType.FOREIGN_RESIDENCE: _free,
    DocumentType.OTHER: _free,
}
