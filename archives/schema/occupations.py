"""Occupations: what the record of a key professional group 重点人群 contains.

`Occupation` is the paper form of 安县信用办〔2022〕5号 (AY-F06 to AY-F19), the same for every group. A
profession adds sections of its own; they stand after 工作职责.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

from archives.schema import codes
from archives.schema.contents import SIX_CONTENTS, Content, kinds_of
from archives.schema.fields import (
    STAGES,
    Choice,
    Field,
    Identifier,
    Json,
    Month,
    Name,
    Phone,
    Stage,
    Text,
)
from archives.schema.identifiers import DocumentType, birth_date_of, sex_of
from archives.schema.problems import Problem, ProblemCode, warning
from archives.schema.sections import Layout, Section, Values, unknown_name
from archives.schema.standing import DETERMINATION_FIELDS, Standing, age_problems

Record = dict[str, Any]
"""Section name to `Values`, or to a list of them for a section that repeats."""

YOUNGEST_PRACTICE = 14
WORKING_AGES = range(16, 101)


class Occupation:
    """The base record. Subclass it in the app of the responsible department and decorate with `register`.

    `code` is stable and never reused; `department` is a department's code. Names of fields are unique
    within an occupation, so that forms, tables and layouts may call them without their section.

    `contents` are the headings under which sections and kinds of item belong, in the order of the notice;
    `kinds` the codes of the kinds that the record may hold, worked out from them. `must_record` are kinds
    whose entry the notice makes a duty, which no pack may switch off.

    `former_labels` are the names that the group bore in its place, each with the moment until which it did.

    `whole` is set on a class that is one writer's part of another (`archives.schema.parts`): the class it is part of.
    """

    code: ClassVar[str] = ""
    label: ClassVar[str] = ""
    department: ClassVar[str] = ""
    sections: ClassVar[dict[str, type[Section]]] = {}
    contents: ClassVar[tuple[Content, ...]] = SIX_CONTENTS
    kinds: ClassVar[tuple[str, ...]] = kinds_of(SIX_CONTENTS)
    must_record: ClassVar[tuple[str, ...]] = ()
    whole: ClassVar["type[Occupation] | None"] = None
    former_labels: ClassVar[tuple[tuple[str, dt.datetime], ...]] = ()

    class Identity(Section, label="个人基本信息"):
        name = Name("姓名", required_at="draft", push="XM")
        sex = Choice("性别", codes=codes.SEX, push="XB")
        political_status = Choice("政治面貌", codes=codes.POLITICAL_STATUS, disclosure="self")
        education = Choice("学历", codes=codes.EDUCATION, push="XL")
        document_type = Choice(
            "证件类型",
            codes=codes.DOCUMENT_TYPES,
            required_at="draft",
            default=DocumentType.RESIDENT_ID.value,
            push="ZJLX",
        )
        document_number = Identifier(
            "身份证号",
            type_field="document_type",
            required_at="draft",
            disclosure="self",
            push="ZJHM",
            sensitive=True,
            help="18 位，末位如为字母请填 X",
        )
        phone = Phone("联系电话", disclosure="self", push="LXDH", sensitive=True)

        @classmethod
        def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
            number = values.get("document_number")
            if not number:
                return
            document_type, sex = values["document_type"] or "", values.get("sex")
            told = sex_of(document_type, number)
            if told and sex in ("1", "2") and sex != told:
                message = "性别与身份证号第 17 位不一致。请对照证件核对。"
                yield warning(ProblemCode.SEX_MISMATCH, message, "sex")
            born = birth_date_of(document_type, number)
            if born and year - born.year not in WORKING_AGES:
                message = f"按证件号码，此人 {year} 年为 {year - born.year} 岁。请核对号码。"
                yield warning(ProblemCode.AGE_UNUSUAL, message, "document_number")

    class Employment(Section, label="从业信息"):
        title = Text("职称", required_at=None, max_length=50, push="ZC")
        post = Text("职务", required_at=None, max_length=50, push="ZW")
        employer = Text("工作单位", max_length=100, push="GZDW")
        practice_since = Month("从业起始时间", push="CYQSSJ", help="例如 2008-09")
        duties = Text("工作职责", max_length=500, multiline=True, push="GZZZ")

        @classmethod
        def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
            since = values.get("practice_since")
            if since and since > min(f"{year}-12", f"{today:%Y-%m}"):
                message = f"从业起始时间晚于 {year} 年度或今天。请核对。"
                yield Problem(ProblemCode.PRACTICE_IN_FUTURE, message, field="practice_since")

    Standing = Standing

    determination_fields: ClassVar[tuple[str, ...]] = DETERMINATION_FIELDS
    """Shown within the cell of the determination, not in cells of their own."""
    opening: ClassVar[Layout] = (
        (("name", 2), ("sex", 2), ("political_status", 2)),
        (("education", 2), ("title", 2), ("post", 2)),
        (("document_number", 3), ("phone", 3)),
        (("employer", 3), ("practice_since", 3)),
        (("duties", 6),),
    )
    closing: ClassVar[Layout] = ((("awards_and_penalties", 6),), (("determination", 6),), (("remarks", 6),))

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.sections = _sections_of(cls)
        cls.kinds = kinds_of(cls.contents)

    @classmethod
    def label_at(cls, moment: dt.datetime) -> str:
        """The name of the group at a moment."""
        return next((label for label, until in cls.former_labels if moment < until), cls.label)

    @classmethod
    def outline(cls) -> list[tuple[Content, dict[str, type[Section]]]]:
        """The contents in order, each with its sections. Own sections that no content names stand with the
        employment; 信用状况 stands under none, as it is the determination about all of them."""
        named = {name for content in cls.contents for name in content.sections}
        loose = [name for name in cls.own_sections() if name not in named]
        found = []
        for content in cls.contents:
            names = [*content.sections, *(loose if "employment" in content.sections else ())]
            found.append((content, {name: cls.sections[name] for name in names}))
        return found

    @classmethod
    def own_sections(cls) -> dict[str, type[Section]]:
        """The sections this profession has beyond the paper form."""
        return {name: section for name, section in cls.sections.items() if name not in Occupation.sections}

    @classmethod
    @cache
    def fields(cls) -> Mapping[str, Field[Any]]:
        """All fields by name, but for those of repeating sections."""
        return {
            name: field
            for section in cls.sections.values()
            if not section.repeats
            for name, field in section.fields.items()
        }

    @classmethod
    @cache
    def asked_for(cls, year: int) -> list[tuple[str, Field[Any]]]:
        """The boxes of a year, with their sections, that must be filled in before a record is handed on."""
        rank = STAGES.index("submit")
        return [
            (name, field)
            for name, section in cls.sections.items()
            if not section.repeats
            for field in section.fields.values()
            if field.required(rank) and field.applies_in(year) and not field.computed
        ]

    @classmethod
    def layout(cls) -> Layout:
        """Rows of (field name, columns of six) in the order of the paper form, own sections after 工作职责.

        证件类型 is not on the paper: it belongs into the cell of the field whose `type_field` it is. Nor are the
        `determination_fields`: they belong into the cell of the determination.
        """
        own = (
            row for section in cls.own_sections().values() if not section.repeats for row in section.rows()
        )
        return (*cls.opening, *own, *cls.closing)

    @classmethod
    def check(cls, record: Record, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        """Rules between sections."""
        identity, employment = record["identity"], record["employment"]
        number, since = identity.get("document_number"), employment.get("practice_since")
        born = birth_date_of(identity["document_type"] or "", number) if number else None
        if born and since and since < f"{born.year + YOUNGEST_PRACTICE}-{born.month:02}":
            message = f"从业起始时间早于 {YOUNGEST_PRACTICE} 周岁。请核对从业起始时间和证件号码。"
            yield Problem(ProblemCode.PRACTICE_TOO_EARLY, message, field="practice_since")
        yield from age_problems(identity, record.get("standing") or {})

    @classmethod
    def parse(
        cls, raw: object, *, stage: Stage, year: int, today: dt.date | None = None
    ) -> tuple[Record, list[Problem]]:
        """`raw`, section name to a mapping of fields (or rows of them), and all that is wrong with it."""
        if not isinstance(raw, Mapping):
            return {}, [Problem(ProblemCode.TYPE, f"“{cls.label}”档案应为一组栏目。", level="record")]
        today = today or dt.date.today()
        problems = [unknown_name(name, cls.label) for name in list(raw.keys() - cls.sections.keys())[:20]]
        record: Record = {}
        for name, section in cls.sections.items():
            read = section.parse_rows if section.repeats else section.parse
            record[name], found = read(
                raw.get(name, () if section.repeats else {}), stage=stage, year=year, today=today
            )
            problems += found
        if all(record.get(name) for name in ("identity", "employment")):
            problems += cls.check(record, stage=stage, year=year, today=today)
        return record, problems

    @classmethod
    def dump(cls, record: Mapping[str, Any]) -> dict[str, Any]:
        """JSON form kept in the database."""
        return {
            name: [section.dump(row) for row in record[name]]
            if section.repeats
            else section.dump(record[name])
            for name, section in cls.sections.items()
            if name in record
        }

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Record:
        """What `dump` wrote."""
        return {
            name: [section.load(row) for row in stored[name]]
            if section.repeats
            else section.load(stored[name])
            for name, section in cls.sections.items()
            if name in stored
        }

    @classmethod
    def payload(cls, record: Mapping[str, Any], *, year: int) -> dict[str, Json]:
        """What the municipal platform gets: every push name of the year, null when blank."""
        return {
            field.push: field.payload(record[name].get(field.name))
            for name, section in cls.sections.items()
            if not section.repeats
            for field in section.fields.values()
            if field.push and field.applies_in(year)
        }


def _sections_of(occupation: type[Occupation]) -> dict[str, type[Section]]:
    """Section classes by snake-case name: the base's, then own ones, with the closing part of the paper
    form last."""
    found: dict[str, type[Section]] = {}
    for owner in reversed(occupation.__mro__):
        for name, value in vars(owner).items():
            if isinstance(value, type) and issubclass(value, Section):
                found[re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()] = value
    found["standing"] = found.pop("standing")
    return found


Occupation.sections = _sections_of(Occupation)
