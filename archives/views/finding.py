"""Looking for people above a list: the box, and what was found by it before."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.utils import timezone

from archives.list_forms import FindForm
from archives.search import Sought, recall, remember
from audit import journal


@dataclasses.dataclass(frozen=True)
class Finding:
    """The box above a list, the word of the search in the address (empty: none), and what it stands for.

    `failed`: nothing may be listed, because what was typed or the word is no good.
    """

    form: FindForm
    word: str = ""
    sought: Sought | None = None

    @property
    def failed(self) -> bool:
        """Whether somebody looked for something that can't be looked for."""
        return bool(self.form.errors) or (bool(self.word) and self.sought is None)

    @property
    def told(self) -> dict[str, str]:
        """What the journal is told of it."""
        return {} if self.sought is None else {"found_by": self.sought.by}


def finding_of(request: Any) -> Finding:
    """Return what the address of a list looks for."""
    word = request.GET.get("found", "")
    sought = recall(request.session, word) if word else None
    return Finding(FindForm(today=timezone.localdate()), word, sought)


def start_finding(request: Any, form: FindForm) -> str:
    """Journal the search and return the word for it, or nothing when what was typed is no good."""
    if not form.is_valid():
        return ""
    label = f"按{form.sought.words}查找"
    journal.look(
        "record.searched", actor=request.actor, subject_label=label, data={"found_by": form.sought.by}
    )
    return remember(request.session, form.sought)
