"""招投标代理机构从业人员 (AY-G12)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

TENDER_POSTS = CodeList(
    "tender_post",
    "本系统自编",
    "1",
    {"manager": "项目负责人", "agent": "项目组成员", "reviewer": "内部审核", "other": "其他"},
)


@register
class TenderAgent(Occupation):
    """招投标代理机构从业人员. There is no state licence any more; certificates of associations stay open."""

    code = "tender_agent"
    label = "招投标代理机构从业人员"
    department = "development_reform"

    class Agency(Section, label="代理机构和岗位"):
        tender_agency_code = OrganisationCode("代理机构统一社会信用代码", required_at=None, push="DLJGTYXYDM")
        tender_post = Choice("岗位", codes=TENDER_POSTS, required_at=None, push="ZBGW")
        ability_certificate_no = Certificate("专业能力证书编号", push="ZYNLZSBH")
