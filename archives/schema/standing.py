"""信用状况: the determination, what it rests on, and what a record may not claim about a person (AY-N1 to AY-N3)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from archives.schema.determination import Determination
from archives.schema.fields import Choice, Computed, Field, Stage, Text
from archives.schema.identifiers import birth_date_of
from archives.schema.kinds.declaration import eighteenth_birthday
from archives.schema.kinds.sections import not_before
from archives.schema.listings import LISTINGS
from archives.schema.problems import Problem, ProblemCode, warning
from archives.schema.sections import Section, Values
from archives.schema.special_fields import DocumentNumber, PastDate, no_document

ONE_PHRASE = "[^。；！？;!?\n]+"
"""What is put into the sentence of a determination must not end it and begin another."""

PROVEN = ("behaviour", "acted_on", "basis_document_no", "issued_by", "basis_document_date")
LISTED = ("listing", "listing_no")
ADVERSE_FIELDS = (*PROVEN, *LISTED)
"""Boxes that belong to an adverse determination alone."""
DETERMINATION_FIELDS = ("ground", *ADVERSE_FIELDS)
"""What is filled in within the cell of the determination; the paper form has no cells for it."""

_DOCUMENTS = ("basis_document_no", "issued_by", "basis_document_date")


class Standing(Section, label="信用状况"):
    """奖惩情况, 信用状况, 备注. None of the boxes that explain an adverse determination has a push name: the
    platform gets the outcome, not the story."""

    awards_and_penalties = Computed("奖惩情况", source="已登记的信用信息条目")
    determination = Determination("信用状况", required_at="seal", push="XYZK")
    ground = Text(
        "认定依据",
        required_at="seal",
        default="法律法规",
        max_length=200,
        pattern=ONE_PHRASE,
        pattern_hint="它要放进认定表述的句子里，请不要写句号或分号。",
        help="写入认定表述“根据……”之后，可改为具体的法律名称和条款",
    )
    behaviour = Text(
        "经查实的行为",
        required_at=None,
        conditional=True,
        max_length=100,
        pattern=ONE_PHRASE,
        pattern_hint="它要放进认定表述的句子里，请只写行为名称，不要写句号或分号。",
        help="只写行为名称，例如“有偿补课”，不写他人姓名",
    )
    acted_on = PastDate("行为发生日期", required_at=None, conditional=True)
    basis_document_no = DocumentNumber("依据文书文号", required_at=None, conditional=True)
    issued_by = Text("文书作出单位", required_at=None, conditional=True, max_length=100)
    basis_document_date = PastDate("文书日期", required_at=None, conditional=True)
    listing = Choice(
        "严重失信名单",
        codes=LISTINGS,
        required_at=None,
        conditional=True,
        help="仅“存在严重失信行为”填写",
    )
    listing_no = DocumentNumber("列入决定文号", required_at=None, conditional=True)
    remarks = Text("备注", required_at=None, max_length=500, multiline=True, disclosure="self")

    @classmethod
    def parse(
        cls, raw: object, *, stage: Stage, year: int, today: dt.date | None = None
    ) -> tuple[Values, list[Problem]]:
        values, problems = super().parse(raw, stage=stage, year=year, today=today)
        if values and stage != "draft":
            refused = {problem.field for problem in problems if problem.severity == "error"}
            problems += [one for one in cls._unfit(values) if one.field not in refused]
        return values, problems

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        """A document younger than the act, an act not younger than the year; of drafts too."""
        acted = values.get("acted_on")
        if acted and acted.year > year:
            message = f"行为发生日期晚于 {year} 年。请核对日期，或记入 {acted.year} 年度的档案。"
            yield Problem(ProblemCode.DATE_AFTER_YEAR, message, field="acted_on")
        yield from not_before(cls, values, "basis_document_date", "acted_on")

    @classmethod
    def _unfit(cls, values: Values) -> Iterable[Problem]:
        """What the outcome lacks, and what doesn't belong to it, once the record is handed on."""
        outcome = values["determination"]
        needed = _needed(outcome)
        for name in ADVERSE_FIELDS:
            field, given = cls.fields[name], values.get(name) is not None
            if name in needed and not given:
                yield _missing(field)
            elif given and name not in needed:
                label = Determination.outcome(outcome)
                message = f"认定为“{label}”的，不填写{field.label}。请清空此项，或核对信用状况的选择。"
                yield Problem(ProblemCode.DETAILS_UNEXPECTED, message, field=name)


def is_adverse(outcome: str | None) -> bool:
    """Whether a determination tells against the person."""
    return outcome in (Determination.WARNING, Determination.SERIOUS)


def age_problems(identity: Mapping[str, Any], standing: Mapping[str, Any]) -> Iterable[Problem]:
    """An act of a minor must not be kept, not even in a draft (R404); where the document tells no birth date
    it is only said that somebody has to look."""
    acted, number = standing.get("acted_on"), identity.get("document_number")
    if acted is None or not number or not is_adverse(standing.get("determination")):
        return
    born = birth_date_of(identity.get("document_type") or "", number)
    if born is None:
        message = "证件号码不含出生日期，无法核对行为发生时是否已满 18 周岁。请查验证件后再确认。"
        yield warning(ProblemCode.AGE_UNPROVEN, message, "acted_on")
    elif acted <= eighteenth_birthday(born):
        message = "行为发生时本人未满 18 周岁，不得据此认定。请核对日期；日期无误的，请改回“守信”。"
        yield Problem(ProblemCode.MINOR, message, field="acted_on")


def _needed(outcome: str | None) -> tuple[str, ...]:
    if outcome == Determination.SERIOUS:
        return ADVERSE_FIELDS
    return PROVEN if is_adverse(outcome) else ()


def _missing(field: Field[Any]) -> Problem:
    if field.name in _DOCUMENTS:
        return no_document(field)
    if field.name in LISTED:
        message = (
            f"请{field.verb}{field.label}：只有依法列入严重失信名单的，才能认定为存在严重失信行为；"
            "没有列入的，请核对信用状况的选择。"
        )
        return Problem(ProblemCode.LISTING_MISSING, message, field=field.name)
    return field.missing()
