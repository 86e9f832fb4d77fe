"""What is written down of a dated fact. Every kind has the day and the content; 内容 is free text and, like
every box of several lines, never leaves the agency."""

import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

from archives.schema.calendar_text import months_later
from archives.schema.fields import Choice, Date, Stage, Text
from archives.schema.kinds import codes
from archives.schema.problems import Problem, ProblemCode
from archives.schema.sections import COLUMNS, Layout, Section, Values
from archives.schema.special_fields import Certificate, Count, DocumentNumber, PastDate

DOCUMENT_FIELDS = ("document_no", "issued_by", "document_date")


class Fact(Section, label="条目内容"):
    """A fact without a document. `settled_later` marks facts of a year that are told in the next;
    `may_be_adverse` those that, by their values, may tell against the person; `listed` those that stand on a
    list for as long as nobody takes them off; `public_form` is the beginning of the names of a 双公示 form (CF, XK);
    `act_box` has the day of the act where `occurred_on` is the day on which it was taken up or found."""

    settled_later: ClassVar[bool] = False
    may_be_adverse: ClassVar[bool] = False
    listed: ClassVar[bool] = False
    public_form: ClassVar[str] = ""
    act_box: ClassVar[str] = "occurred_on"

    occurred_on = PastDate("发生日期", required_at="draft", push="FSRQ")
    content = Text(
        "内容", max_length=1000, multiline=True, disclosure="self", help="不写无关的他人姓名、病情等"
    )

    @classmethod
    def adverse(cls, values: Values) -> bool:
        """Whether these values tell against the person."""
        return False

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        """The last day of a fact that has an end of its own, whatever the rules of the place say."""
        return None

    @classmethod
    def rows(cls) -> Layout:
        """Two boxes in a row; those of several lines stand alone, at the end."""
        long = [name for name, field in cls.fields.items() if isinstance(field, Text) and field.multiline]
        short = [name for name in cls.fields if name not in long]
        pairs = [short[start : start + 2] for start in range(0, len(short), 2)]
        rows = [*pairs, *([name] for name in long)]
        return tuple(tuple((name, COLUMNS // len(row)) for name in row) for row in rows)

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        occurred = values.get("occurred_on")
        label = cls.fields["occurred_on"].label
        if occurred and occurred.year > year and not cls.settled_later:
            message = f"{label}晚于 {year} 年。请核对日期，或记入 {occurred.year} 年度的档案。"
            yield Problem(ProblemCode.DATE_AFTER_YEAR, message, field="occurred_on")
        yield from not_before(cls, values, "document_date", "occurred_on")


def not_before(section: type[Section], values: Values, later: str, earlier: str) -> Iterable[Problem]:
    """`date_order` when the day in the box `later` lies before the one in `earlier`."""
    first, second = values.get(earlier), values.get(later)
    if first and second and second < first:
        message = f"{section.fields[later].label}早于{section.fields[earlier].label}。请核对两个日期。"
        yield Problem(ProblemCode.DATE_ORDER, message, field=later)


class MaybeDocumented(Fact):
    """A fact that may rest on a document, and must as soon as it tells against the person."""

    document_no = DocumentNumber("文书文号", required_at=None, push="WSWH")
    issued_by = Text("作出单位", required_at=None, max_length=100, push="ZCDW")
    document_date = PastDate("文书日期", required_at=None, push="WSRQ")


class Documented(Fact):
    """A fact that rests on a document."""

    document_no = DocumentNumber("文书文号", push="WSWH")
    issued_by = Text("作出单位", max_length=100, push="ZCDW")
    document_date = PastDate("文书日期", push="WSRQ")


class Adverse(Documented):
    """A fact against the person. 失信程度 is the sector authority's word under a standard of its own, never worked out
    here; the day the act ended is what its years of disclosure count from (河南省社会信用条例 19, 山东省 38)."""

    severity = Choice("失信程度", codes=codes.SEVERITIES, required_at=None, push="SXCD")
    severity_standard = Text(
        "失信程度的认定标准",
        required_at=None,
        max_length=100,
        push="SXCDBZ",
        help="主管部门公布的标准名称和版本",
    )
    ended_on = PastDate("行为终止日期", required_at=None, push="ZZRQ")

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "ended_on", "occurred_on")
        decided, standard = values.get("severity"), values.get("severity_standard")
        if stage != "draft" and decided and not standard:
            message = (
                "失信程度由主管部门按其公布的标准认定。请填写认定标准；文书没有认定程度的，请清空失信程度。"
            )
            yield Problem(ProblemCode.REQUIRED, message, field="severity_standard")
        elif stage != "draft" and standard and not decided:
            message = "填写了认定标准，但没有选择失信程度。请补选，或清空此项。"
            yield Problem(ProblemCode.REQUIRED, message, field="severity")


class Award(Documented):
    occurred_on = PastDate("表彰日期", required_at="draft", push="FSRQ")
    title = Text("奖励名称", max_length=100, push="JLMC")
    level = Choice("级别", codes=codes.LEVELS, push="JLJB")


class Assessment(MaybeDocumented):
    """The result of a year, told in the next."""

    settled_later = True
    may_be_adverse = True
    occurred_on = PastDate("认定日期", required_at="draft", push="FSRQ")
    assessed_year = Text(
        "考核年度", pattern="(?:19|20)[0-9]{2}", pattern_hint="请填写四位年份，例如 2026。", push="KHND"
    )
    result = Choice("考核结果", codes=codes.ASSESSMENTS, push="KHJG")

    @classmethod
    def adverse(cls, values: Values) -> bool:
        return values.get("result") == "failed"


class Training(Fact):
    occurred_on = PastDate("结束日期", required_at="draft", push="FSRQ")
    course = Text("培训名称", max_length=100, push="PXMC")
    organiser = Text("组织单位", required_at=None, max_length=100, push="PXDW")
    hours = Count("学时", required_at=None, push="PXXS")


class Change(MaybeDocumented):
    occurred_on = PastDate("登记日期", required_at="draft", push="FSRQ")
    change = Choice("变更类型", codes=codes.CHANGES, push="BGLX")
    matter = Text("资质或证书名称", max_length=100, push="ZZMC")


class Qualification(MaybeDocumented):
    """资格资质 (ZD-09, E10), which counts until the day on which it ends."""

    occurred_on = PastDate("取得或注册日期", required_at="draft", push="FSRQ")
    matter = Text("资格或证书名称", max_length=100, push="ZZMC")
    qualification_no = Certificate("证书编号", required_at=None, push="ZSBH")
    grade_of = Text("等级", required_at=None, max_length=30, push="ZSDJ")
    valid_to = Date("有效期至", required_at=None, push="ZSYXQZ", help="长期有效的留空")
    qualified = Choice("证书状态", codes=codes.QUALIFICATION_STATES, push="ZSZT")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        until: dt.date | None = values.get("valid_to")
        return until

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "valid_to", "occurred_on")


class GoodRecord(MaybeDocumented):
    """优良信用记录 (PD-31, ZD-33): who recommends it stands beside it."""

    occurred_on = PastDate("推荐或认定日期", required_at="draft", push="FSRQ")
    deed = Text("事迹名称", max_length=100, push="YLMC")
    good_ground = Choice("来源", codes=codes.GROUNDS, push="YLLY")
    recommender = Text("推荐单位", max_length=100, push="TJDW")


class Inspection(MaybeDocumented):
    may_be_adverse = True
    occurred_on = PastDate("检查日期", required_at="draft", push="FSRQ")
    matter = Text("检查事项", max_length=100, push="JCSX")
    result = Choice("检查结果", codes=codes.CHECK_RESULTS, push="JCJG")

    @classmethod
    def adverse(cls, values: Values) -> bool:
        return values.get("result") == "failed"


class Discipline(Adverse):
    """党纪政务处分 (GZ-07). It counts no longer than it is in force: 政务处分法 7 and 8 give the months; those of the
    Party's sanctions are not known here, so their end is filled in. Expulsion has none."""

    months_in_force: ClassVar[dict[str, int]] = {
        "warning": 6,
        "demerit": 12,
        "serious_demerit": 18,
        "demotion": 24,
        "dismissal": 24,
    }
    sanction = Choice("处分种类", codes=codes.SANCTIONS)
    effective_until = Date("影响期满日期", required_at=None, help="政务处分留空的，按法定期限计算")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        until: dt.date | None = values.get("effective_until")
        months, decided = cls.months_in_force.get(values.get("sanction") or ""), values.get("document_date")
        return months_later(decided, months) if until is None and months and decided else until

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "effective_until", "document_date")
        sanction = values.get("sanction") or ""
        bounded = sanction.startswith("party_") and sanction != "party_expulsion"
        if bounded and stage != "draft" and values.get("effective_until") is None:
            message = "党纪处分请填写影响期满日期：期满后本条不再展示和使用。"
            yield Problem(ProblemCode.REQUIRED, message, field="effective_until")


