"""家政服务从业人员 (AY-G08).

劳动用工 (AY-G21) and 社会保障 (AY-G22) are fields of work, not occupations; they have no class until the credit
office has decided whom they are about.
"""

from archives.schema.codes import CodeList
from archives.schema.common_sections import SKILL_LEVELS
from archives.schema.fields import Choice
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

SERVICES = CodeList(
    "domestic_service",
    "本系统自编",
    "1",
    {
        "housework": "家务服务",
        "mother_baby": "母婴护理",
        "child": "婴幼儿照护",
        "elderly": "老年人照护",
        "patient": "病患陪护",
        "cleaning": "保洁",
        "other": "其他",
    },
    {"月嫂": "mother_baby", "育婴": "child", "养老": "elderly", "保姆": "housework"},
)


@register
class DomesticWorker(Occupation):
    """家政服务从业人员. Skill certificates come from many bodies, so their numbers stay open. Health
    certificates are not collected."""

    code = "domestic_worker"
    label = "家政服务从业人员"
    department = "human_resources"

    class Service(Section, label="服务和技能"):
        service_kind = Choice("服务类别", codes=SERVICES, required_at=None, push="JZFWLB")
        skill_level = Choice("职业技能等级", codes=SKILL_LEVELS, required_at=None, push="ZYJNDJ")
        skill_certificate_no = Certificate("职业技能等级证书编号", push="JNDJZSBH")
