"""导游 (AY-G19, GZ-A11). 旅游法 108 itself says that breaches of tourism staff go into the credit archive."""

from archives.schema.codes import CodeList
from archives.schema.contents import adapted, other, profile
from archives.schema.fields import Choice, Text
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.kinds.basis import ganzhou
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

TOURISM_LAW = Basis("中华人民共和国旅游法（2018）", "第四十一条、第一百零八条")

TOURIST_RIGHTS = adverse_kind("tourist_rights_violated", "侵害旅游者合法权益", ganzhou("十一"), TOURISM_LAW)
FORCED_SHOPPING = adverse_kind("forced_shopping", "强迫购物", ganzhou("十一"), TOURISM_LAW)
ITINERARY_CHANGED = adverse_kind("itinerary_changed", "随意更改既定线路", ganzhou("十一"), TOURISM_LAW)

GUIDE_GRADES = CodeList(
    "guide_grade",
    "导游等级；代码为本系统自编",
    "1",
    {"elementary": "初级", "intermediate": "中级", "senior": "高级", "special": "特级"},
)


@register
class TourGuide(Occupation):
    """导游. The notice asks neither for 年度考核 nor for complaints, and says 违法违约 where others have 违法违纪违约.

    导游证号: cards had D-0000-000000 (area, serial; agreeing secondary sources); the electronic ones since 2017
    have eight letters and digits (general knowledge). Others earn a warning.
    """

    code = "tour_guide"
    label = "导游"
    department = "culture_tourism"
    contents = profile(
        "E1", "E2", "E6",
        adapted("E12", label="相关违法违约行为", without=("discipline_breach",)),
        "E14",
        other(
            "其他如侵害旅游者合法权益、强迫购物、随意更改既定线路等能反映其信用状况的信息",
            TOURIST_RIGHTS.code, FORCED_SHOPPING.code, ITINERARY_CHANGED.code,
        ),
    )  # fmt: skip

    class Licence(Section, label="导游证"):
        guide_no = Certificate("导游证号", usual="[DL]-?[0-9]{4}-?[0-9]{4,6}|[0-9A-Z]{8}", push="DYZH")
        guide_grade = Choice("导游等级", codes=GUIDE_GRADES, required_at=None, push="DYDJ")
        languages = Text("语种", required_at=None, max_length=50, push="DYYZ", help="例如 普通话、英语")
