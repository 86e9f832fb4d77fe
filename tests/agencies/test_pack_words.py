"""What a place rules stands on its pages in words of the field, never in names of ours."""

import re
from typing import Any

import pytest

from agencies import packloader
from agencies.packrules import rules_of
from agencies.packwords import validity_text, value_text
from archives.validity import problem_of

PLACES = ("anyang", "ganzhou", "luliang", "pingdingshan", "zhangdian")
ENGLISH = re.compile(r"[A-Za-z_]{3,}")


@pytest.mark.parametrize("place", PLACES)
def test_no_rule_of_a_place_has_a_name_of_ours(place: str) -> None:
    found = {rule["key"]: rule["text"] for rule in rules_of(packloader.read(place))}
    assert len(found) > 20
    assert {key: text for key, text in found.items() if ENGLISH.search(text)} == {}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"months": 36},
            "不利信息：最长 36 个月，自行为终止之日（没有终止的，决定之日）起算，届满后存入档案，不再展示和使用",
        ),
        (
            {
                "since": "2026-04-01",
                "kinds": ["administrative_penalty"],
                "months": 36,
                "severity": {"minor": 3, "general": 12},
                "start": "determined",
                "after": "delete",
            },
            "行政处罚（2026-04-01 起作出的）：轻微 3 个月、一般 12 个月、其他 36 个月，自作出决定之日起算，届满后删除",
        ),
    ],
)
def test_how_long_facts_are_shown_is_a_sentence(rule: dict[str, Any], words: str) -> None:
    assert problem_of([rule]) == ""
    assert validity_text([rule]) == words


def test_groups_and_kinds_in_a_cadence_have_their_names() -> None:
    value = {
        "record": "annual",
        "groups": {"teacher": "quarterly"},
        "items": {"award": "monthly"},
        "due_day": 5,
    }
    assert value_text(value) == (
        "年度记录：按年度；人群：教师：按季度；条目：表彰奖励：按月度；期后截止日：5"
    )
