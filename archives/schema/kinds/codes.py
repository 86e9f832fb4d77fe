"""Code lists of the kinds of dated fact. Codes without a standard are ours."""

from archives.schema.codes import CodeList

PENALTY_TYPES = CodeList(
    "penalty_type",
    "行政处罚法（2021）第九条；代码为本系统自编",
    "2021",
    {
        "warning": "警告",
        "criticism": "通报批评",
        "fine": "罚款",
        "confiscated_gains": "没收违法所得",
        "confiscated_goods": "没收非法财物",
        "licence_suspended": "暂扣许可证件",
        "grade_lowered": "降低资质等级",
        "licence_revoked": "吊销许可证件",
        "business_restricted": "限制开展生产经营活动",
        "business_stopped": "责令停产停业",
        "closed": "责令关闭",
        "practice_restricted": "限制从业",
        "detention": "行政拘留",
        "other": "其他",
    },
    # words of the older list (发改办财金〔2018〕424号)
    {
        "暂扣许可证": "licence_suspended", "暂扣执照": "licence_suspended",
        "吊销许可证": "licence_revoked", "吊销执照": "licence_revoked",
    },
)  # fmt: skip

PROCEDURES = CodeList(
    "penalty_procedure",
    "行政处罚法（2021）第五章；代码为本系统自编",
    "2021",
    {"simple": "简易程序", "ordinary": "普通程序", "hearing": "普通程序（经听证）"},
    {"当场处罚": "simple", "一般程序": "ordinary", "听证程序": "hearing"},
)

SANCTIONS = CodeList(
    "discipline_sanction",
    "公职人员政务处分法第七条；中国共产党纪律处分条例（党纪处分种类）；代码为本系统自编",
    "2020",
    {
        "party_warning": "党内警告",
        "party_serious_warning": "党内严重警告",
        "party_dismissal": "撤销党内职务",
        "party_probation": "留党察看",
        "party_expulsion": "开除党籍",
        "warning": "政务警告",
        "demerit": "政务记过",
        "serious_demerit": "政务记大过",
        "demotion": "政务降级",
        "dismissal": "政务撤职",
        "expulsion": "开除公职",
    },
    {
        "警告": "warning",
        "记过": "demerit",
        "记大过": "serious_demerit",
        "降级": "demotion",
        "撤职": "dismissal",
    },
)

SEVERITIES = CodeList(
    "severity",
    "信用修复管理办法（国家发展改革委令 2025 年第 36 号）：由行业主管部门认定",
    "2025",
    {"minor": "轻微", "general": "一般", "serious": "严重"},
)

LEVELS = CodeList(
    "award_level",
    "本系统自编",
    "1",
    {
        "national": "国家级",
        "province": "省部级",
        "city": "市厅级",
        "county": "县级",
        "unit": "单位",
        "other": "其他",
    },
    {"省级": "province", "市级": "city", "区级": "county"},
)

ASSESSMENTS = CodeList(
    "assessment_result",
    "公务员法、事业单位人事管理条例和各行业考核的常用等次；代码为本系统自编",
    "1",
    {"excellent": "优秀", "competent": "合格（称职）", "basic": "基本合格（基本称职）", "failed": "不合格（不称职）",
     "none": "不定等次"},
    {"称职": "competent", "合格": "competent", "基本称职": "basic", "基本合格": "basic", "不称职": "failed",
     "不合格": "failed"},
)  # fmt: skip

CHECK_RESULTS = CodeList(
    "check_result",
    "本系统自编",
    "1",
    {"passed": "未发现问题", "corrected": "发现问题已改正", "failed": "发现问题待处理"},
    {"合格": "passed", "正常": "passed", "已整改": "corrected", "不合格": "failed"},
)

COMPLAINT_FORMS = CodeList(
    "complaint_form",
    "本系统自编",
    "1",
    {"complaint": "投诉", "appeal": "申诉", "report": "举报", "petition": "信访"},
)

COMPLAINT_OUTCOMES = CodeList(
    "complaint_outcome",
    "本系统自编",
    "1",
    {
        "open": "办理中",
        "unfounded": "不属实",
        "unproven": "无法查实",
        "upheld": "属实",
        "partly": "部分属实",
        "withdrawn": "撤回",
        "settled": "调解结案",
    },
    {"查实": "upheld", "已撤诉": "withdrawn"},
)

CONDUCT = CodeList(
    "conduct", "本系统自编", "1", {"kept": "遵守", "breached": "违反"}, {"良好": "kept", "不遵守": "breached"}
)

KEPT = CodeList(
    "commitment_state",
    "本系统自编",
    "1",
    {"running": "履行中", "kept": "全部履行", "broken": "未履行"},
    {"已履行": "kept", "违约": "broken"},
)

INTEGRITY = CodeList(
    "integrity_matter",
    "本系统自编",
    "1",
    {"education": "廉政教育", "review": "廉政考核评议", "report": "述责述廉", "pledge": "廉政承诺"},
)

CHANGES = CodeList(
    "registration_change",
    "本系统自编",
    "1",
    {"first": "首次登记", "change": "变更", "renewal": "延续", "suspension": "暂停", "cancellation": "注销"},
    {"初始注册": "first", "变更注册": "change", "延续注册": "renewal", "注销注册": "cancellation"},
)

LICENCE_TYPES = CodeList(
    "licence_type",
    "发改办财金〔2018〕424号；代码为本系统自编",
    "2018",
    {
        "ordinary": "普通",
        "franchise": "特许",
        "recognition": "认可",
        "approval": "核准",
        "registration": "登记",
        "other": "其他",
    },
)

LICENCE_STATES = CodeList(
    "licence_state", "发改办财金〔2018〕424号", "2018", {"1": "有效", "2": "无效"}, {"有效": "1", "无效": "2"}
)

QUALIFICATION_STATES = CodeList(
    "qualification_state", "本系统自编", "1", {"valid": "有效", "suspended": "暂停", "cancelled": "注销"}
)

COMMITMENTS = CodeList(
    "commitment_type",
    "信用承诺书的常用类型；入职承诺见 LL-32，综合诚信承诺见 PD-05；代码为本系统自编",
    "1",
    {
        "entry": "入职信用承诺",
        "integrity": "综合诚信承诺",
        "approval": "审批替代",
        "proof": "证明事项",
        "missing_papers": "容缺受理",
        "repair": "信用修复",
        "own": "主动承诺",
        "trade": "行业自律",
    },
)

GROUNDS = CodeList(
    "good_record_ground",
    "优良信用记录的来源（LL-16、PD-31、ZD-33）；代码为本系统自编",
    "1",
    {
        "model": "道德模范",
        "volunteer": "优秀志愿者",
        "association": "行业协会商会推荐",
        "media": "新闻媒体挖掘",
        "department": "部门发掘推荐",
        "other": "其他",
    },
)

ROLES = CodeList(
    "entity_role",
    "失信主体的责任人员（PD-13、ZD-16）；代码为本系统自编",
    "1",
    {"representative": "法定代表人", "principal": "主要负责人", "direct": "其他直接责任人员"},
    {"法人代表": "representative", "负责人": "principal", "直接责任人": "direct"},
)

YES_NO = CodeList("yes_no", "本系统自编", "1", {"yes": "是", "no": "否"})
