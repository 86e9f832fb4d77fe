"""医师 (AY-G06, GZ-A05) and the four red flags of the Ganzhou notice."""

from archives.schema.codes import CodeList
from archives.schema.contents import other, profile
from archives.schema.fields import Choice, Text
from archives.schema.kinds import Basis, Source, adverse_kind
from archives.schema.kinds.basis import ganzhou
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

PHYSICIANS_LAW = "中华人民共和国医师法（2021）"

UNLICENSED_PRACTICE = adverse_kind(
    "unlicensed_practice",
    "无证上岗",
    ganzhou("五"),
    Basis(PHYSICIANS_LAW, "第十三条、第五十九条"),
    source=Source.SUPERVISION,
)
PRIVACY_LEAK = adverse_kind(
    "privacy_leak", "泄露患者隐私", ganzhou("五"), Basis(PHYSICIANS_LAW, "第二十三条、第五十六条")
)
OVERCHARGING = adverse_kind("overcharging", "乱收费", ganzhou("五"), Basis(PHYSICIANS_LAW, "第三十一条"))
RED_PACKET = adverse_kind(
    "red_packet", "收取红包", ganzhou("五"), Basis(PHYSICIANS_LAW, "第三十一条、第五十六条")
)

PHYSICIAN_GRADES = CodeList(
    "physician_grade",
    "医师法第二条；代码为本系统自编",
    "2021",
    {"physician": "执业医师", "assistant": "执业助理医师"},
    {"助理医师": "assistant"},
)

PHYSICIAN_KINDS = CodeList(
    "physician_kind",
    "医师执业注册的执业类别；代码为本系统自编",
    "1",
    {"clinical": "临床", "chinese": "中医", "dental": "口腔", "public_health": "公共卫生"},
    {"中西医结合": "chinese"},
)


@register
class Doctor(Occupation):
    """医师. 医师执业证书编码 has 15 digits (agreeing secondary sources, which differ on what the places mean, so
    only the length is looked at, and earns a warning). 医师资格证书编码 is not asked for: it contains the whole
    identity number."""

    code = "doctor"
    label = "医师"
    department = "health"
    contents = profile(
        "E1", "E2", "E6", "E7", "E8", "E12", "E13", "E14",
        other(
            "其他如无证上岗、泄露患者隐私、乱收费、收取红包等能反映其信用状况的信息",
            *(kind.code for kind in (UNLICENSED_PRACTICE, PRIVACY_LEAK, OVERCHARGING, RED_PACKET)),
        ),
    )  # fmt: skip

    class Practice(Section, label="执业证书"):
        practice_no = Certificate("医师执业证书编码", usual="[0-9]{15}", push="YSZYZSBM", help="15 位数字")
        physician_grade = Choice("医师级别", codes=PHYSICIAN_GRADES, required_at=None, push="YSJB")
        physician_kind = Choice("执业类别", codes=PHYSICIAN_KINDS, required_at=None, push="YSZYLB")
        practice_scope = Text(
            "执业范围", required_at=None, max_length=50, push="YSZYFW", help="例如 内科专业"
        )
