"""税务师 (AY-G10, GZ-A06)."""

from archives.schema.common_sections import BusinessSummary
from archives.schema.contents import other, profile
from archives.schema.fields import Month
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate


@register
class TaxAgent(Occupation):
    """税务师. The number on the professional certificate is a management number of the examination; no reliable
    source for its layout was found, so it stays open."""

    code = "tax_agent"
    label = "税务师"
    department = "taxation"
    contents = profile(
        "E1", "E2", "E3", "E6", "E7", "E8", "E9", "E12", "E13",
        other("其他如“挂靠（证）”现象等能反映其信用状况的信息", "certificate_lending"),
    )  # fmt: skip

    class Qualification(Section, label="职业资格"):
        certificate_no = Certificate("税务师职业资格证书编号", push="SWSZGZSBH")
        certified_since = Month("取得资格时间", required_at=None, push="QDZGSJ")

    Business = BusinessSummary
