"""注册消防工程师 (AY-G13, GZ-A07)."""

from archives.schema.codes import CodeList
from archives.schema.contents import other, profile
from archives.schema.fields import Choice, Date
from archives.schema.kinds import Basis, Source, adverse_kind
from archives.schema.kinds.basis import ganzhou
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

FIRE_LAW = Basis("中华人民共和国消防法（2021）", "第六十九条")

PATROL_FAILURE = adverse_kind(
    "fire_patrol_failure", "日常防火巡查不到位", ganzhou("七"), FIRE_LAW, source=Source.SUPERVISION
)
HAZARD_UNRECTIFIED = adverse_kind(
    "fire_hazard_unrectified", "火灾隐患整改不到位", ganzhou("七"), FIRE_LAW, source=Source.SUPERVISION
)

ENGINEER_GRADES = CodeList(
    "fire_engineer_grade",
    "注册消防工程师制度的级别；代码为本系统自编",
    "1",
    {"1": "一级注册消防工程师", "2": "二级注册消防工程师"},
    {"一级": "1", "二级": "2"},
)


@register
class FireEngineer(Occupation):
    """注册消防工程师. Whether patrols and hazards are seen to is recorded as items with a document. No reliable
    source for the layout of the registration number was found: it stays open."""

    code = "fire_engineer"
    label = "注册消防工程师"
    department = "fire_rescue"
    contents = profile(
        "E1", "E2", "E6", "E7", "E8", "E12", "E13", "E14",
        other(
            "其他如“挂靠（证）”现象、日常防火巡查是否到位、火灾隐患整改是否到位等能反映其信用状况的信息",
            "certificate_lending", PATROL_FAILURE.code, HAZARD_UNRECTIFIED.code,
        ),
    )  # fmt: skip

    class Registration(Section, label="执业注册"):
        registration_no = Certificate("注册消防工程师注册号", push="XFZCH")
        engineer_grade = Choice("级别", codes=ENGINEER_GRADES, required_at=None, push="XFGCSJB")
        registered_until = Date("注册有效期至", required_at=None, push="ZCYXQZ")
