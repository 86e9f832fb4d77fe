"""What the education department's groups record beyond the common form: 教师, 成年学生 (LL-30, PD-06, ZD-05)."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from archives.schema.codes import CodeList
from archives.schema.contents import adapted, common, profile
from archives.schema.fields import Choice, Month, Stage, Text
from archives.schema.identifiers import birth_date_of
from archives.schema.kinds import Basis, adverse_kind
from archives.schema.kinds.basis import LULIANG, PINGDINGSHAN
from archives.schema.kinds.declaration import eighteenth_birthday
from archives.schema.occupations import Occupation
from archives.schema.problems import Problem, ProblemCode, warning
from archives.schema.registry import register
from archives.schema.sections import Section, Values
from archives.schema.special_fields import Certificate

CERTIFICATE_UNUSUAL: Final = "teacher_certificate_unusual"
CERTIFICATE_KIND_DIFFERS: Final = "teacher_certificate_kind"
FIRST_CERTIFICATES = 1996

CERTIFICATE_KINDS = CodeList(
    "teacher_certificate_kind",
    "教师资格条例第四条；代码同教师资格证书编号中的资格种类位",
    "1995",
    {
        "1": "幼儿园教师资格",
        "2": "小学教师资格",
        "3": "初级中学教师资格",
        "4": "高级中学教师资格",
        "5": "中等职业学校教师资格",
        "6": "中等职业学校实习指导教师资格",
        "7": "高等学校教师资格",
    },
    {"幼儿园": "1", "小学": "2", "初中": "3", "初级中学": "3", "高中": "4", "高级中学": "4", "高校": "7"},
)

TEACHING_STAGES = CodeList(
    "teaching_stage",
    "本系统自编",
    "1",
    {
        "kindergarten": "学前教育",
        "primary": "小学",
        "junior": "初中",
        "senior": "普通高中",
        "vocational": "中等职业教育",
        "higher": "高等教育",
        "special": "特殊教育",
        "other": "其他",
    },
    {"幼儿园": "kindergarten", "高中": "senior", "中职": "vocational", "高校": "higher"},
)

_STUDENTS = (
    Basis("吕信用办发〔2019〕4号", "第30项", LULIANG),
    Basis("平政办〔2018〕18号", "二（四）", PINGDINGSHAN),
)
EXAM_CHEATING = adverse_kind(
    "exam_cheating",
    "考试舞弊",
    *_STUDENTS,
    Basis("中华人民共和国教育法（2021）", "第七十九条"),
    deliverable=False,
)
ACADEMIC_FRAUD = adverse_kind("academic_fraud", "学术造假", *_STUDENTS, deliverable=False)
STUDENT_LOAN_DEFAULT = adverse_kind(
    "student_loan_default", "不履行助学贷款还款承诺", *_STUDENTS, deliverable=False
)
FORGED_JOB_PAPERS = adverse_kind("forged_job_papers", "伪造就业材料", *_STUDENTS, deliverable=False)

STUDENT_STAGES = CodeList(
    "student_stage",
    "本系统自编",
    "1",
    {
        "senior": "普通高中",
        "vocational": "中等职业教育",
        "junior_college": "专科",
        "undergraduate": "本科",
        "graduate": "研究生",
        "other": "其他",
    },
    {"高中": "senior", "中职": "vocational"},
)


@register
class Teacher(Occupation):
    """教师 (AY-G05). 资质认定 is one of the kinds of content that GZ-A04 names for teachers;
    `contents` has its order and wording."""

    code = "teacher"
    label = "教师"
    department = "education"
    contents = profile(
        "E1", adapted("E2", without=("qualification_change",)), "E6", "E7", "E10", "E11", "E12", "E13", "E14", "E16"
    )  # fmt: skip

    class Qualification(Section, label="资质认定"):
        """Certificate number: since the unified rule 17 digits — year 4, province 2, certifying body 3,
        kind of qualification 1, sex 1, serial 6. Earlier certificates have 15: year 2, area 6, kind 1, sex
        1, serial 5. The layouts are known from agreeing secondary sources, and the meaning of the sex digit
        changed: so length and digits are required, year and kind earn a warning, sex is not looked at.
        """

        certificate_no = Text(
            "教师资格证编号",
            required_at=None,
            max_length=17,
            pattern="[0-9]{17}|[0-9]{15}",
            pattern_hint="应为 17 位数字（旧证为 15 位）。请对照证书重新填写。",
            push="JSZGZBH",
            help="17 位数字，旧证 15 位；没有的留空",
        )
        certificate_kind = Choice("资格种类", codes=CERTIFICATE_KINDS, required_at=None, push="JSZGZL")
        teaching_stage = Choice("任教学段", codes=TEACHING_STAGES, required_at=None, push="RJXD")
        subject = Text("任教学科", required_at=None, max_length=50, push="RJXK")

        @classmethod
        def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
            number = values.get("certificate_no")
            if not number:
                return
            long = len(number) == 17
            granted = int(number[:4]) if long else 1900 + int(number[:2])
            kind = number[9] if long else number[8]
            if not FIRST_CERTIFICATES <= granted <= year or kind not in CERTIFICATE_KINDS.labels:
                message = "教师资格证编号中的年份或资格种类不常见。如与证书一致可继续。"
                yield warning(CERTIFICATE_UNUSUAL, message, "certificate_no")
            elif values.get("certificate_kind") not in (None, kind):
                message = "资格种类与教师资格证编号不一致。请对照证书核对。"
                yield warning(CERTIFICATE_KIND_DIFFERS, message, "certificate_kind")


@register
class AdultStudent(Occupation):
    """18 周岁以上成年学生. Two documents say 18 周岁以上, the third (ZD-05) gives no age: nobody younger has an archive
    anywhere. Marks and family are no part of it."""

    code = "adult_student"
    label = "成年学生"
    department = "education"
    contents = common(
        EXAM_CHEATING.code, ACADEMIC_FRAUD.code, STUDENT_LOAN_DEFAULT.code, FORGED_JOB_PAPERS.code
    )

    class Identity(Occupation.Identity):
        @classmethod
        def check(cls, values: Values, *, stage: Stage, year: int, today: dt.date) -> Iterable[Problem]:
            yield from super().check(values, stage=stage, year=year, today=today)
            number = values.get("document_number")
            born = birth_date_of(values["document_type"] or "", number) if number else None
            if born and today <= eighteenth_birthday(born):
                message = "按证件号码，此人未满 18 周岁，不建立学生诚信档案。请核对证件号码。"
                yield Problem(ProblemCode.MINOR, message, field="document_number")

    class Enrolment(Section, label="在校信息"):
        student_no = Certificate("学号", push="XUEHAO")
        student_stage = Choice("在读学段", codes=STUDENT_STAGES, required_at=None, push="ZDXD")
        programme = Text("专业", required_at=None, max_length=50, push="ZYMC")
        enrolled_since = Month("入学时间", required_at=None, push="RXSJ")
