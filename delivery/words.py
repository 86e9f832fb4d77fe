"""What became of an attempt, in words for the office: no English, no codes of programs."""

from __future__ import annotations

import re

from delivery.client import Refused, Unknown

_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"timed out", "{who}没有在规定时间内答复"),
        (r"TLS failed", "{who}的安全证书不能确认，请联系平台运维"),
        (r"connection failed", "网络连接中断，或{who}没有开机"),
        (r"the platform failed with (\d+)", r"{who}自身出错（{0}）"),
        (r"isn't signed", "答复没有{who}的签名，不予采信"),
        (r"breaks the contract", "答复不符合{contract}，不予采信"),
        (r"come back later \((\d+)\)", "{who}忙，请求稍后再来（{0}）"),
        (r"repeated our request", "途中有设备重复了请求"),
        (r"cover exactly", "回执与所报记录对不上，不予采信"),
        (r"answer is larger", "答复过长，不予采信"),
        (r"batch_unknown", "{who}的答复前后不一致"),
    )
)
_ELSE = "原因不明，已记入运行日志"
UNREADABLE = "the body of the batch is unreadable"
"""A reason of our own: nothing left the house."""


def reason_in_words(reason: str, *, who: str = "平台", contract: str = "报送约定") -> str:
    """Return what a reason of a client means, or that it isn't known. `who` was asked, by `contract`."""
    for pattern, words in _PATTERNS:
        if found := pattern.search(reason):
            return words.format(*found.groups(), who=who, contract=contract)
    return _ELSE


def situation(outcome: Refused | Unknown) -> str:
    """Return the sentence for the batch that has no final answer yet, with what happens next."""
    if isinstance(outcome, Refused):
        return f"平台没有受理（{outcome.status}）：{outcome.message}"
    if UNREADABLE in outcome.reason:
        return "本系统不能读出这一批的内容，请联系平台运维。"
    if outcome.left:
        return f"没有收到平台的确定答复，将自动核实：{reason_in_words(outcome.reason)}。"
    return f"没有连上平台，将自动重试：{reason_in_words(outcome.reason)}。"


def shown_code(code: str) -> str:
    """Return the platform's code where people know it (R101 …); the programs' own are left out."""
    return code if re.fullmatch(r"R\d{3}", code) else ""
