"""Lists of serious dishonesty 严重失信主体名单: who is on none of them is not seriously dishonest (国办发〔2020〕49号).

Only lists that name natural persons and rest on a law, a judicial interpretation or a ministry's rule stand here; a
county adds none by itself. How sure we are of each basis is said beside it.
"""

from collections.abc import Mapping

from archives.schema.codes import CodeList
from archives.schema.kinds.declaration import Basis

LISTINGS = CodeList(
    "listing",
    "国办发〔2020〕49号；各名单的依据见 archives/schema/listings.py，代码为本系统自编",
    "2026",
    {
        "judgment_defaulter": "失信被执行人名单",
        "tax": "重大税收违法失信主体名单",
        "market": "市场监督管理严重违法失信名单",
        "wage_arrears": "拖欠农民工工资失信联合惩戒对象名单",
        "work_safety": "安全生产严重失信主体名单",
        "culture_tourism": "文化和旅游市场严重失信主体名单",
        "procurement": "政府采购严重违法失信行为记录名单",
    },
)

LISTING_BASES: Mapping[str, Basis] = {
    # Title and number are certain; the article is from general knowledge.
    "judgment_defaulter": Basis(
        "最高人民法院关于公布失信被执行人名单信息的若干规定（法释〔2017〕7号）", "第一条"
    ),
    # Title and number are certain.
    "tax": Basis("重大税收违法失信主体信息公布管理办法（国家税务总局令第54号）", ""),
    "market": Basis("市场监督管理严重违法失信名单管理办法（国家市场监督管理总局令第44号）", ""),
    "wage_arrears": Basis(
        "拖欠农民工工资失信联合惩戒对象名单管理暂行办法（人力资源和社会保障部令第45号）", ""
    ),
    # Title certain, number from general knowledge.
    "work_safety": Basis("安全生产严重失信主体名单管理办法（应急管理部令第11号）", ""),
    "culture_tourism": Basis("文化和旅游市场信用管理规定（文化和旅游部令第7号）", ""),
    # The article speaks of 不良行为记录名单; that it is this list is what the ministry of finance says.
    "procurement": Basis("中华人民共和国政府采购法", "第七十七条"),
}
"""The legal basis of each list, to be checked against the official text before a county goes live."""
