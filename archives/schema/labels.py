"""A group under the name that it bears in a place, and under those that it bore before.

The same class serves 企业法定代表人及相关责任人 of one notice and 企事业单位法定代表人及相关责任人 of another. What was
sealed shows the name of its time.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from archives.schema.occupations import Occupation

Former = tuple[tuple[str, dt.datetime], ...]
"""Names and until when each was borne, the oldest first."""

_NAMED: dict[tuple[type[Occupation], str, Former], type[Occupation]] = {}


def named(occupation: type[Occupation], label: str, former: Former = ()) -> type[Occupation]:
    """Return the occupation under this name, the class itself where it has no other; the same object each time."""
    if occupation.label == label and not former:
        return occupation
    key = (occupation, label, former)
    if key not in _NAMED:
        members: dict[str, Any] = {"label": label, "former_labels": former, "__doc__": occupation.__doc__}
        _NAMED[key] = cast(type[Occupation], type(occupation.__name__, (occupation,), members))
    return _NAMED[key]
