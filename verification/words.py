"""Why there was no answer, in words for people: no English, no codes of programs."""

from __future__ import annotations

from delivery.client import Refused, Unknown
from delivery.words import reason_in_words
from verification.contract import INVALID_CHECK

_LONGEST = 200


def situation(outcome: Refused | Unknown) -> str:
    """Return the sentence that stands beside a question without an answer."""
    if isinstance(outcome, Refused):
        what = "核验服务不受理这个人的核验" if outcome.code == INVALID_CHECK else "核验服务没有受理"
        return f"{what}（{outcome.status}）：{outcome.message[:_LONGEST]}"
    return f"{reason_in_words(outcome.reason, who='核验服务', contract='核验约定')}。"
