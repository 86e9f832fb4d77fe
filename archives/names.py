"""How a name is sorted and found: pinyin with surnames read as surnames, and the initials of it. No database.

PostgreSQL has no Chinese collation here, so the keys are computed once and stored.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations

from pypinyin import lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

LONGEST_KEY = 200
LONGEST_INITIALS = 50
_DOTS = "·•‧・"
_FEW_HAN = re.compile("[\u4e00-\u9fa5]{1,4}")
_SURNAMES = {
    "万俟": "mo qi", "尉迟": "yu chi", "单于": "chan yu", "长孙": "zhang sun", "澹台": "tan tai",
    "令狐": "ling hu", "宰父": "zai fu", "亓官": "qi guan", "夏侯": "xia hou", "中行": "zhong hang",
    "乐正": "yue zheng", "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "任": "ren", "查": "zha",
    "区": "ou", "盖": "ge", "朴": "piao", "尉": "wei", "乐": "yue", "翟": "zhai", "缪": "miao", "宓": "mi",
    "员": "yun", "贠": "yun", "召": "shao", "折": "she", "冼": "xian", "洗": "xian", "种": "chong", "秘": "bi",
    "郇": "xun", "燕": "yan", "葛": "ge", "那": "na", "隗": "wei", "繁": "po", "覃": "qin", "谌": "chen",
    "句": "gou", "阚": "kan", "宁": "ning", "於": "yu", "祭": "zhai", "薄": "bo", "郗": "xi", "相": "xiang",
    "应": "ying", "曲": "qu", "强": "qiang", "莘": "shen", "盛": "sheng", "都": "du", "过": "guo", "华": "hua",
    "纪": "ji", "车": "che", "黑": "he", "幺": "yao", "逄": "pang", "炅": "gui", "藏": "zang", "臧": "zang",
    "柏": "bai", "石": "shi", "沈": "shen", "宿": "su", "行": "xing", "哈": "ha", "撒": "sa", "牟": "mu",
    "会": "gui",
}  # fmt: skip
"""Characters that are read otherwise as a surname than alone, and those that a reader might get wrong.

Where a surname has two readings (乐 yue/le, 覃 qin/tan, 牟 mu/mou) the one common in Henan and Shandong stands here.
"""


def sort_key(name: str) -> str:
    """Return the pinyin by which a name is sorted and found.

    The blanks between syllables keep a surname together: 罗 (luo) never stands among the 卢 (lu).
    """
    return keys_of(name)[0]


def initials(name: str) -> str:
    """Return the first letters of the syllables: 单小红 is "sxh", John Smith "js", 古丽·买买提 "glmmt"."""
    return keys_of(name)[1]


@lru_cache(maxsize=20_000)
def keys_of(name: str) -> tuple[str, str]:
    """Return sort key and initials of a name, read once."""
    words = " ".join(_syllables(name)).lower()
    letters = "".join(word[0] for word in words.split() if word[0].isalnum())
    return words[:LONGEST_KEY], letters[:LONGEST_INITIALS]


def _syllables(name: str) -> list[str]:
    # A name with a dot is another people's, written by sound: it has no Chinese surname.
    if not any(dot in name for dot in _DOTS):
        for length in (2, 1):
            if reading := _SURNAMES.get(name[:length]):
                return [*reading.split(), *_read(name[length:])]
    return _read(name)


def _read(text: str) -> list[str]:
    """The syllables of some characters, as `lazy_pinyin` gives them, which takes ten times as long where none of them
    are read together."""
    if _FEW_HAN.fullmatch(text):
        parts = (text[start:end] for start, end in combinations(range(len(text) + 1), 2) if end - start > 1)
        if not any(part in phrases_dict for part in parts):
            return [_alone(character) for character in text]
    return list(lazy_pinyin(text))


@lru_cache(maxsize=8192)
def _alone(character: str) -> str:
    syllable: str = lazy_pinyin(character)[0]
    return syllable
