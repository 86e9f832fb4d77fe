"""Fields beyond those of the paper form: amounts, counts, several codes, certificates, past days and the
codes of organisations. They behave as `archives.schema.fields` says of every field."""

import datetime as dt
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from archives.schema import cleaning
from archives.schema.codes import CodeList
from archives.schema.credit_code import parse_credit_code
from archives.schema.fields import Choice, Date, Field, Situation, Text
from archives.schema.identifiers import normalise_number
from archives.schema.problems import Problem, ProblemCode, refuse, warning

_COUNT = re.compile("[0-9]{1,9}")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")
_LIST_BREAKS = re.compile("[;；、,，|\n]+")  # 424号: several kinds of penalty are divided by ";"
_DIGIT = re.compile("[0-9〇一二三四五六七八九十]")
MOST_CHOICES = 20


class Count(Field[str]):
    """A whole number from 0 to 999,999,999, kept as text without leading zeros."""

    kind = "count"

    def convert(self, raw: object) -> str | None:
        text = cleaning.token(cleaning.scalar_text(raw, self.label, 40)).replace(",", "")
        if not text:
            return None
        if not _COUNT.fullmatch(text):
            raise refuse(ProblemCode.NUMBER, f"{self.label}应为 0 或正整数。请只填写数字，例如 12。")
        return str(int(text))


class Amount(Field[str]):
    """A sum that is not negative, with at most six decimals (DECIMAL(18,6) of the 双公示 form); the unit
    stands in the label. Kept as text in its shortest form: no float is ever stored."""

    kind = "amount"

    def convert(self, raw: object) -> str | None:
        if isinstance(raw, float) and math.isfinite(raw) and not raw.is_integer():
            raw = format(Decimal(repr(raw)), "f")
        text = cleaning.token(cleaning.scalar_text(raw, self.label, 60)).replace(",", "")
        if not text:
            return None
        if not _AMOUNT.fullmatch(text):
            raise refuse(
                ProblemCode.NUMBER, f"{self.label}应为不小于 0 的数，最多 6 位小数。请按“0.5”的样式填写。"
            )
        whole, _, decimals = text.partition(".")
        decimals = decimals.rstrip("0")
        return str(int(whole)) + (f".{decimals}" if decimals else "")


class Choices(Choice):
    """Several codes of one list, kept as "b;d" in the order of the list; the platform gets the labels."""

    kind = "choices"

    def __init__(self, label: str, *, codes: CodeList, **options: Any) -> None:
        super().__init__(label, codes=codes, **options)
        self._order = {code: place for place, code in enumerate(codes.labels)}

    def convert(self, raw: object) -> str | None:
        parts: Sequence[object] = raw if isinstance(raw, list | tuple) else self._split(raw)
        if len(parts) > MOST_CHOICES:
            message = f"{self.label}最多选 {MOST_CHOICES} 项，现为 {len(parts)} 项。请删减。"
            raise refuse(ProblemCode.TOO_MANY, message)
        found = {code for part in parts if (code := super(Choices, self).convert(part))}
        return ";".join(sorted(found, key=self._order.__getitem__)) or None

    def _split(self, raw: object) -> list[object]:
        text = cleaning.scalar_text(raw, self.label, 400)
        return [part for part in _LIST_BREAKS.split(text) if part.strip()]

    def chosen(self, value: str | None) -> list[str]:
        """The codes of a value."""
        return value.split(";") if value else []

    def text(self, value: str | None) -> str:
        return "、".join(self.codes.labels[code] for code in self.chosen(value))

    def cell(self, value: str | None) -> str | None:
        return self.text(value) or None

    def payload(self, value: str | None) -> str | None:
        return ";".join(self.codes.labels[code] for code in self.chosen(value)) or None


class Certificate(Text):
    """The number of a certificate: upper case, no blanks.

    `pattern` refuses and is for layouts we are sure of; `usual` only warns and is for those that agreeing
    secondary sources tell. A number that is the holder's identity number must not be asked for.
    """

    kind = "certificate"

    def __init__(self, label: str, *, usual: str = "", **options: Any) -> None:
        super().__init__(label, **{"max_length": 40, "required_at": None, **options})
        self._usual = re.compile(usual) if usual else None

    def convert(self, raw: object) -> str | None:
        text = cleaning.scalar_text(raw, self.label, self._raw_limit)
        return super().convert(cleaning.token(text))

    def refine(self, value: str, situation: Situation) -> tuple[str, Sequence[Problem]]:
        if self._usual is None or self._usual.fullmatch(value):
            return value, ()
        message = f"{self.label}的样式不常见。如与证书一致可继续。"
        return value, (warning(ProblemCode.CERTIFICATE_UNUSUAL, message),)


class DocumentNumber(Text):
    """文书文号: the number of the document that a fact rests on. "无" and the like are no number."""

    kind = "document_number"

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, **{"max_length": 128, **options})

    def convert(self, raw: object) -> str | None:
        text = super().convert(raw)
        if text and not _DIGIT.search(text):
            raise refuse(
                ProblemCode.PATTERN, f"{self.label}中没有编号。请对照文书填写，例如“〔2026〕12 号”。"
            )
        return text

    def missing(self) -> Problem:
        return no_document(self)


def no_document(field: Field[Any]) -> Problem:
    """The problem of a fact that needs a document and shows none (国办发〔2020〕49号)."""
    message = f"请填写{field.label}：这类信息须以文书为依据，没有文书的不能录入。"
    return Problem(ProblemCode.LEGAL_DOCUMENT_MISSING, message, field=field.name)


class PastDate(Date):
    """A day that has come: today at the latest."""

    def refine(self, value: dt.date, situation: Situation) -> tuple[dt.date, Sequence[Problem]]:
        if value > situation.today:
            raise refuse(ProblemCode.DATE_IN_FUTURE, f"{self.label}晚于今天。请核对年份和日期。")
        return value, ()


class OrganisationCode(Field[str]):
    """统一社会信用代码 (GB 32100-2015)."""

    kind = "organisation_code"

    def convert(self, raw: object) -> str | None:
        text = normalise_number(raw, self.label)
        return parse_credit_code(text).number if text else None

    def refine(self, value: str, situation: Situation) -> tuple[str, Sequence[Problem]]:
        return value, parse_credit_code(value).warnings
