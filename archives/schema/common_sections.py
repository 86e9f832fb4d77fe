"""Sections and code lists that several professions share."""

from archives.schema.codes import CodeList
from archives.schema.fields import Text
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, Count

SKILL_LEVELS = CodeList(
    "skill_level",
    "人力资源和社会保障部职业技能等级（“新八级工”）；代码为本系统自编",
    "2022",
    {
        "1": "一级（高级技师）",
        "2": "二级（技师）",
        "3": "三级（高级工）",
        "4": "四级（中级工）",
        "5": "五级（初级工）",
        "6": "学徒工",
        "7": "特级技师",
        "8": "首席技师",
    },
    {
        "高级技师": "1", "技师": "2", "高级工": "3", "高级": "3", "中级工": "4", "中级": "4",
        "初级工": "5", "初级": "5", "一级": "1", "二级": "2", "三级": "3", "四级": "4", "五级": "5",
    },
    (("", ("5", "4", "3", "2", "1", "6", "7", "8")),),
)  # fmt: skip


class BusinessSummary(Section, label="业务信息"):
    """业务信息 (E3 of GZ-A03, A06, A08, A09, A10): the year's work in figures. Single matters are items."""

    main_business = Text("主要业务领域", required_at=None, max_length=100, push="ZYYWLY")
    matters_handled = Count("年度承办业务数（件）", required_at=None, push="NDYWS")


class GeneralQualification(Section, label="资质认定"):
    """资质认定 (E10) of a group that is put together without a class; layouts of numbers differ and stay open."""

    qualification_title = Text("资格、资质名称", required_at=None, max_length=50, push="ZZRDMC")
    qualification_no = Certificate("资格、资质证书编号", push="ZZRDZSBH", help="没有的留空")


class SocialServiceSummary(Section, label="社会服务信息"):
    """社会服务信息 (E4) of a group that is put together without a class. Single services are items."""

    social_service_hours = Count("年度社会服务时长（小时）", required_at=None, push="NDSHFWSC")
