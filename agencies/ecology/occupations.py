"""环境影响评价及检验检测从业人员 (GZ-05)."""

from archives.schema.codes import CodeList
from archives.schema.contents import common
from archives.schema.fields import Choice
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

FALSE_ENVIRONMENT_REPORT = adverse_kind(
    "false_environment_report",
    "环境影响评价、检测弄虚作假",
    Basis("中华人民共和国环境影响评价法（2018）", "第三十二条"),
)

ENVIRONMENT_WORK = CodeList(
    "environment_work",
    "本系统自编",
    "1",
    {"assessment": "环境影响评价", "testing": "检验检测", "both": "两者兼有", "other": "其他"},
    {"环评": "assessment", "检测": "testing"},
)


@register
class EnvironmentalAssessor(Occupation):
    """环境影响评价及检验检测从业人员. 信用编号 comes from the profession's national credit platform; no reliable
    source for its layout was found, so it stays open. The article of the law is general knowledge."""

    code = "environmental_assessor"
    label = "环境影响评价及检验检测从业人员"
    department = "ecology"
    contents = common(FALSE_ENVIRONMENT_REPORT.code)

    class Practice(Section, label="从业类别"):
        environment_work = Choice("从业类别", codes=ENVIRONMENT_WORK, required_at=None, push="HJCYLB")
        credit_no = Certificate("环境影响评价信用编号", push="HPXYBH")
        assessment_body_code = OrganisationCode(
            "评价机构统一社会信用代码", required_at=None, push="PJJGTYXYDM"
        )
