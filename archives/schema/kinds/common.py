"""The first catalogue: kinds of item that several groups have. Kinds of one group stand in its department's
app, beside its occupation."""

from archives.schema.kinds import basis, sections
from archives.schema.kinds.declaration import Basis, Category, ItemKind, Source
from archives.schema.kinds.licence import AdministrativeLicence
from archives.schema.kinds.penalty import AdministrativePenalty
from archives.schema.kinds.registry import register_kind

KEPT_LONG = "长期保存；本人可申请不再展示。"
KEPT_WITH_ARCHIVE = "随档案保存。"
FIVE_YEARS = "披露期最长五年，自行为终止之日起算；期满不再展示和使用，按本地规则转为档案保存或删除。"
"""河南省社会信用条例 19 and 山东省 38; the pack of the place decides."""


def adverse_kind(
    code: str,
    label: str,
    *legal_basis: Basis,
    section: type[sections.Fact] = sections.Breach,
    category: Category = Category.BREACH,
    source: Source = Source.SANCTION,
    deliverable: bool = True,
) -> ItemKind:
    """Register a kind that tells against the person: document and evidence needed (AY-N3), kept five years."""
    return register_kind(
        ItemKind(
            code=code,
            label=label,
            category=category,
            polarity="negative",
            source=source,
            section=section,
            legal_basis=(*legal_basis, basis.EFFECTIVE_DOCUMENTS),
            retention=FIVE_YEARS,
            cadence="monthly",
            needs_document=True,
            needs_evidence=True,
            deliverable=deliverable,
            disclosure="authorised" if deliverable else "self",
        )
    )


AWARD = register_kind(
    ItemKind(
        code="award",
        label="表彰奖励",
        category=Category.AWARD_OR_PENALTY,
        polarity="positive",
        source=Source.COMMENDATION,
        section=sections.Award,
        legal_basis=(*basis.CONTENT, basis.NOTICE_SOURCES),
        retention=KEPT_LONG,
        needs_document=True,
        disclosure="shared",
    )
)
HONOUR = register_kind(
    ItemKind(
        code="honour",
        label="荣誉称号",
        category=Category.AWARD_OR_PENALTY,
        polarity="positive",
        source=Source.COMMENDATION,
        section=sections.Award,
        legal_basis=(*basis.CONTENT, Basis(basis.NATIONAL_CATALOGUE, "诚实守信相关荣誉信息")),
        retention=KEPT_LONG,
        needs_document=True,
        disclosure="shared",
    )
)
ANNUAL_ASSESSMENT = register_kind(
    ItemKind(
        code="annual_assessment",
        label="年度考核",
        category=Category.EMPLOYMENT,
        polarity="neutral",
        source=Source.ANNUAL_ASSESSMENT,
        section=sections.Assessment,
        legal_basis=(*basis.SOURCES,),
        retention="随档案保存；考核不合格的，披露期最长五年，期满不再展示和使用。",
        cadence="annual",
    )
)
TRAINING = register_kind(
    ItemKind(
        code="training",
        label="教育培训",
        category=Category.EMPLOYMENT,
        polarity="positive",
        source=Source.ORIGINAL_FILING,
        section=sections.Training,
        legal_basis=(*basis.CONTENT, basis.ganzhou("四"), basis.LULIANG_TRAINING),
        retention=KEPT_WITH_ARCHIVE,
    )
)
QUALIFICATION_CHANGE = register_kind(
    ItemKind(
        code="qualification_change",
        label="资质登记变更",
        category=Category.EMPLOYMENT,
        polarity="neutral",
        source=Source.REGISTRATION_CHANGE,
        section=sections.Change,
        legal_basis=(*basis.SOURCES,),
        retention=KEPT_WITH_ARCHIVE,
        cadence="monthly",
    )
)
QUALIFICATION = register_kind(
    ItemKind(
        code="qualification",
        label="资格资质",
        category=Category.EMPLOYMENT,
        polarity="neutral",
        source=Source.REGISTRATION_CHANGE,
        section=sections.Qualification,
        legal_basis=(*basis.SOURCES, basis.ganzhou("四"), basis.NATIONAL_TITLES),
        retention="有效期满后不再展示；随档案保存。",
    )
)
ADMINISTRATIVE_LICENCE = register_kind(
    ItemKind(
        code="administrative_licence",
        label="行政许可",
        category=Category.EMPLOYMENT,
        polarity="neutral",
        source=Source.REGISTRATION_CHANGE,
        section=AdministrativeLicence,
        legal_basis=(basis.DOUBLE_PUBLICITY, basis.NATIONAL_ADMINISTRATION),
        retention="有效期满后不再展示；随档案保存。",
        cadence="monthly",
        needs_document=True,
    )
)
GOOD_RECORD = register_kind(
    ItemKind(
        code="good_record",
        label="优良信用记录",
        category=Category.AWARD_OR_PENALTY,
        polarity="positive",
        source=Source.COMMENDATION,
        section=sections.GoodRecord,
        legal_basis=(*basis.CONTENT, basis.PINGDINGSHAN_GOOD, basis.ZHANGDIAN_GOOD, basis.LULIANG_GOOD),
        retention=KEPT_LONG,
        disclosure="shared",
    )
)
SPOT_CHECK = register_kind(
    ItemKind(
        code="spot_check",
        label="抽查检查",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.SPOT_CHECK,
        section=sections.Inspection,
        legal_basis=(*basis.SOURCES,),
        retention=FIVE_YEARS,
    )
)
SUPERVISION = register_kind(
    ItemKind(
        code="supervision",
        label="日常监管",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.SUPERVISION,
        section=sections.Inspection,
        legal_basis=(*basis.SOURCES,),
        retention=FIVE_YEARS,
    )
)
SECTOR_RATING = register_kind(
    ItemKind(
        code="sector_rating",
        label="行业信用评价",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.SUPERVISION,
        section=sections.Rating,
        legal_basis=(*basis.USE, Basis(basis.HENAN_REGULATION, "第五十七条", basis.HENAN)),
        retention="有效期满后不再展示；历次评价随档案保存。",
        cadence="annual",
        needs_document=True,
    )
)
CREDIT_COMMITMENT = register_kind(
    ItemKind(
        code="credit_commitment",
        label="信用承诺及履行",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.ORIGINAL_FILING,
        section=sections.Commitment,
        legal_basis=(
            *basis.USE,
            basis.LULIANG_ENTRY,
            basis.PINGDINGSHAN_MODELS,
            Basis(basis.NATIONAL_CATALOGUE, "信用承诺及履行情况信息"),
        ),
        retention=FIVE_YEARS,
    )
)
COMPLAINT = register_kind(
    ItemKind(
        code="complaint",
        label="投诉申诉",
        category=Category.COMPLAINT,
        polarity="neutral",
        source=Source.SUPERVISION,
        section=sections.Complaint,
        legal_basis=(*basis.CONTENT,),
        retention="办结前只供单位和本人查看；查实的披露期最长五年，未查实的办结后不再展示。",
        cadence="monthly",
        deliverable=False,
        disclosure="self",
    )
)
PROFESSIONAL_CONDUCT = register_kind(
    ItemKind(
        code="professional_conduct",
        label="职业规范遵守情况",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.SUPERVISION,
        section=sections.Conduct,
        legal_basis=(*basis.CONTENT, basis.ganzhou("四")),
        retention=FIVE_YEARS,
        cadence="annual",
    )
)
INTEGRITY = register_kind(
    ItemKind(
        code="integrity",
        label="廉政记录",
        category=Category.OTHER,
        polarity="neutral",
        source=Source.SUPERVISION,
        section=sections.Integrity,
        legal_basis=(*basis.CONTENT, basis.ganzhou("一"), basis.ganzhou("三")),
        retention=KEPT_WITH_ARCHIVE,
        cadence="annual",
        deliverable=False,
        disclosure="self",
    )
)
BUSINESS_RECORD = register_kind(
    ItemKind(
        code="business_record",
        label="业务信息",
        category=Category.EMPLOYMENT,
        polarity="neutral",
        source=Source.ORIGINAL_FILING,
        section=sections.Activity,
        legal_basis=(*basis.CONTENT, basis.ganzhou("三")),
        retention=KEPT_WITH_ARCHIVE,
    )
)
SOCIAL_SERVICE = register_kind(
    ItemKind(
        code="social_service",
        label="社会服务",
        category=Category.OTHER,
        polarity="positive",
        source=Source.ORIGINAL_FILING,
        section=sections.Activity,
        legal_basis=(*basis.CONTENT, basis.ganzhou("三")),
        retention=KEPT_LONG,
    )
)
PUBLIC_WELFARE = register_kind(
    ItemKind(
        code="public_welfare",
        label="社会公益",
        category=Category.OTHER,
        polarity="positive",
        source=Source.ORIGINAL_FILING,
        section=sections.Activity,
        legal_basis=(*basis.CONTENT, basis.ganzhou("三")),
        retention=KEPT_LONG,
    )
)

