"""Fields: what one box of a record holds, and how it is read, stored, shown and delivered.

A field is declared once; form, Excel, API, print and payload are derived from it. `parse` is the only
validation there is. Values are plain: text, codes and months are `str`, dates `datetime.date`, a blank is
None.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, TypeVar

from archives.schema import cleaning
from archives.schema.calendar_text import read_day, read_month
from archives.schema.codes import CodeList
from archives.schema.identifiers import (
    NUMBER_LABEL,
    DocumentType,
    mask,
    normalise_number,
    parse_identifier,
    readable_number,
)
from archives.schema.problems import Invalid, Problem, ProblemCode, refuse

Stage = Literal["draft", "submit", "seal"]
STAGES: tuple[Stage, ...] = ("draft", "submit", "seal")
Disclosure = Literal["self", "authorised", "shared", "public"]
"""Who may see a value besides the agency that keeps it: the person only; also whoever the person
authorised; also other authorities; everybody. Nothing about a natural person is public without a legal
basis."""

Json = str | None
V = TypeVar("V", str, dt.date)
_NEVER = len(STAGES)


@dataclass(frozen=True, slots=True)
class Situation:
    """What a value is judged against besides itself."""

    stage: Stage
    year: int
    today: dt.date
    values: Mapping[str, Any]


class Field(Generic[V]):
    """One box of a record.

    `required_at` is the first stage at which it must be filled (None: never), `since`/`until` the archive
    years that have it, `push` its name in the payload to the municipal platform (None: it never leaves),
    `sensitive` that it is stored encrypted and shown masked, `default` what a blank means, `conditional` that
    a rule of its section requires it in some cases (so that it isn't called optional).
    """

    kind: ClassVar[str] = ""
    computed: ClassVar[bool] = False
    verb: ClassVar[str] = "填写"

    def __init__(
        self,
        label: str,
        *,
        required_at: Stage | None = "submit",
        since: int = 0,
        until: int = 9999,
        disclosure: Disclosure = "authorised",
        push: str | None = None,
        help: str = "",
        sensitive: bool = False,
        default: V | None = None,
        conditional: bool = False,
    ) -> None:
        self.label, self.help, self.conditional = label, help, conditional
        self.required_at, self.since, self.until = required_at, since, until
        self.disclosure, self.push, self.sensitive = disclosure, push, sensitive
        self.default: V | None = default
        self.name = ""
        self._required_rank = STAGES.index(required_at) if required_at else _NEVER

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.label}>"

    def parse(self, raw: object) -> V | None:
        """The value of `raw`: text of a form or CSV file, JSON scalar or spreadsheet cell; None when blank.

        Idempotent. Raises `Invalid` for anything else, whatever `raw` is.
        """
        if raw is None:
            return None
        try:
            return self.convert(raw)
        except Invalid as refused:
            raise refused.at(self.name) from None

    def convert(self, raw: object) -> V | None:
        raise NotImplementedError

    def refine(self, value: V, situation: Situation) -> tuple[V, Sequence[Problem]]:
        """The value in the light of the section's other values; called for values that parsed."""
        return value, ()

    def applies_in(self, year: int) -> bool:
        return self.since <= year <= self.until

    def required(self, stage_rank: int) -> bool:
        return stage_rank >= self._required_rank

    def missing(self) -> Problem:
        return Problem(ProblemCode.REQUIRED, f"请{self.verb}{self.label}。", field=self.name)

    def dump(self, value: V | None) -> Json:
        """JSON form kept in the record: text, codes, ISO dates."""
        return None if value is None else str(value)

    def load(self, stored: Json) -> V | None:
        """The value that `dump` wrote."""
        return self.parse(stored)

    def text(self, value: V | None) -> str:
        """For pages and print."""
        return "" if value is None else str(value)

    def masked(self, value: V | None) -> str:
        """For pages, where the reader may not see a sensitive value whole."""
        return mask(self.text(value)) if self.sensitive else self.text(value)

    def cell(self, value: V | None) -> str | dt.date | None:
        """For Excel."""
        return value

    def payload(self, value: V | None) -> Json:
        """For the municipal platform."""
        return self.dump(value)

    def manifest(self) -> dict[str, Any]:
        """What must not change once a year is sealed."""
        return {
            "kind": self.kind,
            "label": self.label,
            "required_at": self.required_at,
            "disclosure": self.disclosure,
            "push": self.push,
            "sensitive": self.sensitive,
            "default": self.default,
        }


def _too_long(label: str, most: int, length: int) -> Invalid:
    return refuse(ProblemCode.TOO_LONG, f"{label}最多 {most} 个字，现为 {length} 个。请精简后重新填写。")


class Text(Field[str]):
    """Words. `pattern` is matched against the whole tidied text; `pattern_hint` tells how to mend it."""

    kind = "text"

    def __init__(
        self,
        label: str,
        *,
        max_length: int = 200,
        pattern: str = "",
        pattern_hint: str = "",
        multiline: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(label, **options)
        self.max_length, self.multiline = max_length, multiline
        self.pattern, self.pattern_hint = pattern, pattern_hint
        self._raw_limit = 4 * max_length + 100
        self._pattern = re.compile(pattern) if pattern else None

    def convert(self, raw: object) -> str | None:
        text = cleaning.scalar_text(raw, self.label, self._raw_limit)
        text = cleaning.prose(text, multiline=self.multiline)
        if len(text) > self.max_length:
            raise _too_long(self.label, self.max_length, len(text))
        if text and self._pattern and not self._pattern.fullmatch(text):
            raise refuse(
                ProblemCode.PATTERN, f"{self.label}格式不符。{self.pattern_hint or '请对照原件重新填写。'}"
            )
        return text or None

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"max_length": self.max_length, "pattern": self.pattern}


class Name(Field[str]):
    """A person's name as the identity document shows it, at most 50 characters."""

    kind = "name"
    max_length = 50

    def convert(self, raw: object) -> str | None:
        name = cleaning.personal_name(cleaning.scalar_text(raw, self.label, 4 * self.max_length))
        if len(name) > self.max_length:
            raise _too_long(self.label, self.max_length, len(name))
        if name and not cleaning.COMMON_NAME.fullmatch(name):
            self._refuse_characters(name)
        if "某某" in name:
            raise refuse(ProblemCode.MASKED, f"{self.label}隐去了一部分。请填写完整姓名。")
        return name or None

    def _refuse_characters(self, name: str) -> None:
        if "*" in name:
            raise refuse(ProblemCode.MASKED, f"{self.label}隐去了一部分。请填写完整姓名。")
        wrong = next((c for c in name if not _in_names(c)), "")
        edge = name[0] if not _letter(name[0]) else name[-1] if name[-1] in "·'-" else ""
        if edge and not wrong:
            raise refuse(ProblemCode.NAME_CHARACTER, f"{self.label}不能以“{edge}”开头或结尾，请删除。")
        if wrong:
            raise refuse(ProblemCode.NAME_CHARACTER, f"{self.label}中不能有数字或符号“{wrong}”，请删除。")


_HAN_LETTER = re.compile(f"[{cleaning.HAN}]")


def _letter(character: str) -> bool:
    """Letters, and Han characters newer than the Unicode tables of this Python."""
    return character.isalpha() or _HAN_LETTER.match(character) is not None


def _in_names(character: str) -> bool:
    return character in "· .'’-" or _letter(character) or unicodedata.category(character)[0] == "M"


class Date(Field[dt.date]):
    """A day. Read from dates, `2026-03-05`, `2026年3月5日`, `2026/3/5`, `20260305`; stored as ISO text."""

    kind = "date"

    def convert(self, raw: object) -> dt.date | None:
        return read_day(raw, self.label)


class Month(Field[str]):
    """A month as "2008-09". Also read from full dates, `2008年9月`, `2008/9`, `200809`."""

    kind = "month"

    def convert(self, raw: object) -> str | None:
        return read_month(raw, self.label)


class Choice(Field[str]):
    """One code of a list; its label and aliases are understood as well."""

    kind = "choice"
    verb = "选择"

    def __init__(self, label: str, *, codes: CodeList, **options: Any) -> None:
        super().__init__(label, **options)
        self.codes = codes

    def convert(self, raw: object) -> str | None:
        text = cleaning.scalar_text(raw, self.label, 100)
        if not text.strip():
            return None
        code = self.codes.find(text)
        if code is None:
            labels = [label for _, codes in self.codes.groups() for _, label in codes]
            some = "、".join(labels[:6]) + (f"等 {len(labels)} 项" if len(labels) > 6 else "")
            raise refuse(ProblemCode.CHOICE, f"{self.label}不在可选范围内。请从中选择：{some}。")
        return code

    def text(self, value: str | None) -> str:
        return self.codes.labels[value] if value else ""

    def cell(self, value: str | None) -> str | None:
        return self.text(value) or None

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"codes": self.codes.name, "list_version": self.codes.list_version}


