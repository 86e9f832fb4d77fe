"""护工 (AY-G20), 注册志愿者 (ZD-14), 行业协会、商会会员 (GZ-11, LL-06, PD-14, ZD-17)."""

from agencies.civil_affairs import kinds as kinds
from archives.schema.codes import CodeList
from archives.schema.common_sections import SKILL_LEVELS
from archives.schema.fields import Choice, Month, Text
from archives.schema.members import MEMBER_CONTENTS, MEMBERS, MemberStanding
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, Count, OrganisationCode

CARE_KINDS = CodeList(
    "care_kind",
    "本系统自编",
    "1",
    {
        "elderly": "养老护理",
        "medical": "医疗护理",
        "disabled": "残疾人照护",
        "child": "儿童照护",
        "other": "其他",
    },
    {"养老护理员": "elderly", "医疗护理员": "medical"},
)

VOLUNTEER_STARS = CodeList(
    "volunteer_stars",
    "志愿者星级；代码为本系统自编",
    "1",
    {"1": "一星", "2": "二星", "3": "三星", "4": "四星", "5": "五星", "none": "无"},
)


@register
class CareWorker(Occupation):
    """护工. Skill certificates come from many bodies, so their numbers stay open. Who is cared for, and of what
    illness, is never recorded."""

    code = "care_worker"
    label = "护工"
    department = "civil_affairs"

    class Service(Section, label="护理类别和技能"):
        care_kind = Choice("护理类别", codes=CARE_KINDS, required_at=None, push="HLLB")
        skill_level = Choice("职业技能等级", codes=SKILL_LEVELS, required_at=None, push="ZYJNDJ")
        skill_certificate_no = Certificate("职业技能等级证书编号", push="JNDJZSBH")


@register
class Volunteer(Occupation):
    """注册志愿者. The number of the register stays open; whom somebody helped is never recorded."""

    code = "volunteer"
    label = "注册志愿者"
    department = "civil_affairs"

    class Registration(Section, label="志愿者注册"):
        volunteer_no = Certificate("志愿者编号", push="ZYZBH")
        volunteer_since = Month("注册时间", required_at=None, push="ZYZZCSJ")
        volunteer_stars = Choice("志愿者星级", codes=VOLUNTEER_STARS, required_at=None, push="ZYZXJ")
        volunteer_hours = Count("年度志愿服务时长（小时）", required_at=None, push="NDZYFWSC")


@register
class AssociationMember(Occupation):
    """行业协会、商会会员, as far as they are people: kept with their consent, see `archives.schema.members`."""

    code = MEMBERS
    label = "行业协会、商会会员"
    department = "civil_affairs"
    contents = MEMBER_CONTENTS
    Standing = MemberStanding

    class Membership(Section, label="会员信息"):
        association_name = Text("协会、商会名称", required_at=None, max_length=60, push="XHMC")
        association_code = OrganisationCode("协会、商会统一社会信用代码", required_at=None, push="XHTYXYDM")
        member_no = Certificate("会员证号", push="HYZH")
        member_since = Month("入会时间", required_at=None, push="RHSJ")
