"""中介服务人员 (GZ-05)."""

from archives.schema.codes import CodeList
from archives.schema.fields import Choice, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate, OrganisationCode

INTERMEDIARY_KINDS = CodeList(
    "intermediary_kind",
    "本系统自编",
    "1",
    {
        "appraisal": "评估评价",
        "testing": "检验检测",
        "design": "勘察设计",
        "consulting": "咨询论证",
        "agency": "代理代办",
        "other": "其他",
    },
)


@register
class IntermediaryWorker(Occupation):
    """中介服务人员: who works for bodies whose reports administrative approval rests on."""

    code = "intermediary_worker"
    label = "中介服务人员"
    department = "administrative_approval"

    class Service(Section, label="中介机构和服务"):
        intermediary_code = OrganisationCode("中介机构统一社会信用代码", required_at=None, push="ZJJGTYXYDM")
        intermediary_kind = Choice("服务类别", codes=INTERMEDIARY_KINDS, required_at=None, push="ZJFWLB")
        qualification_name = Text("从业资格名称", required_at=None, max_length=50, push="ZJZGMC")
        certificate_no = Certificate("从业资格证书编号", push="ZJZGZSBH")
