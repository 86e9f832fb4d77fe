"""What the two notices print of the contents of archives, by group, to hold the declarations to."""

GANZHOU = {
    "civil_servant": "E1 E2 E5 E6 E7 E12 E13 E16",
    "enterprise_principal": "E1 E2 E6 E7 E8 E16.1 E16.2 E12 E16",
    "lawyer": "E1 E2 E3 E4 E6 E7 E8 E9 E5 E12 E13 E15 E16",
    "teacher": "E1 E2 E6 E7 E10 E11 E12 E13 E14 E16",
    "doctor": "E1 E2 E6 E7 E8 E12 E13 E14 E16",
    "tax_agent": "E1 E2 E3 E6 E7 E8 E9 E12 E13 E16",
    "fire_engineer": "E1 E2 E6 E7 E8 E12 E13 E14 E16",
    "auditor": "E1 E2 E3 E6 E7 E8 E9 E12 E13 E16",
    "estate_agent": "E1 E2 E3 E6 E7 E8 E9 E12 E13 E16",
    "finance_staff": "E1 E2 E3 E6 E7 E8 E9 E12 E13 E16",
    "tour_guide": "E1 E2 E6 E12 E14 E16",
}
"""The headings of each archive in the order of 赣市信用联席办字〔2022〕19号, part 二."""

SIX_LABELS = {
    "AY-03": "个人基本信息",
    "AY-04": "从业信息",
    "AY-05": "奖惩情况信息",
    "AY-06": "相关违法违纪违约信息",
    "AY-07": "受到投诉申诉情况信息",
    "AY-08": "其他能反映其信用状况的信息",
}
LABELS = {
    "E1": "个人基本信息",
    "E2": "从业履历",
    "E3": "业务信息",
    "E4": "社会服务信息",
    "E5": "廉政记录",
    "E6": "奖惩情况",
    "E7": "年度考核结果",
    "E8": "职业信用记录",
    "E9": "执业处罚情况",
    "E10": "资质认定",
    "E11": "职业规范遵守情况",
    "E12": "相关违法违纪违约行为",
    "E13": "收到投诉申诉情况",
    "E14": "教育培训记录",
    "E15": "参加社会公益活动情况",
    "E16": "其他能反映其信用状况的信息",
    "E16.1": "是否被列为失信被执行人或所在企业是否为失信企业",
    "E16.2": "所在企业是否因严重失信行为受到行政处罚（国家发改委规定的五类严重失信行为）",
}
"""What the two notices call the contents: six for all groups, sixteen of which each archive has some."""
OWN_LABELS = {
    "enterprise_principal": {
        "E16": "其他如因其失责或有违法违规行为导致所在企业破产清算等能反映其信用状况的信息"
    },
    "doctor": {"E16": "其他如无证上岗、泄露患者隐私、乱收费、收取红包等能反映其信用状况的信息"},
    "tax_agent": {"E16": "其他如“挂靠（证）”现象等能反映其信用状况的信息"},
    "auditor": {"E16": "其他如“挂靠（证）”现象等能反映其信用状况的信息"},
    "fire_engineer": {
        "E16": "其他如“挂靠（证）”现象、日常防火巡查是否到位、火灾隐患整改是否到位等能反映其信用状况的信息"
    },
    "tour_guide": {
        "E12": "相关违法违约行为",
        "E16": "其他如侵害旅游者合法权益、强迫购物、随意更改既定线路等能反映其信用状况的信息",
    },
}
OWN_FLAGS = {
    "doctor": ["无证上岗", "泄露患者隐私", "乱收费", "收取红包"],
    "tax_agent": ["“挂靠（证）”"],
    "auditor": ["“挂靠（证）”"],
    "fire_engineer": ["“挂靠（证）”", "日常防火巡查不到位", "火灾隐患整改不到位"],
    "tour_guide": ["侵害旅游者合法权益", "强迫购物", "随意更改既定线路"],
}
