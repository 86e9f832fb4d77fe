"""互联网从业人员 (GZ-05)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import OrganisationCode

INTERNET_POSTS = CodeList(
    "internet_post",
    "本系统自编",
    "1",
    {
        "content": "内容管理",
        "technical": "技术研发",
        "operation": "运营推广",
        "service": "客户服务",
        "management": "管理",
        "other": "其他",
    },
)


@register
class InternetWorker(Occupation):
    """互联网从业人员. There is no certificate of the state; names of accounts are not collected."""

    code = "internet_worker"
    label = "互联网从业人员"
    department = "cyberspace"

    class InternetPost(Section, label="任职平台和岗位"):
        site_name = Text("网站、平台名称", required_at=None, max_length=50, push="WZPTMC")
        site_operator_code = OrganisationCode("运营单位统一社会信用代码", required_at=None, push="YYDWTYXYDM")
        internet_post = Choice("岗位类别", codes=INTERNET_POSTS, required_at=None, push="HLWGW")
