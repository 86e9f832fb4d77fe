"""企业法定代表人及相关责任人, 执业药师, 食药安全员, 认证人员, 质量检验检测人员."""

from agencies.market_supervision.codes import (
    CERTIFICATION_ROLES,
    COMPANY_ROLES,
    INSPECTION_POSTS,
    PHARMACY_KINDS,
    PHARMACY_SCOPES,
    SAFETY_POSTS,
)
from agencies.market_supervision.kinds import (
    BANKRUPTCY_LIABILITY,
    ENTERPRISE_DISHONEST,
    ENTERPRISE_PENALTY,
    FALSE_TEST_REPORT,
)
from archives.schema.contents import Content, adapted, common, other, profile
from archives.schema.fields import Choice, Date, Month, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode


@register
class EnterprisePrincipal(Occupation):
    """企业法定代表人及相关责任人 (AY-G02, GZ-A02). Whether somebody or his enterprise is listed, punished or
    bankrupt is never a box to tick, but an item with its document."""

    code = "enterprise_principal"
    label = "企业法定代表人及相关责任人"
    department = "market_supervision"
    contents = profile(
        "E1", "E2", "E6", "E7", "E8",
        Content(
            "E16.1",
            "是否被列为失信被执行人或所在企业是否为失信企业",
            kinds=("judgment_defaulter", ENTERPRISE_DISHONEST.code),
        ),
        Content(
            "E16.2",
            "所在企业是否因严重失信行为受到行政处罚（国家发改委规定的五类严重失信行为）",
            kinds=(ENTERPRISE_PENALTY.code,),
        ),
        adapted("E12", without=("judgment_defaulter",)),
        other(
            "其他如因其失责或有违法违规行为导致所在企业破产清算等能反映其信用状况的信息",
            BANKRUPTCY_LIABILITY.code,
        ),
    )  # fmt: skip

    class Enterprise(Section, label="任职企业"):
        enterprise_code = OrganisationCode("企业统一社会信用代码", required_at=None, push="QYTYXYDM")
        company_role = Choice("任职身份", codes=COMPANY_ROLES, required_at=None, push="RZSF")
        in_post_since = Month("任职时间", required_at=None, push="RXZSJ")
        post_left = Month("卸任时间", required_at=None, push="XRSJ", help="仍在任的留空")


@register
class Pharmacist(Occupation):
    """执业药师 (AY-G07). The number of the registration certificate is left open: no reliable source for its
    layout was found. Registration is for five years (执业药师职业资格制度规定, general knowledge)."""

    code = "pharmacist"
    label = "执业药师"
    department = "market_supervision"

    class Registration(Section, label="执业注册"):
        registration_no = Certificate("执业药师注册证编号", push="ZYYSZCZH")
        pharmacy_kind = Choice("执业类别", codes=PHARMACY_KINDS, required_at=None, push="ZYYSLB")
        pharmacy_scope = Choice("执业范围", codes=PHARMACY_SCOPES, required_at=None, push="ZYYSFW")
        registered_until = Date("注册有效期至", required_at=None, push="ZCYXQZ")


@register
class FoodDrugSafetyOfficer(Occupation):
    """食药安全员 (AY-G11). Appointed by the enterprise, without a certificate of the state. Results of health
    checks are not collected."""

    code = "food_drug_safety_officer"
    label = "食药安全员"
    department = "market_supervision"

    class SafetyPost(Section, label="任职情况"):
        safety_post = Choice("岗位", codes=SAFETY_POSTS, required_at=None, push="AQGW")
        in_post_since = Month("任现职时间", required_at=None, push="RXZSJ")
        test_passed_on = Date("培训考核合格日期", required_at=None, push="PXHGRQ")


@register
class CertificationStaff(Occupation):
    """认证人员 (AY-G17). Registered with the accreditation association 中国认证认可协会; the layout of its
    numbers differs by scheme and stays open."""

    code = "certification_staff"
    label = "认证人员"
    department = "market_supervision"

    class Registration(Section, label="注册信息"):
        registration_no = Certificate("认证人员注册号", push="RZRYZCH")
        certification_role = Choice("注册类别", codes=CERTIFICATION_ROLES, required_at=None, push="RZRYLB")
        certification_field = Text(
            "注册领域", required_at=None, max_length=100, push="RZLY", help="例如 质量管理体系"
        )
        registered_until = Date("注册有效期至", required_at=None, push="ZCYXQZ")


@register
class QualityInspector(Occupation):
    """质量检验检测人员 (GZ-05, ZD-14). People are authorised by their body, without a certificate of the state."""

    code = "quality_inspector"
    label = "质量检验检测人员"
    department = "market_supervision"
    contents = common(FALSE_TEST_REPORT.code)

    class Inspection(Section, label="检验检测岗位"):
        inspection_body_code = OrganisationCode(
            "检验检测机构统一社会信用代码", required_at=None, push="JYJCJGTYXYDM"
        )
        inspection_post = Choice("岗位", codes=INSPECTION_POSTS, required_at=None, push="JYJCGW")
        inspection_field = Text("检验检测领域", required_at=None, max_length=100, push="JYJCLY")