_PHONES = re.compile(
    r"1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})-?[2-9][0-9]{6,7}(?:-[0-9]{1,6})?|\+[1-9][0-9]{6,14}"
)
_PHONE_BREAKS = re.compile("[-\u2010-\u2015\u2212()_转]+")
_CHINA_PREFIX = re.compile(r"(?:\+|00)86-?(?=1[3-9])")


class Phone(Field[str]):
    """Mobile number, fixed line with its area code, or a foreign number with + and country code."""

    kind = "phone"

    def convert(self, raw: object) -> str | None:
        text = cleaning.token(cleaning.scalar_text(raw, self.label, 60))
        if not text:
            return None
        text = _CHINA_PREFIX.sub("", _PHONE_BREAKS.sub("-", text)).strip("-")
        if text.startswith(("1", "+")):
            text = text.replace("-", "")
        if "*" in text:
            raise refuse(ProblemCode.MASKED, f"{self.label}中有 * 号，是隐去了几位的号码。请填写完整号码。")
        if not _PHONES.fullmatch(text):
            raise refuse(
                ProblemCode.PHONE,
                f"{self.label}应为 11 位手机号，或“区号-号码”样式的固定电话（如 0372-2600000）。"
                "请核对后重新填写。",
            )
        return text if text[0] != "0" else _with_area_hyphen(text)

    def masked(self, value: str | None) -> str:
        if not value:
            return ""
        return f"{value[:3]}{'*' * (len(value) - 7)}{value[-4:]}"


