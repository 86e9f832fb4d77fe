"""The documents that kinds of item rest on, written once.

How sure each is stands beside it. What carries no remark rests on the rules this product was given and on secondary
copies; article numbers are to be checked against the official text before a county goes live.
"""

from archives.schema.kinds.declaration import Basis

HENAN, ANYANG, GANZHOU, LULIANG, PINGDINGSHAN, ZHANGDIAN = "41", "410522", "3607", "1411", "4104", "370303"
"""Where a document holds: the beginning of the codes of its places. A city's document holds in its counties (GZ-10)."""

NOTICE_CONTENT = Basis("安县信用办〔2022〕5号", "三（二）", ANYANG)
NOTICE_SOURCES = Basis("安县信用办〔2022〕5号", "三（五）", ANYANG)
NOTICE_USE = Basis("安县信用办〔2022〕5号", "四", ANYANG)
EFFECTIVE_DOCUMENTS = Basis(
    "国务院办公厅关于进一步完善失信约束制度构建诚信建设长效机制的指导意见（国办发〔2020〕49号）", "二、三"
)
"""Records only from a catalogue, dishonesty only from effective documents; read in copies that agree,
the numbers of its parts from general knowledge."""

PENALTY_LAW = Basis("中华人民共和国行政处罚法（2021）", "第九条")
LICENCE_LAW = Basis("中华人民共和国行政许可法", "第八十条")
"""Lending a licence. From general knowledge."""

PUBLIC_SANCTIONS = Basis("中华人民共和国公职人员政务处分法", "第七条、第八条")
DEFAULTER_RULES = Basis("最高人民法院关于公布失信被执行人名单信息的若干规定", "第一条")
"""The Supreme Court's rules of 2013, amended in 2017; the article is from general knowledge."""

DOUBLE_PUBLICITY = Basis("发改办财金〔2018〕424号", "行政许可和行政处罚信息公示")
"""Seven working days, and the fields; read in three copies. Reporting to the platform; people are not published."""

NATIONAL_CATALOGUE = "全国公共信用信息基础目录"
"""The headings of its 2024 edition; their exact wording is from general knowledge."""
NATIONAL_TITLES = Basis(NATIONAL_CATALOGUE, "职称和职业信息")
NATIONAL_ADMINISTRATION = Basis(NATIONAL_CATALOGUE, "行政管理信息")

HENAN_REGULATION = "河南省社会信用条例"


_LULIANG = "吕信用办发〔2019〕4号"
_PINGDINGSHAN = "平政办〔2018〕18号"
_ZHANGDIAN = "张店区关于加强个人诚信体系建设的实施意见（2024）"
LULIANG_GOOD = Basis(_LULIANG, "三（一）", LULIANG)
LULIANG_TRAINING = Basis(_LULIANG, "五（三）第31项", LULIANG)
LULIANG_MEMBERS = Basis(_LULIANG, "三（二）第21项", LULIANG)
LULIANG_ENTRY = Basis(_LULIANG, "五（三）第32项", LULIANG)
PINGDINGSHAN_GOOD = Basis(_PINGDINGSHAN, "六（一）", PINGDINGSHAN)
PINGDINGSHAN_MODELS = Basis(_PINGDINGSHAN, "二（三）", PINGDINGSHAN)
PINGDINGSHAN_ENTITIES = Basis(_PINGDINGSHAN, "三（二）", PINGDINGSHAN)
ZHANGDIAN_GOOD = Basis(_ZHANGDIAN, "（十六）", ZHANGDIAN)
ZHANGDIAN_ENTITIES = Basis(_ZHANGDIAN, "（十）", ZHANGDIAN)

RECORDS = (
    Basis("赣市信用联席办字〔2022〕19号", "一", GANZHOU),
    Basis(_LULIANG, "一（二）第4、5项", LULIANG),
    Basis(_PINGDINGSHAN, "三（二）", PINGDINGSHAN),
    Basis(_ZHANGDIAN, "（九）（十）", ZHANGDIAN),
)
"""Where the other places' documents ask for records of the key groups."""
CONTENT = (NOTICE_CONTENT, *RECORDS)
SOURCES = (NOTICE_SOURCES, *RECORDS)
USE = (NOTICE_USE, *RECORDS)


def ganzhou(part: str) -> Basis:
    """A paragraph of part 二 of the Ganzhou notice, e.g. `ganzhou("五")` for physicians."""
    return Basis("赣市信用联席办字〔2022〕19号", f"二（{part}）", GANZHOU)
