"""房地产中介从业人员 (AY-G16, GZ-A09), 项目建设及工程监理负责人 (GZ-05, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import common, profile
from archives.schema.fields import Choice, Date, Text
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

PROJECT_ROLES = CodeList(
    "project_role",
    "本系统自编",
    "1",
    {
        "construction": "建设单位项目负责人",
        "survey": "勘察负责人",
        "design": "设计负责人",
        "works": "施工负责人",
        "supervision": "监理负责人",
        "registered": "相关注册人员",
        "other": "其他",
    },
    {
        "总监理工程师": "supervision",
        "项目经理": "works",
        "设计": "design",
        "施工": "works",
        "监理": "supervision",
    },
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


@register
class ProjectPrincipal(Occupation):
    """项目建设及工程监理负责人; the Ganzhou notice names 设计、施工、监理负责人及相关注册人员. Each registration has a
    number of its own layout; it stays open."""

    code = "project_principal"
    label = "项目建设及工程监理负责人"
    department = "housing"
    contents = common("certificate_lending")

    class Registration(Section, label="项目任职和注册"):
        project_role = Choice("项目身份", codes=PROJECT_ROLES, required_at=None, push="XMSF")
        registration_kind = Text(
            "注册执业资格", required_at=None, max_length=50, push="ZCZYZG", help="例如 一级建造师"
        )
        registration_no = Certificate("注册证书编号", push="GCZCZSBH")
        registered_until = Date("注册有效期至", required_at=None, push="ZCYXQZ")
