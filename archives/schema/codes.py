"""Code lists that records refer to, with the standard each comes from.

A record stores the code; its manifest stores the list's version, so that an old record keeps its meaning.
Labels are the short words used on forms; the words of the standard are understood as well (`aliases`).
Never remove a code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from archives.schema import cleaning
from archives.schema.identifiers import DocumentType

Offer = tuple[tuple[str, tuple[str, ...]], ...]
"""What a drop-down offers: (group label, codes) in order; a group without label is not shown as one."""


@dataclass(frozen=True)
class CodeList:
    """Codes with labels. All codes are accepted as input; `offer` is the shorter list for people to choose
    from."""

    name: str
    standard: str
    list_version: str
    labels: Mapping[str, str]
    aliases: Mapping[str, str] = field(default_factory=dict)
    offer: Offer = ()

    def __post_init__(self) -> None:
        words = dict(self.aliases) | {label: code for code, label in self.labels.items()}
        index = {cleaning.token(word): code for word, code in words.items()}
        index |= {code: code for code in self.labels}
        object.__setattr__(self, "_index", index)
        widths = {len(code) for code in self.labels}
        object.__setattr__(self, "_width", widths.pop() if len(widths) == 1 else 0)

    _index: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _width: int = field(init=False, repr=False, compare=False)

    def find(self, text: str) -> str | None:
        """The code for a code, label or alias; leading zeros lost by a spreadsheet are restored."""
        code = self._index.get(text)
        if code is not None:
            return code
        text = cleaning.token(text)
        code = self._index.get(text)
        if code is None and text.isdigit() and self._width:
            code = self._index.get(text.zfill(self._width))
        return code

    def groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """(group label, [(code, label)]) as a drop-down shows them."""
        for group, codes in self.offer or (("", tuple(self.labels)),):
            yield group, [(code, self.labels[code]) for code in codes]


SEX = CodeList(
    "sex",
    "GB/T 2261.1-2003",
    "2003",
    {"0": "未知", "1": "男", "2": "女", "9": "未说明"},
    {"男性": "1", "女性": "2", "未知的性别": "0", "未说明的性别": "9"},
    (("", ("1", "2")),),
)

POLITICAL_STATUS = CodeList(
    "political_status",
    "GB/T 4762-1984",
    "1984",
    {
        "01": "中共党员",
        "02": "中共预备党员",
        "03": "共青团员",
        "04": "民革会员",
        "05": "民盟盟员",
        "06": "民建会员",
        "07": "民进会员",
        "08": "农工党党员",
        "09": "致公党党员",
        "10": "九三学社社员",
        "11": "台盟盟员",
        "12": "无党派人士",
        "13": "群众",
    },
    {
        "中国共产党党员": "01",
        "党员": "01",
        "中国共产党预备党员": "02",
        "预备党员": "02",
        "中国共产主义青年团团员": "03",
        "团员": "03",
        "中国国民党革命委员会会员": "04",
        "民革党员": "04",
        "中国民主同盟盟员": "05",
        "中国民主建国会会员": "06",
        "中国民主促进会会员": "07",
        "中国农工民主党党员": "08",
        "中国致公党党员": "09",
        "台湾民主自治同盟盟员": "11",
        "无党派民主人士": "12",
        "无党派": "12",
    },
)

EDUCATION = CodeList(
    "education",
    "GB/T 4658-2006",
    "2006",
    {
        "10": "研究生教育",
        "11": "博士研究生毕业",
        "12": "博士研究生结业",
        "13": "博士研究生肄业",
        "14": "硕士研究生毕业",
        "15": "硕士研究生结业",
        "16": "硕士研究生肄业",
        "17": "研究生班毕业",
        "18": "研究生班结业",
        "19": "研究生班肄业",
        "20": "大学本科教育",
        "21": "大学本科毕业",
        "22": "大学本科结业",
        "23": "大学本科肄业",
        "28": "大学普通班毕业",
        "30": "大学专科教育",
        "31": "大学专科毕业",
        "32": "大学专科结业",
        "33": "大学专科肄业",
        "40": "中等职业教育",
        "41": "中等专科毕业",
        "42": "中等专科结业",
        "43": "中等专科肄业",
        "44": "职业高中毕业",
        "45": "职业高中结业",
        "46": "职业高中肄业",
        "47": "技工学校毕业",
        "48": "技工学校结业",
        "49": "技工学校肄业",
        "60": "普通高级中学教育",
        "61": "普通高中毕业",
        "62": "普通高中结业",
        "63": "普通高中肄业",
        "70": "初级中学教育",
        "71": "初中毕业",
        "73": "初中肄业",
        "80": "小学教育",
        "81": "小学毕业",
        "83": "小学肄业",
        "90": "其他",
    },
    {
        "研究生": "10",
        "博士研究生": "11",
        "博士": "11",
        "硕士研究生": "14",
        "硕士": "14",
        "大学本科": "20",
        "本科": "20",
        "大学": "20",
        "大学专科": "30",
        "大专": "30",
        "专科": "30",
        "中专": "41",
        "中等专科": "41",
        "职高": "44",
        "技校": "47",
        "高中": "60",
        "初中": "70",
        "小学": "80",
    },
    (
        ("研究生", ("11", "14", "17")),
        ("大学本科", ("21", "22", "23")),
        ("大学专科", ("31", "32", "33")),
        ("中等职业", ("41", "44", "47")),
        ("高中及以下", ("61", "71", "81", "90")),
    ),
)

DOCUMENT_TYPES = CodeList(
    "document_type",
    "GA/T 517-2004；港澳台居民居住证为本系统自编代码",
    "2004+1",
    {kind.value: kind.label for kind in DocumentType},
    {
        "身份证": "111",
        "中华人民共和国居民身份证": "111",
        "普通护照": "414",
        "台胞证": "511",
        "回乡证": "516",
        "外国人永久居留证": "553",
        "永久居留身份证": "553",
        "居住证": "HMT",
        "港澳居民居住证": "HMT",
        "台湾居民居住证": "HMT",
    },
    (("", ("111", "HMT", "516", "511", "553", "414", "112", "114", "115", "554", "990")),),
)

DETERMINATIONS = CodeList(
    "determination",
    "安县信用办〔2022〕5号附件填表说明第 1 条",
    "2022",
    {"trustworthy": "守信", "warning": "存在警示行为", "serious_dishonesty": "存在严重失信行为"},
    {"守信人员": "trustworthy", "警示": "warning", "警示行为": "warning", "严重失信": "serious_dishonesty",
     "严重失信行为": "serious_dishonesty"},
)  # fmt: skip
