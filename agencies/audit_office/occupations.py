"""审计人员 (AY-G15, GZ-A08)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import other, profile
from archives.schema.fields import Choice, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

AUDIT_KINDS = CodeList(
    "audit_kind",
    "本系统自编",
    "1",
    {"state": "国家审计", "internal": "内部审计", "public": "社会审计"},
    {"注册会计师": "public"},
)


@register
class Auditor(Occupation):
    """审计人员. 注册会计师证书编号: 12 digits, eight of the firm and four serial; six in firms that practise
    provisionally (中国注册会计师协会's notice on issuing certificates). Other lengths earn a warning, as
    numbers given before and elsewhere exist."""

    code = "auditor"
    label = "审计人员"
    department = "audit_office"
    contents = profile(
        "E1", "E2", "E3", "E6", "E7", "E8", "E9", "E12", "E13",
        other("其他如“挂靠（证）”现象等能反映其信用状况的信息", "certificate_lending"),
    )  # fmt: skip

    class Qualification(Section, label="职业资格"):
        audit_kind = Choice("审计类别", codes=AUDIT_KINDS, required_at=None, push="SJLB")
        cpa_no = Certificate(
            "注册会计师证书编号", usual="[0-9]{12}|[0-9]{6}", push="ZCKJSZSBH", help="没有的留空"
        )
        audit_title = Text(
            "审计专业技术资格", required_at=None, max_length=30, push="SJZGMC", help="例如 中级审计师"
        )

    Business = BusinessSummary
