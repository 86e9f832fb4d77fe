"""行业自律惩戒 (LL-21): measures of an association under its own rules, between the association and its member."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice, Text
from archives.schema.kinds import basis, sections
from archives.schema.kinds.common import adverse_kind
from archives.schema.kinds.declaration import Basis, Category
from archives.schema.members import SELF_DISCIPLINE

MEASURES = CodeList(
    "association_measure",
    "吕信用办发〔2019〕4号第21项；代码为本系统自编",
    "1",
    {
        "warning": "警告",
        "criticism": "行业内通报批评",
        "reprimand": "公开谴责",
        "refusal": "不予接纳",
        "posts": "限制任职",
        "founding": "限制发起",
        "leave": "劝退",
    },
)


class SelfDiscipline(sections.Adverse):
    """Which measure, by which rule of the association; none of it has a push name."""

    measure = Choice("自律措施", codes=MEASURES)
    rule = Text("依据的章程或行规行约条款", max_length=200)


ASSOCIATION_DISCIPLINE = adverse_kind(
    SELF_DISCIPLINE,
    "行业自律惩戒",
    Basis(
        "国务院关于建立完善守信联合激励和失信联合惩戒制度的指导意见（国发〔2016〕33号）",
        "（十一）",
    ),
    basis.LULIANG_MEMBERS,
    section=SelfDiscipline,
    category=Category.AWARD_OR_PENALTY,
    deliverable=False,
)
"""The paragraph of the State Council's opinion is from general knowledge."""
