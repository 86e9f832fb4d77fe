"""快递从业人员, 寄递人员 (GZ-05, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import SKILL_LEVELS
from archives.schema.contents import common
from archives.schema.fields import Choice
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

MAIL_DATA_LEAK = adverse_kind(
    "mail_data_leak", "违法提供用户寄递信息", Basis("中华人民共和国邮政法（2015）", "第七十六条")
)

COURIER_POSTS = CodeList(
    "courier_post",
    "本系统自编",
    "1",
    {
        "delivery": "收寄和投递",
        "sorting": "分拣处理",
        "transport": "运输",
        "management": "管理",
        "other": "其他",
    },
    {"快递员": "delivery", "收派": "delivery", "分拣": "sorting"},
)


@register
class Courier(Occupation):
    """快递从业人员; the Ganzhou notice calls them 寄递人员. The article of the law is general knowledge."""

    code = "courier"
    label = "快递从业人员"
    department = "postal"
    contents = common(MAIL_DATA_LEAK.code)

    class CourierPost(Section, label="任职企业和岗位"):
        courier_company_code = OrganisationCode(
            "快递企业统一社会信用代码", required_at=None, push="KDQYTYXYDM"
        )
        courier_post = Choice("岗位类别", codes=COURIER_POSTS, required_at=None, push="KDGW")
        skill_level = Choice("职业技能等级", codes=SKILL_LEVELS, required_at=None, push="ZYJNDJ")
        skill_certificate_no = Certificate("职业技能等级证书编号", push="JNDJZSBH")
