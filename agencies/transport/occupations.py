"""驾驶员 (AY-G03), 道路运输经营者及从业人员 (GZ-05, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice, Date
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

TRANSPORT_KINDS = CodeList(
    "transport_kind",
    "道路运输从业人员管理规定的从业资格类别；代码为本系统自编",
    "1",
    {
        "passenger": "道路旅客运输",
        "freight": "道路货物运输",
        "dangerous": "道路危险货物运输",
        "taxi": "巡游出租汽车",
        "online_taxi": "网络预约出租汽车",
        "bus": "城市公共汽电车",
        "other": "其他",
    },
    {"客运": "passenger", "货运": "freight", "危货": "dangerous", "出租车": "taxi", "网约车": "online_taxi"},
)

TRANSPORT_ROLES = CodeList(
    "road_transport_role",
    "本系统自编",
    "1",
    {
        "operator": "经营者",
        "driver": "驾驶员",
        "escort": "押运员",
        "loading": "装卸管理员",
        "safety": "安全管理人员",
        "other": "其他",
    },
)


@register
class Driver(Occupation):
    """驾驶员. The number of a driving licence is the identity number, and that of a transport qualification
    often is, so neither is asked for again.

    档案编号: 12 digits, four of the area and eight serial (agreeing secondary sources). 准驾车型 by the signs of
    机动车驾驶证申领和使用规定 (A1 … C6, D, E, F, M, N, P).
    """

    code = "driver"
    label = "驾驶员"
    department = "transport"

    class Licence(Section, label="驾驶和从业资格"):
        licence_file_no = Certificate(
            "驾驶证档案编号", usual="[0-9]{12}", push="JSZDABH", help="驾驶证副页上的 12 位数字"
        )
        vehicle_classes = Certificate(
            "准驾车型",
            pattern="(?:A[123]|B[12]|C[1-6]|[DEFMNP])+",
            pattern_hint="请按驾驶证填写，例如 A1 或 A2D。",
            push="ZJCX",
        )
        licence_until = Date("驾驶证有效期至", required_at=None, push="JSZYXQZ")
        transport_kind = Choice(
            "道路运输从业资格类别", codes=TRANSPORT_KINDS, required_at=None, push="CYZGLB"
        )
        transport_until = Date("从业资格有效期至", required_at=None, push="CYZGYXQZ")


@register
class RoadTransportWorker(Occupation):
    """道路运输经营者及从业人员. The number of the qualification often is the identity number: not asked for; that of
    the operator's licence stays open."""

    code = "road_transport_worker"
    label = "道路运输经营者及从业人员"
    department = "transport"

    class RoadTransport(Section, label="道路运输从业信息"):
        transport_role = Choice("从业身份", codes=TRANSPORT_ROLES, required_at=None, push="DLYSSF")
        transport_kind = Choice(
            "道路运输从业资格类别", codes=TRANSPORT_KINDS, required_at=None, push="CYZGLB"
        )
        operator_licence_no = Certificate("道路运输经营许可证号", push="DLYSJYXKZH", help="经营者填写")
        transport_until = Date("从业资格有效期至", required_at=None, push="CYZGYXQZ")
