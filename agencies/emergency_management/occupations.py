"""安全评估师 (GZ-05, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.contents import common
from archives.schema.fields import Choice
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

FALSE_SAFETY_REPORT = adverse_kind(
    "false_safety_report",
    "出具虚假或者失实的安全评价报告",
    Basis("中华人民共和国安全生产法（2021）", "第九十二条"),
)

SAFETY_GRADES = CodeList(
    "safety_assessor_grade",
    "安全评价师的级别；代码为本系统自编",
    "1",
    {"1": "一级", "2": "二级", "3": "三级", "none": "无"},
)


@register
class SafetyAssessor(Occupation):
    """安全评估师. The certificates are those of 安全评价师; they came from different bodies over the years, so their
    numbers stay open. The article of the law is general knowledge."""

    code = "safety_assessor"
    label = "安全评估师"
    department = "emergency_management"
    contents = common(FALSE_SAFETY_REPORT.code)

    class Qualification(Section, label="职业资格"):
        safety_grade = Choice("安全评价师级别", codes=SAFETY_GRADES, required_at=None, push="AQPJSJB")
        certificate_no = Certificate("安全评价师证书编号", push="AQPJSZSBH")
        assessment_body_code = OrganisationCode(
            "评价机构统一社会信用代码", required_at=None, push="PJJGTYXYDM"
        )
