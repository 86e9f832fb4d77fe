"""行业协会、商会会员: what an association may write down about its own members (GZ-11, LL-06, PD-14, ZD-17).

An association is no authority. It keeps an archive of a member who has agreed to it in writing, records what speaks
for the member and its own 行业自律 measures (LL-21), which stay between the two; penalties, lists and determinations
against anybody are not its to make.
"""

import datetime as dt

from archives.schema.contents import OTHER_LABEL, Content, kinds_of
from archives.schema.fields import Stage
from archives.schema.problems import Problem, ProblemCode
from archives.schema.sections import Values
from archives.schema.standing import DETERMINATION_FIELDS, Standing, is_adverse

MEMBERS = "association_member"
"""The one group of which an archive is kept with the person's written consent alone."""
SELF_DISCIPLINE = "association_discipline"

MEMBER_CONTENTS: tuple[Content, ...] = (
    Content("AY-03", "个人基本信息", ("identity",)),
    Content("AY-04", "从业信息", ("employment",), ("training",)),
    Content("AY-05", "奖惩情况信息", (), ("award", "honour", "good_record", SELF_DISCIPLINE)),
    Content("AY-08", OTHER_LABEL, (), ("public_welfare",)),
)
MEMBER_KINDS: tuple[str, ...] = kinds_of(MEMBER_CONTENTS)


class MemberStanding(Standing, label="信用状况"):
    """信用状况 of a member is 守信 or is left open: an association determines nothing against anybody."""

    @classmethod
    def parse(
        cls, raw: object, *, stage: Stage, year: int, today: dt.date | None = None
    ) -> tuple[Values, list[Problem]]:
        values, problems = super().parse(raw, stage=stage, year=year, today=today)
        if not is_adverse(values.get("determination")):
            return values, problems
        others = [problem for problem in problems if problem.field not in DETERMINATION_FIELDS]
        message = "行业协会、商会不作失信认定。请选择“守信”；行业自律措施请记入条目，只在单位和本人之间。"
        refused = Problem(ProblemCode.CHOICE, message, field="determination")
        return {**values, "determination": None}, [*others, refused]
