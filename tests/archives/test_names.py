"""How names are sorted and found: surnames read as surnames, initials of every syllable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from archives.names import LONGEST_INITIALS, LONGEST_KEY, initials, sort_key

GIVEN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=3)
SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "任": "ren", "查": "zha", "区": "ou", "盖": "ge",
    "朴": "piao", "乐": "yue", "翟": "zhai", "缪": "miao", "员": "yun", "种": "chong", "覃": "qin",
    "尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "长孙": "zhang sun",
}  # fmt: skip


@given(st.sampled_from(sorted(SURNAMES)), GIVEN)
def test_a_surname_is_read_as_a_surname_whatever_follows(surname: str, given_name: str) -> None:
    if surname + given_name[:1] in SURNAMES:
        surname, given_name = surname + given_name[:1], given_name[1:]
    reading = SURNAMES[surname]
    assert sort_key(surname + given_name).split()[: len(reading.split())] == reading.split()
    assert initials(surname + given_name).startswith("".join(word[0] for word in reading.split()))


@given(st.text(max_size=60))
def test_any_text_has_keys_that_fit_and_can_be_typed(text: str) -> None:
    assert len(sort_key(text)) <= LONGEST_KEY
    found = initials(text)
    assert len(found) <= LONGEST_INITIALS
    assert found == found.lower() == "".join(found.split())


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=4))
def test_every_han_character_has_one_initial(name: str) -> None:
    assert len(initials(name)) == len(name)


COMMON = st.text("王李张敏静丽强勇重庆朝阳长安行乐兴国海波文华晨光思远立新", min_size=1, max_size=5)


@given(st.one_of(GIVEN, COMMON).filter(bool))
def test_what_follows_a_surname_is_read_as_the_library_reads_it(given_name: str) -> None:
    assert sort_key(f"郗{given_name}").split()[1:] == lazy_pinyin(given_name)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("单小红", "sxh"), ("曾国强", "zgq"), ("仇英", "qy"), ("王小明", "wxm"), ("古丽·买买提", "glmmt"),
        ("查干·巴特尔", "cgbte"), ("John Smith", "js"), ("欧阳娜娜", "oynn"), ("", ""),
    ],
)  # fmt: skip
def test_initials(name: str, found: str) -> None:
    assert initials(name) == found


def test_without_the_table_the_readings_would_be_others() -> None:
    assert lazy_pinyin("单")[0] == "dan"
    assert lazy_pinyin("仇")[0] == "chou"
