"""征信机构及相关人员 (LL-07, LL-24, PD-18)."""

from archives.schema.codes import CodeList
from archives.schema.contents import common
from archives.schema.fields import Choice, Month
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import OrganisationCode

CREDIT_DATA_ABUSE = adverse_kind(
    "credit_data_abuse", "违法采集、提供或者出售个人征信信息", Basis("征信业管理条例", "第三十八条")
)

CREDIT_AGENCY_KINDS = CodeList(
    "credit_agency_kind",
    "征信业管理条例的机构类别；代码为本系统自编",
    "1",
    {"personal": "个人征信机构", "enterprise": "企业征信机构", "rating": "信用评级机构", "other": "其他"},
)

CREDIT_AGENCY_POSTS = CodeList(
    "credit_agency_post",
    "本系统自编",
    "1",
    {
        "senior": "董事、监事、高级管理人员",
        "security": "信息安全岗位",
        "business": "业务岗位",
        "other": "其他",
    },
    {"高管": "senior"},
)


@register
class CreditAgencyStaff(Occupation):
    """征信机构及相关人员. The archive is about people; what concerns the agency itself is none of it. The article of
    the regulation is general knowledge."""

    code = "credit_agency_staff"
    label = "征信机构及相关人员"
    department = "central_bank"
    contents = common(CREDIT_DATA_ABUSE.code)

    class AgencyPost(Section, label="任职机构和岗位"):
        credit_agency_code = OrganisationCode("征信机构统一社会信用代码", required_at=None, push="ZXJGTYXYDM")
        credit_agency_kind = Choice("机构类别", codes=CREDIT_AGENCY_KINDS, required_at=None, push="ZXJGLB")
        credit_agency_post = Choice("岗位类别", codes=CREDIT_AGENCY_POSTS, required_at=None, push="ZXGW")
        in_post_since = Month("任现职时间", required_at=None, push="RXZSJ")
