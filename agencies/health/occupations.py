"""卫生评估师 (GZ-05, ZD-14), 医师 (AY-G06, GZ-A05) and the four red flags of the Ganzhou notice."""

from archives.schema.codes import CodeList
from archives.schema.contents import common, other, profile
from archives.schema.fields import Choice, Text
from archives.schema.kinds import Basis, Source, adverse_kind
from archives.schema.kinds.basis import ganzhou
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

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

FALSE_HEALTH_REPORT = adverse_kind(
    "false_health_report",
    "出具虚假的职业卫生评价、检测报告",
    Basis("中华人民共和国职业病防治法（2018）", "第八十条"),
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

HEALTH_ASSESSMENTS = CodeList(
    "health_assessment",
    "本系统自编",
    "1",
    {
        "occupational": "职业卫生评价",
        "radiation": "放射卫生评价",
        "public_places": "公共场所卫生评价",
        "other": "其他",
    },
    {"职业卫生": "occupational", "放射卫生": "radiation"},
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


@register
class HealthAssessor(Occupation):
    """卫生评估师. There is no one certificate of the state, so the number stays open; the article of the law is general
    knowledge."""

    code = "health_assessor"
    label = "卫生评估师"
    department = "health"
    contents = common(FALSE_HEALTH_REPORT.code)

    class Qualification(Section, label="职业资格"):
        health_assessment = Choice("评价类别", codes=HEALTH_ASSESSMENTS, required_at=None, push="WSPJLB")
        certificate_no = Certificate("专业技术人员证书编号", push="WSPJZSBH")
        assessment_body_code = OrganisationCode(
            "评价机构统一社会信用代码", required_at=None, push="PJJGTYXYDM"
        )
