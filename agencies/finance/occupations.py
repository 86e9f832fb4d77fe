"""评估师 (AY-G09), 会计人员 (AY-G14), and 会计审计人员 where they are one group (LL-05, PD-10, ZD-14)."""

from archives.schema.codes import CodeList
from archives.schema.contents import common
from archives.schema.fields import Choice, Month
from archives.schema.occupations import Occupation
from archives.schema.registry import register
from archives.schema.sections import Section
from archives.schema.special_fields import Certificate

APPRAISAL_FIELDS = CodeList(
    "appraisal_field",
    "资产评估法及各评估行业；代码为本系统自编",
    "1",
    {
        "assets": "资产评估",
        "real_estate": "房地产估价",
        "land": "土地估价",
        "mining": "矿业权评估",
        "insurance": "保险公估",
        "vehicle": "机动车鉴定评估",
    },
    {"房地产评估": "real_estate", "旧机动车鉴定评估": "vehicle"},
)

ACCOUNTING_GRADES = CodeList(
    "accounting_grade",
    "会计专业技术资格级别；代码为本系统自编",
    "1",
    {
        "elementary": "初级",
        "intermediate": "中级",
        "deputy_senior": "副高级",
        "senior": "正高级",
        "none": "无",
    },
    {
        "助理会计师": "elementary",
        "会计师": "intermediate",
        "高级会计师": "deputy_senior",
        "正高级会计师": "senior",
    },
)

ACCOUNTS_WORK = CodeList(
    "accounts_work",
    "本系统自编",
    "1",
    {"accounting": "会计", "audit": "审计", "both": "会计和审计"},
)


@register
class Appraiser(Occupation):
    """评估师. Each field has a register of its own; the numbers stay open."""

    code = "appraiser"
    label = "评估师"
    department = "finance"

    class Registration(Section, label="职业资格"):
        appraisal_field = Choice("评估专业类别", codes=APPRAISAL_FIELDS, required_at=None, push="PGZYLB")
        registration_no = Certificate("评估师登记编号", push="PGSDJBH")


@register
class Accountant(Occupation):
    """会计人员. The licence 会计从业资格证书 was abolished in 2017 (会计法 as amended) and isn't asked for; the
    numbers of the professional examination stay open."""

    code = "accountant"
    label = "会计人员"
    department = "finance"

    class Qualification(Section, label="会计专业技术资格"):
        accounting_grade = Choice("资格级别", codes=ACCOUNTING_GRADES, required_at=None, push="KJZGJB")
        certificate_no = Certificate("会计专业技术资格证书编号", push="KJZGZSBH")
        accounting_since = Month("从事会计工作时间", required_at=None, push="CSKJSJ")


@register
class AccountsStaff(Occupation):
    """会计审计人员, one group in three of the five documents; elsewhere 会计人员 and 审计人员 are apart."""

    code = "accounts_staff"
    label = "会计审计人员"
    department = "finance"
    contents = common("certificate_lending")

    class Qualification(Section, label="专业技术资格"):
        accounts_work = Choice("从业类别", codes=ACCOUNTS_WORK, required_at=None, push="KJSJLB")
        accounting_grade = Choice("资格级别", codes=ACCOUNTING_GRADES, required_at=None, push="KJZGJB")
        certificate_no = Certificate("专业技术资格证书编号", push="KSZGZSBH")
        cpa_no = Certificate(
            "注册会计师证书编号", usual="[0-9]{12}|[0-9]{6}", push="ZCKJSZSBH", help="没有的留空"
        )
