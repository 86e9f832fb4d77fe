"""行政处罚 of a natural person, in the fields of the 双公示 form (发改办财金〔2018〕424号).

Names (CF_…) are the form's. Left out: what concerns organisations only, the person's name and document,
which delivery adds from the archive, and 公示截止期, as penalties on people are not published.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from archives.schema.fields import Choice, Date, Stage, Text
from archives.schema.kinds import codes
from archives.schema.kinds.sections import Adverse, not_before
from archives.schema.problems import Problem, ProblemCode, warning
from archives.schema.sections import Values
from archives.schema.special_fields import Amount, Choices, DocumentNumber, OrganisationCode, PastDate

LARGEST_USUAL_FINE = Decimal(1000)
"""万元; beyond it the amount was probably typed in 元 (R206)."""

_CONFISCATED = {"confiscated_gains", "confiscated_goods"}
_LICENCE = {"licence_suspended", "licence_revoked"}
_GOES_WITH: dict[str, tuple[set[str], str]] = {
    "fine": ({"fine"}, "罚款"),
    "confiscated": (_CONFISCATED, "没收"),
    "licence": (_LICENCE, "暂扣或吊销许可证件"),
}
"""Box to the kinds of penalty that it belongs to (R207)."""


class AdministrativePenalty(Adverse, label="行政处罚"):
    """Simple-procedure penalties on people are refused at every stage, a draft included (河南省社会信用条例
    13, 山东省 13; R403)."""

    public_form = "CF"
    occurred_on = PastDate("违法行为发生日期", required_at="draft", push="FSRQ")
    document_no = DocumentNumber("行政处罚决定书文号", push="CF_WSH")
    issued_by = Text("处罚机关", max_length=200, push="CF_CFJG")
    issuer_code = OrganisationCode("处罚机关统一社会信用代码", required_at=None, push="CF_CFJGDM")
    document_date = PastDate("处罚决定日期", push="CF_JDRQ")
    procedure = Choice("处罚程序", codes=codes.PROCEDURES, required_at="draft")
    violation = Text("违法行为类型", max_length=500, push="CF_WFXW")
    facts = Text("违法事实", max_length=1000, push="CF_SY", help="隐去他人姓名、病情等隐私")
    ground = Text("处罚依据", max_length=500, push="CF_YJ")
    types = Choices("处罚类别", codes=codes.PENALTY_TYPES, push="CF_CFLB")
    decision = Text("处罚内容", max_length=1000, push="CF_NR")
    fine = Amount("罚款金额（万元）", required_at=None, push="CF_NR_FK")
    confiscated = Amount("没收违法所得、没收非法财物的金额（万元）", required_at=None, push="CF_NR_WFFF")
    licence = Text("暂扣或吊销证照名称及编号", required_at=None, max_length=200, push="CF_NR_ZKDX")
    valid_until = Date("处罚有效期", required_at=None, push="CF_YXQ", help="长期有效填 2099-12-31")

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        if values.get("procedure") == "simple":
            message = "对自然人按简易程序作出的处罚不得归集。请不要录入本条。"
            yield Problem(ProblemCode.SIMPLE_PROCEDURE, message, field="procedure")
        yield from not_before(cls, values, "valid_until", "document_date")
        types = values.get("types")
        if types and stage != "draft":
            yield from cls._belonging(values, set(types.split(";")))
        if values.get("fine") and Decimal(values["fine"]) > LARGEST_USUAL_FINE:
            message = "罚款金额超过 1000 万元。单位是万元，请核对是否按元填写。"
            yield warning(ProblemCode.AMOUNT_UNUSUAL, message, "fine")

    @classmethod
    def _belonging(cls, values: Values, types: set[str]) -> Iterable[Problem]:
        for name, (needed_by, words) in _GOES_WITH.items():
            label, given = cls.fields[name].label, values.get(name) is not None
            if types & needed_by and not given:
                message = f"处罚类别含{words}，请填写{label}。"
                yield Problem(ProblemCode.PENALTY_INCOMPLETE, message, field=name)
            elif given and not types & needed_by:
                message = f"填写了{label}，但处罚类别不含{words}。请补选处罚类别或清空此项。"
                yield Problem(ProblemCode.PENALTY_UNMATCHED, message, field=name)
