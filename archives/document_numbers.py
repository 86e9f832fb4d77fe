"""文号 and the authority behind it, compared as people write them."""

from __future__ import annotations

import re

_SPACES = re.compile(r"\s+")
_BRACKETS = str.maketrans("〔【[（(〕】]）)", "[[[[[]]]]]")


def plain(number: str) -> str:
    """Return a number without what differs from typist to typist: blanks, kinds of brackets, case."""
    return _SPACES.sub("", number).translate(_BRACKETS).upper()


def same_authority(one: str | None, other: str | None) -> bool:
    """Tell whether these are one authority: 县教育局 and 安阳县教育局 are; who is not named may be anybody."""
    first, second = plain(one or ""), plain(other or "")
    return first.endswith(second) or second.endswith(first)
