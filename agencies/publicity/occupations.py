"""新闻媒体从业人员 (GZ-05, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

MEDIA_KINDS = CodeList(
    "media_kind",
    "本系统自编",
    "1",
    {
        "newspaper": "报纸",
        "periodical": "期刊",
        "agency": "通讯社",
        "broadcast": "广播电视",
        "network": "网络媒体",
        "other": "其他",
    },
    {"融媒体": "network", "电视": "broadcast", "广播": "broadcast"},
)

MEDIA_POSTS = CodeList(
    "media_post",
    "本系统自编",
    "1",
    {"editing": "采编", "hosting": "播音主持", "technical": "技术", "management": "管理", "other": "其他"},
    {"记者": "editing", "编辑": "editing"},
)


@register
class MediaWorker(Occupation):
    """新闻媒体从业人员. Not all of them hold a press card; its layouts differ by kind of medium and stay open."""

    code = "media_worker"
    label = "新闻媒体从业人员"
    department = "publicity"

    class PressCard(Section, label="媒体和岗位"):
        media_kind = Choice("媒体类别", codes=MEDIA_KINDS, required_at=None, push="MTLB")
        media_post = Choice("岗位类别", codes=MEDIA_POSTS, required_at=None, push="MTGW")
        press_card_no = Certificate("新闻记者证号", push="XWJZZH", help="没有的留空")