ADMINISTRATIVE_PENALTY = adverse_kind(
    "administrative_penalty",
    "行政处罚",
    *basis.SOURCES,
    basis.PENALTY_LAW,
    section=AdministrativePenalty,
    category=Category.AWARD_OR_PENALTY,
)
DISCIPLINE = adverse_kind(
    "discipline",
    "党纪政务处分",
    *basis.SOURCES,
    basis.ganzhou("一"),
    basis.PUBLIC_SANCTIONS,
    section=sections.Discipline,
    category=Category.AWARD_OR_PENALTY,
    deliverable=False,
)
"""Unit and person only: internal personnel matters are never published (政府信息公开条例 16)."""

INDUSTRY_SANCTION = adverse_kind(
    "industry_sanction",
    "执业处罚、行业惩戒",
    *basis.SOURCES,
    basis.ganzhou("三"),
    section=sections.IndustrySanction,
    category=Category.AWARD_OR_PENALTY,
)
LAW_BREACH = adverse_kind("law_breach", "违法行为", *basis.CONTENT)
DISCIPLINE_BREACH = adverse_kind("discipline_breach", "违纪行为", *basis.CONTENT, deliverable=False)
CONTRACT_BREACH = adverse_kind("contract_breach", "违约行为", *basis.CONTENT, section=sections.ContractBreach)
JUDGMENT_DEFAULTER = adverse_kind(
    "judgment_defaulter",
    "被列为失信被执行人",
    basis.DEFAULTER_RULES,
    basis.ganzhou("二"),
    section=sections.Defaulter,
)
CERTIFICATE_LENDING = adverse_kind(
    "certificate_lending",
    "“挂靠（证）”",
    basis.ganzhou("六"),
    basis.ganzhou("七"),
    basis.ganzhou("八"),
    basis.LICENCE_LAW,
    source=Source.SUPERVISION,
)
