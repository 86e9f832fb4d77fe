"""公务员 (AY-G01, GZ-A01)."""

from archives.schema.contents import adapted, profile
from archives.schema.fields import Month, Text
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section


@register
class CivilServant(Occupation):
    """公务员. Sanctions by discipline inspection and supervision must be entered (GZ-07); they stay with unit
    and person. Family, assets and appraisal files are no part of a credit archive and aren't asked for."""

    code = "civil_servant"
    label = "公务员"
    department = "organisation"
    contents = profile("E1", "E2", "E5", adapted("E6", without=("discipline",)), "E7", "E12", "E13", "E16")
    must_record = ("discipline",)

    class Appointment(Section, label="任职情况"):
        rank = Text("职级", required_at=None, max_length=30, push="ZJ", help="例如 一级主任科员")
        in_post_since = Month("任现职时间", required_at=None, push="RXZSJ")
