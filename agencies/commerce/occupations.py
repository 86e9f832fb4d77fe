"""电子商务平台从业人员 (GZ-05)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import OrganisationCode

ECOMMERCE_POSTS = CodeList(
    "ecommerce_post",
    "本系统自编",
    "1",
    {
        "platform": "平台运营管理",
        "merchant": "平台内经营者",
        "live": "直播营销",
        "service": "客户服务",
        "other": "其他",
    },
    {"网店": "merchant", "主播": "live"},
)


@register
class EcommerceWorker(Occupation):
    """电子商务平台从业人员: of the platform and of those who trade on it. Takings are not collected."""

    code = "ecommerce_worker"
    label = "电子商务平台从业人员"
    department = "commerce"

    class EcommercePost(Section, label="平台和岗位"):
        platform_name = Text("平台名称", required_at=None, max_length=50, push="DSPTMC")
        platform_code = OrganisationCode("平台经营者统一社会信用代码", required_at=None, push="DSPTTYXYDM")
        ecommerce_post = Choice("岗位类别", codes=ECOMMERCE_POSTS, required_at=None, push="DSGW")
