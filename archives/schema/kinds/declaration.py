"""信用信息条目: one declared kind of dated fact.

A kind says what is written down of such a fact, on what basis, for whom, how often, and what it needs before
it may count against anybody. Without a basis it can't be registered; `KindRegistry` refuses it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from archives.schema.fields import STAGES, Disclosure, Json, Stage
from archives.schema.kinds.sections import DOCUMENT_FIELDS, Fact
from archives.schema.problems import Problem, ProblemCode, warning
from archives.schema.sections import Layout, Values
from archives.schema.special_fields import no_document

Polarity = Literal["positive", "neutral", "negative"]
Cadence = Literal["annual", "quarterly", "monthly"]
MAJORITY = 18
HEADLINE = (
    "title", "deed", "level", "course", "measure", "behaviour", "sanction", "types", "licensed", "change", "matter",
    "activity", "rule", "good_ground", "assessed_year", "result", "outcome", "grade", "state", "decision",
)  # fmt: skip
"""Boxes that say what a fact is about, the telling ones first; a summary shows two of them."""


class Category(StrEnum):
    """The six contents of the notice, part 三(二)."""

    BASIC = "basic"  # AY-03
    EMPLOYMENT = "employment"  # AY-04
    AWARD_OR_PENALTY = "award_or_penalty"  # AY-05
    BREACH = "breach"  # AY-06
    COMPLAINT = "complaint"  # AY-07
    OTHER = "other"  # AY-08

    @property
    def label(self) -> str:
        return _CATEGORY_LABELS[self]


class Source(StrEnum):
    """Where a fact comes from: the six sources of AY-13, and the filing the archive began with."""

    SUPERVISION = "supervision"
    SPOT_CHECK = "spot_check"
    REGISTRATION_CHANGE = "registration_change"
    ANNUAL_ASSESSMENT = "annual_assessment"
    COMMENDATION = "commendation"
    SANCTION = "sanction"
    ORIGINAL_FILING = "original_filing"

    @property
    def label(self) -> str:
        return _SOURCE_LABELS[self]


_CATEGORY_LABELS = {
    Category.BASIC: "个人基本信息",
    Category.EMPLOYMENT: "从业信息",
    Category.AWARD_OR_PENALTY: "奖惩情况信息",
    Category.BREACH: "相关违法违纪违约信息",
    Category.COMPLAINT: "受到投诉申诉情况信息",
    Category.OTHER: "其他能反映其信用状况的信息",
}
_SOURCE_LABELS = {
    Source.SUPERVISION: "日常监管",
    Source.SPOT_CHECK: "抽查检查",
    Source.REGISTRATION_CHANGE: "登记变更",
    Source.ANNUAL_ASSESSMENT: "年度考核",
    Source.COMMENDATION: "表彰奖励",
    Source.SANCTION: "处罚处分",
    Source.ORIGINAL_FILING: "建档采集",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """A place in a law, regulation or notice that lets the fact be kept: 《document》 and article. `place`: where the
    document holds, as the beginning of a place's code; blank for the whole country."""

    document: str
    article: str
    place: str = ""

    def __str__(self) -> str:
        return f"《{self.document}》{self.article}"


