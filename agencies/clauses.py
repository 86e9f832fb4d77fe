"""The clauses of the five policy documents that packs may cite, and where each stands in its document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document: how it is cited."""

    number: str
    title: str


DOCUMENTS: Final[Mapping[str, Document]] = MappingProxyType(
    {
        "AY": Document(
            "安县信用办〔2022〕5号", "关于建立和完善重点人群信用记录加快推进个人诚信体系建设的通知"
        ),
        "GZ": Document("赣市信用联席办字〔2022〕19号", "关于进一步加强重点人群信用档案建设的通知"),
        "LL": Document("吕信用办发〔2019〕4号", "关于加强个人诚信建设的分工方案"),
        "PD": Document("平政办〔2018〕18号", "平顶山市个人诚信体系建设实施方案"),
        "ZD": Document("张店区政府办 2024年9月27日印发", "关于加强个人诚信体系建设的实施意见"),
    }
)

_NUMERALS = "一二三四五六七八九十"

_PLACES = {
    "AY-": "一、二 三(一) 三(二)*6 三(三) 三(四)*3 三(五)*3 三(六)*8 四*5 五(一) 五(二) 五(三)*2",
    "GZ-": "一*5 二 二(一) 三(一)*3 三(二) 三(三)*3 三(四) 附件",
    "PD-": (
        "一(二)3 一(二)4 二(一) 二(二) 二(三) 二(四) 二(五) 三(一) 三(二)*6 四(一)*4 四(二)*3 四(三)*5 五(一) 五(二)*3 "
        "六(一) 六(二)*2 六(三) 七(一)*3 七(二) 七(三) 一(二)1 六(二)"
    ),
    "ZD-": (
        "(二) (三) (四) (五) (六) (七) (八)*2 (九)*4 (十)*5 (十一)*2 (十二)*5 (十三)*3 (十四)*2 (十五)*3 (十六) "
        "(十七)*2 (十八) (十九)*2 (二十) (二十一) (二十二)"
    ),
}
"""Where the clauses of a series stand, in order of their numbers; `*3`: the next three stand there."""


def _spread(text: str) -> Iterator[str]:
    for place in text.split():
        where, _, times = place.partition("*")
        yield from [where.replace("(", "（").replace(")", "）")] * int(times or 1)


def _all() -> Iterator[tuple[str, str]]:
    for prefix, text in _PLACES.items():
        for number, where in enumerate(_spread(text), 1):
            yield f"{prefix}{number:02}", where
    for number in range(1, 23):
        yield f"AY-G{number:02}", f"三（三）表第{number}项"
    for number in range(1, 20):
        yield f"AY-F{number:02}", "附件"
    for number in range(1, 5):
        yield f"AY-N{number}", "附件填表说明" if number < 4 else "附件"
    for number in range(1, 12):
        yield f"GZ-A{number:02}", f"二（{_NUMERALS[number - 1] if number < 11 else '十一'}）"
    for number in range(1, 36):
        yield f"LL-{number:02}", f"第{number}项"


CLAUSES: Final[Mapping[str, str]] = MappingProxyType(dict(_all()))
"""Clause id → part of its document."""

_SHAPE = re.compile("[A-Z]{2}-[A-Z]?[0-9]{1,2}")


def is_clause(text: object) -> bool:
    """Tell whether this is the id of a clause that some document has."""
    return isinstance(text, str) and bool(_SHAPE.fullmatch(text)) and text in CLAUSES


def citation(clause: str) -> str:
    """Return how a page cites a clause, e.g. 安县信用办〔2022〕5号 三（五）; what is no clause stays as it is."""
    where = CLAUSES.get(clause)
    return clause if where is None else f"{DOCUMENTS[clause[:2]].number} {where}"
