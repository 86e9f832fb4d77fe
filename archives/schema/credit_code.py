"""Unified social credit code 统一社会信用代码 (GB 32100-2015).

18 characters: registering department, kind of organisation, area (6 digits), organisation code (9, GB
11714), check character. Letters are allowed in the first two positions: rural collectives (N), army (A) and
others (Y) have them. What the standard leaves to lists that grow (department and kind, area) earns a
warning at most.
"""

import re
from dataclasses import dataclass

from archives.schema.identifiers import PROVINCES, normalise_number
from archives.schema.problems import Problem, ProblemCode, refuse, warning

LABEL = "统一社会信用代码"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
_KINDS = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129",
    "7": "129", "8": "19", "9": "123", "A": "19", "N": "1239", "Y": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A code whose check character is right."""

    number: str
    warnings: tuple[Problem, ...] = ()


def check_character(first_17: str) -> str:
    """The 18th character for the first seventeen (GB 32100-2015)."""
    total = sum(_VALUE[character] * weight for character, weight in zip(first_17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(first_8: str) -> str:
    """The 9th character of an organisation code for its first eight (GB 11714)."""
    values = map(_ORGANISATION_CHARACTERS.index, first_8)
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    remainder = 11 - total % 11
    return {10: "X", 11: "0"}.get(remainder, str(remainder))


def parse_credit_code(raw: object) -> CreditCode:
    """`raw` as a code, or `Invalid`. Idempotent on the number."""
    text = normalise_number(raw, LABEL)
    if not text:
        raise refuse(ProblemCode.REQUIRED, f"请填写{LABEL}。")
    if len(text) != 18:
        raise refuse(
            ProblemCode.CREDIT_CODE_FORMAT, f"{LABEL}应为 18 位，现为 {len(text)} 位。请对照证照重新填写。"
        )
    if not _SHAPE.fullmatch(text):
        raise refuse(
            ProblemCode.CREDIT_CODE_FORMAT,
            f"{LABEL}只含数字和大写字母，且不用 I、O、S、V、Z，第 3 至 8 位为数字。"
            "请核对是否把 0、1 写成了字母。",
        )
    if text[17] != check_character(text[:17]):
        raise refuse(
            ProblemCode.CREDIT_CODE_CHECK, f"{LABEL}的校验位不符，可能填错了某一位。请对照证照核对。"
        )
    return CreditCode(text, tuple(_oddities(text)))


def _oddities(text: str) -> list[Problem]:
    odd = []
    if text[1] not in _KINDS.get(text[0], ""):
        odd.append("前两位（登记管理部门、机构类别）不常见")
    if text[2:4] not in PROVINCES:
        odd.append("第 3、4 位不是现行省级代码")
    if text[16] != organisation_check_character(text[8:16]):
        odd.append("第 9 至 17 位（组织机构代码）的校验位不符")
    return [warning(ProblemCode.CREDIT_CODE_UNUSUAL, f"{LABEL}{what}。如与证照一致可继续。") for what in odd]