class IndustrySanction(Adverse):
    measure = Text("惩戒或处罚种类", max_length=100, push="CJZL")
    ground = Text("依据条款", max_length=200, push="CJYJ")


class Breach(Adverse):
    behaviour = Text("行为名称", max_length=100, push="XWMC", help="用文书上的名称")
    ground = Text("依据条款", max_length=200, push="XWYJ")


class ContractBreach(Adverse):
    document_no = DocumentNumber("裁判、仲裁或其他生效文书文号", push="WSWH")
    behaviour = Text("违约事项", max_length=100, push="XWMC")


class Defaulter(Adverse):
    """失信被执行人: only what the court's own list says."""

    listed = True
    occurred_on = PastDate("列入日期", required_at="draft", push="FSRQ")
    document_no = DocumentNumber("执行案号", push="WSWH")
    issued_by = Text("执行法院", max_length=100, push="ZCDW")
    document_date = PastDate("决定日期", push="WSRQ")
    removed_on = PastDate("移出日期", required_at=None, push="YCRQ")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        removed: dt.date | None = values.get("removed_on")
        return removed

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        for problem in super().check(values, stage=stage, year=year, today=today):
            # the court decides first and lists afterwards, the other way round than with any other fact
            if problem.code != ProblemCode.DATE_ORDER or problem.field != "document_date":
                yield problem
        yield from not_before(cls, values, "occurred_on", "document_date")
        yield from not_before(cls, values, "removed_on", "occurred_on")