@dataclass(frozen=True, kw_only=True, eq=False)
class ItemKind:
    """A kind of dated fact.

    `code` is stable and never reused. `section` holds its boxes. `deliverable`: whether the municipal
    platform gets it; boxes without push name and free text never go there. `disclosure` is the widest circle
    by default; nothing about a person is public. A negative kind needs document and evidence (AY-N3).
    """

    code: str
    label: str
    category: Category
    polarity: Polarity
    source: Source
    section: type[Fact]
    legal_basis: tuple[Basis, ...]
    retention: str
    cadence: Cadence = "quarterly"
    needs_document: bool = False
    needs_evidence: bool = False
    deliverable: bool = True
    disclosure: Disclosure = "authorised"

    def __repr__(self) -> str:
        return f"<ItemKind {self.code} {self.label}>"

    def parse(
        self,
        raw: object,
        *,
        stage: Stage,
        birth_date: dt.date | None,
        year: int,
        today: dt.date | None = None,
    ) -> tuple[Values, list[Problem]]:
        """`raw`, box names to scalars, as values, and everything that is wrong with it; never raises.

        `birth_date` is the person's (None: the document doesn't tell); `year` that of the archive. Refusals
        for an act before majority (R404) and for simple procedure (R403) hold for drafts as well: such a fact
        must not be kept at all.
        """
        values, problems = self.section.parse(raw, stage=stage, year=year, today=today)
        if values and self.adverse(values):
            problems += self._about_age(values, birth_date)
            problems += self._about_act(values, stage)
            problems += self._about_document(values, stage)
        return values, _without_echoes(problems)

    def bases_in(self, place: str) -> list[Basis]:
        """The documents that hold in the place of this code. Empty: there such a fact must not be kept (PD-19)."""
        return [one for one in self.legal_basis if place.startswith(one.place)]

    @property
    def may_be_adverse(self) -> bool:
        """Whether some fact of this kind tells against the person."""
        return self.polarity == "negative" or self.section.may_be_adverse

    def adverse(self, values: Values) -> bool:
        """Whether a fact with these values tells against the person."""
        return self.polarity == "negative" or self.section.adverse(values)

    def evidence_needed(self, values: Values) -> bool:
        """Whether evidence must be attached before such a fact is confirmed (AY-N3)."""
        return self.needs_evidence or self.adverse(values)

    def rows(self) -> Layout:
        """Rows of (box, columns of six) for page and print."""
        return self.section.rows()

    def summary(self, values: Mapping[str, Any]) -> str:
        """One line: the day, the kind and what it is about, with the document; for lists and 奖惩情况."""
        fields = self.section.fields
        about = [
            text
            for name in HEADLINE
            if name in fields and (text := fields[name].masked(values.get(name)).strip())
        ]
        day = values.get("occurred_on")
        start = f"{day} {self.label}" if day else self.label
        document = " ".join(str(values[name]) for name in ("issued_by", "document_no") if values.get(name))
        told = "，".join(about[:2]) or self.label
        return f"{start}：{told}" + (f"（{document}）" if document else "")

    def dump(self, values: Mapping[str, Any]) -> dict[str, Json]:
        """JSON form kept in the database."""
        return self.section.dump(values)

    def load(self, stored: Mapping[str, Json]) -> Values:
        """What `dump` wrote."""
        return self.section.load(stored)

    def payload(self, values: Mapping[str, Any], *, year: int) -> dict[str, Json]:
        """What the municipal platform gets of it; the caller adds the person. Empty when not deliverable."""
        if not self.deliverable:
            return {}
        return {
            field.push: field.payload(values.get(field.name))
            for field in self.section.fields.values()
            if field.push and field.applies_in(year)
        }

    def manifest(self, year: int) -> dict[str, Any]:
        """What must not change once a fact of that year is sealed, as plain JSON data."""
        return {
            "item": self.code,
            "label": self.label,
            "category": self.category.value,
            "polarity": self.polarity,
            "deliverable": self.deliverable,
            "fields": [
                {"name": field.name, **field.manifest()}
                for field in self.section.fields.values()
                if field.applies_in(year)
            ],
        }

    def digest(self, year: int) -> str:
        """SHA-256 of the manifest's canonical JSON, in hexadecimal."""
        text = json.dumps(self.manifest(year), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def _about_age(self, values: Values, birth_date: dt.date | None) -> list[Problem]:
        box = self.section.act_box if values.get(self.section.act_box) else "occurred_on"
        acted = values.get(box)
        if acted is None:
            return []
        if birth_date is None:
            message = "证件号码不含出生日期，无法核对行为发生时是否已满 18 周岁。请查验证件后再确认。"
            return [warning(ProblemCode.AGE_UNPROVEN, message, box)]
        if acted > eighteenth_birthday(birth_date):
            return []
        message = "行为发生时本人未满 18 周岁，失信信息不得归集。请不要录入本条；日期有误的请更正。"
        return [Problem(ProblemCode.MINOR, message, field=box)]

    def _about_act(self, values: Values, stage: Stage) -> list[Problem]:
        """Majority is judged by the day of the act; where `occurred_on` is another day, it has a box of its own."""
        box = self.section.act_box
        early = STAGES.index(stage) < STAGES.index("submit")
        if early or box == "occurred_on" or values.get(box) is not None:
            return []
        label = self.section.fields[box].label
        message = f"请填写{label}：须核对行为发生时是否已满 18 周岁。"
        return [Problem(ProblemCode.REQUIRED, message, field=box)]

    def _about_document(self, values: Values, stage: Stage) -> list[Problem]:
        if STAGES.index(stage) < STAGES.index("submit"):
            return []
        fields = self.section.fields
        return [
            no_document(fields[name])
            for name in DOCUMENT_FIELDS
            if name in fields and fields[name].required_at is None and values.get(name) is None
        ]


def eighteenth_birthday(birth_date: dt.date) -> dt.date:
    """A person is of age from the day after it (that a year of age is complete on the day after the birthday
    is the courts' way of counting); 29 February counts as 1 March."""
    try:
        return birth_date.replace(year=birth_date.year + MAJORITY)
    except ValueError:
        return dt.date(birth_date.year + MAJORITY, 3, 1)


_ECHOES = (ProblemCode.PENALTY_INCOMPLETE, ProblemCode.LEGAL_DOCUMENT_MISSING)


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """A value that was refused is not called missing as well."""
    refused = {p.field for p in problems if p.severity == "error" and p.code not in _ECHOES}
    return [p for p in problems if p.code not in _ECHOES or p.field not in refused]
