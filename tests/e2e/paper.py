"""A made-up teacher's yearly form, as it is filled in in these tests, and what the platform must get of it."""

import dataclasses

from demo.people import MadeUpPerson, make_people

SCHOOL = "安阳县第一初级中学"
PHONE = "15400001234"
FORM = {
    "political_status": "中共党员",
    "education": "大学本科毕业",
    "phone": PHONE,
    "title": "一级教师",
    "post": "教研组长",
    "employer": SCHOOL,
    "practice_since": "2012年9月",
    "duties": "承担数学教学工作，参与教研活动。",
    "certificate_no": "20124105231000123",
    "certificate_kind": "初级中学教师资格",
    "teaching_stage": "初中",
    "subject": "数学",
    "remarks": "仅供本单位留存的备注",
}
"""Control names and what is typed or chosen, in the order of the paper."""


@dataclasses.dataclass(frozen=True)
class Teacher:
    """Somebody who does not exist, and the form about them."""

    person: MadeUpPerson

    @property
    def name(self) -> str:
        return self.person.name

    @property
    def number(self) -> str:
        return self.person.number

    @property
    def mistyped(self) -> str:
        """The number with two neighbouring digits exchanged, which the check character reveals."""
        digits = self.number
        place = next(i for i in range(14, 6, -1) if digits[i] != digits[i + 1])
        return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]

    @property
    def form(self) -> dict[str, str]:
        return {"sex": {"1": "男", "2": "女"}[self.person.sex], **FORM}

    @property
    def payload(self) -> dict[str, str | None]:
        """Push names and values of the contract; 政治面貌 and 备注 have none and stay in the house."""
        return {
            "XM": self.name,
            "XB": self.person.sex,
            "XL": "21",
            "ZJLX": "111",
            "ZJHM": self.number,
            "LXDH": PHONE,
            "ZC": FORM["title"],
            "ZW": FORM["post"],
            "GZDW": SCHOOL,
            "CYQSSJ": "2012-09",
            "GZZZ": FORM["duties"],
            "JSZGZBH": FORM["certificate_no"],
            "JSZGZL": "3",
            "RJXD": "junior",
            "RJXK": FORM["subject"],
            "XYZK": "trustworthy",
        }


def new_teacher(seed: int) -> Teacher:
    """A made-up teacher; another seed gives another one."""
    return Teacher(make_people(1, seed=seed)[0])