class FoundLater(MaybeDocumented):
    """A fact whose day is that on which the act was taken up or found, not that of the act (R404)."""

    act_box = "acted_on"
    acted_on = PastDate(
        "行为发生日期", required_at=None, conditional=True, help="查实的必填；持续的填开始之日"
    )

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "occurred_on", "acted_on")


class Complaint(FoundLater):
    """受到投诉申诉情况 (AY-07), which stays between unit and person. What isn't determined yet tells nothing against
    anybody."""

    may_be_adverse = True
    occurred_on = PastDate("受理日期", required_at="draft")
    form = Choice("类型", codes=codes.COMPLAINT_FORMS)
    matter = Text("事由", max_length=100)
    outcome = Choice("办理结果", codes=codes.COMPLAINT_OUTCOMES, required_at="seal")

    @classmethod
    def adverse(cls, values: Values) -> bool:
        return values.get("outcome") in ("upheld", "partly")


class Activity(Fact):
    """业务信息, 社会服务信息, 社会公益活动: something done."""

    activity = Text("名称", max_length=100, push="HDMC")
    organiser = Text("委托或组织单位", required_at=None, max_length=100, push="HDDW")
    hours = Count("时长（小时）", required_at=None, push="HDSC")


class Integrity(Fact):
    """廉政记录 (E5) but for sanctions, which are a kind of their own. Stays with unit and person."""

    matter = Choice("事项", codes=codes.INTEGRITY)


class Conduct(FoundLater):
    """职业规范遵守情况 (E11 of GZ-A04)."""

    may_be_adverse = True
    occurred_on = PastDate("认定日期", required_at="draft", push="FSRQ")
    rule = Text("规范名称", max_length=100, push="GFMC")
    result = Choice("遵守情况", codes=codes.CONDUCT, push="ZSQK")

    @classmethod
    def adverse(cls, values: Values) -> bool:
        return values.get("result") == "breached"


class Rating(Documented):
    """行业信用评价: the result of the sector authority under its own standard (河南省 57, 山东省 26). We
    neither compute nor compare it."""

    settled_later = True
    occurred_on = PastDate("评价日期", required_at="draft", push="FSRQ")
    grade = Text("评价结果", max_length=30, push="PJJG")
    standard = Text("评价标准及版本", max_length=100, push="PJBZ")
    valid_until = Date("有效期至", required_at=None, push="PJYXQ")

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "valid_until", "occurred_on")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        until: dt.date | None = values.get("valid_until")
        return until


class Commitment(MaybeDocumented):
    """信用承诺及履行 (LL-32, PD-05); a breach needs the document that found it."""

    may_be_adverse = True
    occurred_on = PastDate("承诺日期", required_at="draft", push="FSRQ")
    commitment = Choice("承诺类型", codes=codes.COMMITMENTS, push="CNLX")
    received_by = Text("受理或存档单位", required_at=None, max_length=100, push="CNSLDW")
    matter = Text("承诺事项", max_length=100, push="CNSX")
    due_on = Date("履行期限", required_at=None, push="LXQX")
    state = Choice("履行状态", codes=codes.KEPT, push="LXZT")
    checked_on = PastDate("核查日期", required_at=None, push="HCRQ")

    @classmethod
    def adverse(cls, values: Values) -> bool:
        return values.get("state") == "broken"

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "due_on", "occurred_on")
        yield from not_before(cls, values, "checked_on", "occurred_on")
        if stage != "draft" and values.get("state") in ("kept", "broken") and not values.get("checked_on"):
            message = "承诺已履行或未履行的，请填写核查日期。"
            yield Problem(ProblemCode.REQUIRED, message, field="checked_on")
