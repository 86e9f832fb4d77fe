"""行政许可 of a natural person, in the fields of the 双公示 form (发改办财金〔2018〕424号).

Names (XK_…) are the form's. Left out, as with penalties: what concerns organisations only, and the person's name and
document, which delivery adds from the archive.
"""

import datetime as dt
from collections.abc import Iterable

from archives.schema.fields import Choice, Date, Stage, Text
from archives.schema.kinds import codes
from archives.schema.kinds.sections import Documented, not_before
from archives.schema.problems import Problem
from archives.schema.sections import Values
from archives.schema.special_fields import Certificate, DocumentNumber, OrganisationCode, PastDate


class AdministrativeLicence(Documented, label="行政许可"):
    """A licence counts until the day on which it ends; 2099-12-31 stands for 长期."""

    public_form = "XK"
    occurred_on = PastDate("生效日期", required_at="draft", push="FSRQ")
    document_no = DocumentNumber("行政许可决定文书号", push="XK_WSH")
    issued_by = Text("许可机关", max_length=200, push="XK_XKJG")
    issuer_code = OrganisationCode("许可机关统一社会信用代码", required_at=None, push="XK_XKJGDM")
    document_date = PastDate("许可决定日期", push="XK_JDRQ")
    letter = Text("行政许可决定文书名称", max_length=64, push="XK_XKWS")
    licence_type = Choice("许可类别", codes=codes.LICENCE_TYPES, push="XK_XKLB")
    licensed = Text("许可内容", max_length=1000, push="XK_NR")
    certificate = Text("许可证书名称", required_at=None, max_length=64, push="XK_XKZS")
    licence_no = Certificate("许可编号", required_at=None, push="XK_XKBH")
    valid_from = Date("有效期自", push="XK_YXQZ")
    expires_on = Date("有效期至", push="XK_YXQZI", help="长期有效填 2099-12-31")
    licence_state = Choice("当前状态", codes=codes.LICENCE_STATES, push="XK_ZT")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        until: dt.date | None = values.get("expires_on")
        return until

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        # The decision comes first and takes effect afterwards, the other way round than with a sanction.
        for problem in super().check(values, stage=stage, year=year, today=today):
            if problem.field != "document_date":
                yield problem
        yield from not_before(cls, values, "occurred_on", "document_date")
        yield from not_before(cls, values, "expires_on", "valid_from")
