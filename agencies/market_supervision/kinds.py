"""What GZ-A02 adds for those who answer for an enterprise.

A fact about the enterprise is recorded with a person only if the document itself names that person as
responsible (河南省社会信用条例 35, 山东省 31).
"""

import datetime as dt
from collections.abc import Iterable

from archives.schema.fields import Choice, Stage, Text
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.kinds.basis import (
    HENAN,
    HENAN_REGULATION,
    PENALTY_LAW,
    PINGDINGSHAN_ENTITIES,
    ZHANGDIAN_ENTITIES,
    ganzhou,
)
from archives.schema.kinds.codes import ROLES, YES_NO
from archives.schema.kinds.sections import Adverse, not_before
from archives.schema.listings import LISTINGS
from archives.schema.problems import Problem, ProblemCode
from archives.schema.sections import Values
from archives.schema.special_fields import OrganisationCode, PastDate

RESPONSIBLE_PERSON = Basis(HENAN_REGULATION, "第三十五条", HENAN)


class EnterpriseFact(Adverse):
    """A document about an enterprise that names the person."""

    enterprise = Text("企业名称", max_length=100, push="QYMC")
    enterprise_code = OrganisationCode("企业统一社会信用代码", push="QYTYXYDM")
    behaviour = Text("行为名称", max_length=100, push="XWMC", help="用文书上的名称")
    ground = Text("依据条款", max_length=200, push="XWYJ")
    names_person = Choice("文书是否载明本人责任", codes=YES_NO, required_at="draft")
    role = Choice("本人在企业的身份", codes=ROLES, push="ZRRSF", help="以文书载明的为准")

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        if values.get("names_person") == "no":
            message = "文书没有载明本人责任的，不能把企业的失信信息记到个人名下。请不要录入本条。"
            yield Problem(ProblemCode.PERSON_NOT_NAMED, message, field="names_person")


class SeriousDishonesty(EnterpriseFact):
    """The determination that an entity is seriously dishonest: on a list that a law or a ministry's rule provides for,
    by its authority (PD-13, ZD-16)."""

    listed = True
    listing = Choice("严重失信主体名单", codes=LISTINGS, push="SXMD")
    removed_on = PastDate("移出名单日期", required_at=None, push="YCRQ")

    @classmethod
    def ends_on(cls, values: Values) -> dt.date | None:
        removed: dt.date | None = values.get("removed_on")
        return removed

    @classmethod
    def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
        yield from super().check(values, stage=stage, year=year, today=today)
        yield from not_before(cls, values, "removed_on", "document_date")


ENTERPRISE_DISHONEST = adverse_kind(
    "enterprise_dishonest",
    "所在企业为失信企业",
    ganzhou("二"),
    PINGDINGSHAN_ENTITIES,
    ZHANGDIAN_ENTITIES,
    RESPONSIBLE_PERSON,
    section=SeriousDishonesty,
)
ENTERPRISE_PENALTY = adverse_kind(
    "enterprise_penalty",
    "所在企业因严重失信行为受到行政处罚",
    ganzhou("二"),
    PENALTY_LAW,
    RESPONSIBLE_PERSON,
    section=EnterpriseFact,
)
BANKRUPTCY_LIABILITY = adverse_kind(
    "bankruptcy_liability",
    "因其失责或违法违规行为导致所在企业破产清算",
    ganzhou("二"),
    Basis("中华人民共和国企业破产法", "第一百二十五条"),
    section=EnterpriseFact,
)
"""The article of the bankruptcy law is from general knowledge."""

FALSE_TEST_REPORT = adverse_kind(
    "false_test_report",
    "出具不实或者虚假检验检测报告",
    Basis("检验检测机构监督管理办法（2021）", "第十三条、第十四条"),
)
"""The articles are from general knowledge."""
