"""The departments that answer for key professional groups, as stable codes with generic names.

A pack gives each the name it bears in its place; an occupation and a department's app refer to the code.
The first sixteen are those of 安县信用办〔2022〕5号, part 三(三) (AY-G01 to AY-G22); the others come from the further
groups of the other four documents. `public_security` and those from `banking_supervision` on have no occupations of
their own: they write a part of somebody else's record (GZ-A02), answer for a group that another class describes,
or are named in a document without a group.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

DEPARTMENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "organisation": "组织部门",
        "market_supervision": "市场监督管理部门",
        "transport": "交通运输部门",
        "justice": "司法行政部门",
        "education": "教育部门",
        "health": "卫生健康部门",
        "human_resources": "人力资源和社会保障部门",
        "finance": "财政部门",
        "taxation": "税务部门",
        "development_reform": "发展和改革部门",
        "fire_rescue": "消防救援机构",
        "audit_office": "审计机关",
        "housing": "住房和城乡建设部门",
        "financial_services": "地方金融管理部门",
        "culture_tourism": "文化和旅游部门",
        "civil_affairs": "民政部门",
        "emergency_management": "应急管理部门",
        "ecology": "生态环境部门",
        "public_security": "公安机关",
        "publicity": "宣传部门",
        "cyberspace": "网信部门",
        "commerce": "商务部门",
        "postal": "邮政管理部门",
        "administrative_approval": "行政审批部门",
        "central_bank": "人民银行分支机构",
        "banking_supervision": "金融监督管理机构",
        "science_technology": "科技部门",
        "natural_resources": "自然资源部门",
        "youth_league": "共青团组织",
        "court": "人民法院",
        "procuratorate": "人民检察院",
        "township": "镇政府、街道办事处",
    }
)
