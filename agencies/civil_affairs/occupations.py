"""护工 (AY-G20)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import SKILL_LEVELS
from archives.schema.fields import Choice
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

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
