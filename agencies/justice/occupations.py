"""律师 (AY-G04, GZ-A03), 公证员 and 司法鉴定人员 (LL-05)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import adapted, common, profile
from archives.schema.fields import Choice, Month, Text
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, Count

FALSE_NOTARISATION = adverse_kind(
    "false_notarisation", "为不真实、不合法的事项出具公证书", Basis("中华人民共和国公证法", "第四十二条")
)
FALSE_EXPERTISE = adverse_kind(
    "false_expertise",
    "出具虚假鉴定意见",
    Basis("全国人民代表大会常务委员会关于司法鉴定管理问题的决定", "第十三条"),
)

PRACTICE_KINDS = CodeList(
    "lawyer_practice_kind",
    "律师执业证的执业类别；代码为本系统自编",
    "1",
    {
        "full_time": "专职律师",
        "part_time": "兼职律师",
        "public": "公职律师",
        "company": "公司律师",
        "legal_aid": "法律援助律师",
        "other": "其他",
    },
    {"专职": "full_time", "兼职": "part_time"},
)

EXPERTISE_FIELDS = CodeList(
    "forensic_field",
    "司法鉴定管理的执业类别；代码为本系统自编",
    "1",
    {
        "medicine": "法医类鉴定",
        "traces": "物证类鉴定",
        "recordings": "声像资料鉴定",
        "environment": "环境损害司法鉴定",
        "other": "其他",
    },
    {"法医": "medicine", "物证": "traces", "声像": "recordings", "环境损害": "environment"},
)


@register
class Lawyer(Occupation):
    """律师. 律师执业证号: 17 digits — 1, province 2, city 2, year 4, kind of practice 1, sex 1, serial 6; before
    2010 it had 12 (agreeing secondary sources for the lengths, so other lengths earn a warning only)."""

    code = "lawyer"
    label = "律师"
    department = "justice"
    contents = profile(
        "E1", "E2", "E3", "E4", adapted("E6", without=("discipline",)),
        "E7", "E8", "E9", "E5", "E12", "E13", "E15", "E16",
    )  # fmt: skip

    class Practice(Section, label="执业证书"):
        practice_no = Certificate(
            "律师执业证号", usual="1[0-9]{16}|[0-9]{12}", push="LSZYZH", help="17 位数字"
        )
        practice_kind = Choice("执业类别", codes=PRACTICE_KINDS, required_at=None, push="LSZYLB")
        first_practised = Month("首次执业时间", required_at=None, push="SCZYSJ")

    Business = BusinessSummary

    class SocialService(Section, label="社会服务信息"):
        legal_aid_matters = Count("年度法律援助案件数（件）", required_at=None, push="NDFLYZS")
        public_advice_hours = Count("年度公益法律服务时长（小时）", required_at=None, push="NDGYFWSC")


@register
class Notary(Occupation):
    """公证员. No reliable source for the layout of the licence's number: it stays open, as the article of the law is
    general knowledge."""

    code = "notary"
    label = "公证员"
    department = "justice"
    contents = common(FALSE_NOTARISATION.code)

    class Practice(Section, label="执业证书"):
        practice_no = Certificate("公证员执业证号", push="GZYZYZH")
        first_practised = Month("首次执业时间", required_at=None, push="SCZYSJ")
        languages = Text("可办证语种", required_at=None, max_length=50, push="KBZYZ")


@register
class ForensicExaminer(Occupation):
    """司法鉴定人员. What was examined, and of whom, is never recorded. The number of the licence stays open; the
    article is general knowledge."""

    code = "forensic_examiner"
    label = "司法鉴定人员"
    department = "justice"
    contents = common(FALSE_EXPERTISE.code)

    class Practice(Section, label="执业证书"):
        practice_no = Certificate("司法鉴定人执业证号", push="SFJDRZYZH")
        forensic_field = Choice("执业类别", codes=EXPERTISE_FIELDS, required_at=None, push="SFJDZYLB")
        first_practised = Month("首次执业时间", required_at=None, push="SCZYSJ")