def _with_area_hyphen(text: str) -> str:
    area = 3 if text[1] in "12" else 4
    return f"{text[:area]}-{text[area:].lstrip('-')}"


class Identifier(Field[str]):
    """The number of an identity document; its type stands in the section's field `type_field`.

    `parse` brings the number into its characters, as far as it has them; `refine` checks it against the type,
    gives the form we store (15 digits become 18) and the warnings. Only there is the type known, so what is
    wrong with the characters is told there, under the name of the chosen document.
    """

    kind = "identifier"

    def __init__(self, label: str, *, type_field: str, **options: Any) -> None:
        super().__init__(label, **options)
        self.type_field = type_field

    def convert(self, raw: object) -> str | None:
        text = readable_number(raw, NUMBER_LABEL)
        try:
            return normalise_number(text, NUMBER_LABEL) or None
        except Invalid:
            return text

    def refine(self, value: str, situation: Situation) -> tuple[str, Sequence[Problem]]:
        document_type = situation.values.get(self.type_field) or DocumentType.RESIDENT_ID
        identifier = parse_identifier(document_type, value, today=situation.today)
        return identifier.number, identifier.warnings

    def manifest(self) -> dict[str, Any]:
        return super().manifest() | {"type_field": self.type_field}


class Computed(Field[str]):
    """A box that the program fills from other facts; whoever tries to write into it is told where to go."""

    kind = "computed"
    computed = True

    def __init__(self, label: str, *, source: str, **options: Any) -> None:
        super().__init__(label, required_at=None, **options)
        self.source = source

    def convert(self, raw: object) -> str | None:
        if isinstance(raw, str) and not raw[:100].strip() and len(raw) <= 100:
            return None
        message = f"{self.label}由系统根据{self.source}汇总，不能直接填写。请留空。"
        raise refuse(ProblemCode.READ_ONLY, message)
