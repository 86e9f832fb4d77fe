"""房地产中介从业人员 (AY-G16, GZ-A09)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import profile
from archives.schema.fields import Choice
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

AGENT_GRADES = CodeList(
    "estate_agent_grade",
    "房地产经纪专业人员职业资格；代码为本系统自编",
    "1",
    {"assistant": "房地产经纪人协理", "agent": "房地产经纪人", "senior": "高级房地产经纪人", "none": "无"},
    {"协理": "assistant", "经纪人": "agent"},
)


@register
class EstateAgent(Occupation):
    """房地产中介从业人员. Registration numbers differ by association and stay open."""

    code = "estate_agent"
    label = "房地产中介从业人员"
    department = "housing"
    contents = profile("E1", "E2", "E3", "E6", "E7", "E8", "E9", "E12", "E13", "E16")

    class Qualification(Section, label="职业资格"):
        agent_grade = Choice("资格级别", codes=AGENT_GRADES, required_at=None, push="FDCJJZGJB")
        registration_no = Certificate("房地产经纪专业人员登记证书编号", push="FDCJJDJZSBH")
        brokerage_code = OrganisationCode("经纪机构统一社会信用代码", required_at=None, push="JJJGTYXYDM")

    Business = BusinessSummary
