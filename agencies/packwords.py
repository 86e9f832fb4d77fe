"""Values of a pack's parameters as words for the pages: nobody reads a name of ours on `/rules/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archives.schema.kinds import kinds
from archives.schema.registry import registry

_WORDS = {
    "annual": "按年度",
    "quarterly": "按季度",
    "monthly": "按月度",
    "record": "年度记录",
    "groups": "人群",
    "items": "条目",
    "due_day": "期后截止日",
    "True": "是",
    "False": "否",
}
_CLASSES = {"minor": "轻微", "general": "一般", "serious": "严重"}
_ENDS = {"archive": "届满后存入档案，不再展示和使用", "delete": "届满后删除"}


def value_text(value: Any) -> str:
    """Return the value of a parameter in words: a text, a number, a table of them or a list."""
    if isinstance(value, Mapping):
        return "；".join(f"{_name(name)}：{value_text(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(value_text(one) for one in value)
    return _name(str(value))


def validity_text(rules: Sequence[Mapping[str, Any]]) -> str:
    """Return the rules of `archives/validity.py` of a pack, one sentence each (LL-25, ZD-25)."""
    return "；".join(map(_validity_of, rules))


def _validity_of(rule: Mapping[str, Any]) -> str:
    chosen = [kinds.get(code).label for code in rule.get("kinds", ())]
    spans = [f"{_CLASSES[name]} {months} 个月" for name, months in rule.get("severity", {}).items()]
    if "months" in rule:
        spans.append(f"{'其他' if spans else '最长'} {rule['months']} 个月")
    start = "作出决定之日" if rule.get("start") == "determined" else "行为终止之日（没有终止的，决定之日）"
    days = [f"{rule[name]} {word}" for name, word in (("since", "起"), ("until", "止")) if name in rule]
    when = f"（{'、'.join(days)}作出的）" if days else ""
    end = _ENDS[rule.get("after", "archive")]
    return f"{'、'.join(chosen) or '不利信息'}{when}：{'、'.join(spans)}，自{start}起算，{end}"


def _name(name: str) -> str:
    if name in kinds:
        return kinds.get(name).label
    if name in registry:
        return registry.get(name).label
    return _WORDS.get(name, name)
