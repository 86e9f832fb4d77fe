"""Code lists of the professions of market supervision. Codes without a standard are ours."""

from archives.schema.codes import CodeList

COMPANY_ROLES = CodeList(
    "company_role",
    "本系统自编",
    "1",
    {
        "legal_representative": "法定代表人",
        "principal": "主要负责人",
        "controller": "实际控制人",
        "director": "董事",
        "supervisor": "监事",
        "executive": "高级管理人员",
        "responsible": "直接责任人员",
    },
    {"法人代表": "legal_representative", "高管": "executive"},
)

PHARMACY_KINDS = CodeList(
    "pharmacy_kind",
    "执业药师注册的执业类别；代码为本系统自编",
    "1",
    {"medicine": "药学类", "chinese": "中药学类", "both": "药学与中药学类"},
    {"药学": "medicine", "中药学": "chinese"},
)

PHARMACY_SCOPES = CodeList(
    "pharmacy_scope",
    "执业药师注册的执业范围；代码为本系统自编",
    "1",
    {"production": "药品生产", "wholesale": "药品经营（批发）", "retail": "药品经营（零售）", "use": "药品使用",
     "other": "其他"},
    {"零售": "retail", "批发": "wholesale", "医疗机构": "use"},
)  # fmt: skip

SAFETY_POSTS = CodeList(
    "safety_post",
    "本系统自编",
    "1",
    {
        "food_director": "食品安全总监",
        "food_officer": "食品安全员",
        "drug_quality": "药品质量负责人",
        "drug_officer": "药品安全员",
        "other": "其他",
    },
)

CERTIFICATION_ROLES = CodeList(
    "certification_role",
    "本系统自编",
    "1",
    {
        "auditor": "审核员",
        "inspector": "检查员",
        "reviewer": "审查员",
        "verifier": "验证员或评价员",
        "other": "其他",
    },
)

INSPECTION_POSTS = CodeList(
    "inspection_post",
    "本系统自编",
    "1",
    {
        "signatory": "授权签字人",
        "technical": "技术负责人",
        "quality": "质量负责人",
        "inspector": "检验检测员",
        "other": "其他",
    },
)
