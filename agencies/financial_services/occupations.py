"""金融从业人员 (AY-G18, GZ-A10)."""

from archives.schema.codes import CodeList
from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import profile
from archives.schema.fields import Choice, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

FINANCE_FIELDS = CodeList(
    "finance_field",
    "本系统自编",
    "1",
    {
        "banking": "银行",
        "securities": "证券",
        "fund": "基金",
        "futures": "期货",
        "insurance": "保险",
        "local": "地方金融组织",
        "other": "其他",
    },
    {"小额贷款": "local", "融资担保": "local", "典当": "local"},
)


@register
class FinanceStaff(Occupation):
    """金融从业人员. Each branch has a register of its own; the numbers stay open. Income, deposits, securities
    and insurance of the person are not collected (征信业管理条例 14)."""

    code = "finance_staff"
    label = "金融从业人员"
    department = "financial_services"
    contents = profile("E1", "E2", "E3", "E6", "E7", "E8", "E9", "E12", "E13", "E16")

    class Qualification(Section, label="从业资格"):
        finance_field = Choice("从业领域", codes=FINANCE_FIELDS, required_at=None, push="JRCYLY")
        qualification_name = Text("从业资格名称", required_at=None, max_length=50, push="JRZGMC")
        certificate_no = Certificate("从业资格证书编号", push="JRZGZSBH")

    Business = BusinessSummary
