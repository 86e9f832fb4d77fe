"""Letters of a determination's procedure: 告知书, 陈述申辩记录, 决定书, 不予认定通知书, with 送达回证 (AY-N1 to AY-N3).

The place of the stamp stays blank; of the number of the document only the mask is printed.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from archives.models import Proceeding
from archives.printing.pdf import render
from archives.schema.determination import Determination
from archives.schema.listings import LISTING_BASES, LISTINGS
from archives.schema.occupations import Occupation
from archives.services.proceedings import statement_of

STYLE = Path(settings.BASE_DIR) / "static" / "print" / "letter.css"
_VERTICAL = {"taxation": "上一级税务机关"}
"""Departments that answer to the level above and not to the county's government."""


@dataclasses.dataclass(frozen=True)
class Letter:
    """One kind of letter: its title, the template of its body, the column that gives its number (and, when that is
    filled, the letter), and for a 送达回证 the letter whose receipt it is."""

    title: str
    template: str
    number: str
    of: str = ""


LETTERS: Mapping[str, Letter] = {
    "notice": Letter("信用状况拟认定事前告知书", "notice", "notice_no"),
    "notice-receipt": Letter("送达回证", "receipt", "notice_no", of="notice"),
    "statement": Letter("陈述申辩记录", "statement", "notified_on"),
    "decision": Letter("信用状况认定决定书", "decision", "decision_no"),
    "decision-receipt": Letter("送达回证", "receipt", "decision_no", of="decision"),
    "ending": Letter("不予认定通知书", "ending", "ending_no"),
    "ending-receipt": Letter("送达回证", "receipt", "ending_no", of="ending"),
}


def letters_of(proceeding: Proceeding) -> dict[str, Letter]:
    """Return the letters that this proceeding has come to, by code."""
    return {code: letter for code, letter in LETTERS.items() if getattr(proceeding, letter.number)}


def name_of(letter: Letter) -> str:
    """Return what a link to the letter says."""
    return f"{LETTERS[letter.of].title}{letter.title}" if letter.of else letter.title


def letter_context(proceeding: Proceeding, code: str, *, occupation: type[Occupation]) -> dict[str, Any]:
    """Return the context of a letter's body, with the names and the days that the letter had when it was made. Raises
    `crypto.Undecipherable`.

    The proceeding comes with `part` and `agency__jurisdiction` loaded.
    """
    letter, grounds = LETTERS[code], proceeding.grounds
    made = _made_at(proceeding, letter.of or code)
    place = proceeding.agency.jurisdiction
    listing = grounds.get("listing")
    return {
        "letter": letter,
        "body": f"print/letters/{letter.template}.html",
        "of": LETTERS.get(letter.of),
        "number": getattr(proceeding, letter.number) if letter.template != "statement" else "",
        "proceeding": proceeding,
        "agency": proceeding.agency.name_at(made),
        "person": {"name": proceeding.name, "number": proceeding.part.number_mask},
        "record": f"{proceeding.year} 年度（{_label(occupation, made)}）信用信息记录表",
        "outcome": Determination.outcome(grounds["determination"]),
        "sentence": Determination.statement(
            grounds["determination"],
            name=proceeding.name,
            behaviour=grounds.get("behaviour"),
            ground=grounds.get("ground"),
        ),
        "grounds": {
            **grounds,
            "acted_on": _day(grounds.get("acted_on")),
            "basis_document_date": _day(grounds.get("basis_document_date")),
        },
        "listing": LISTINGS.labels[listing] if listing else "",
        "listing_basis": str(LISTING_BASES[listing]) if listing else "",
        "statement": statement_of(proceeding) if letter.template == "statement" else "",
        "said": bool(proceeding.statement),
        "days": proceeding.statement_days,
        "reconsideration": _VERTICAL.get(proceeding.agency.department, f"{place.name}人民政府"),
        "phone": place.phone,
    }


def _made_at(proceeding: Proceeding, code: str) -> dt.datetime | None:
    """When a letter was made; None for the 陈述申辩记录, which is made as long as the procedure runs."""
    made: dict[str, dt.datetime | None] = {
        "notice": proceeding.noticed_at,
        "decision": proceeding.decided_at,
        "ending": proceeding.ended_at,
    }
    return made.get(code, proceeding.sealed_at or proceeding.ended_at)


def _label(occupation: type[Occupation], at: dt.datetime | None) -> str:
    return occupation.label if at is None else occupation.label_at(at)


def letter_pdf(context: Mapping[str, Any]) -> bytes:
    """Return the PDF of a letter from the context of its body."""
    return render("print/letters/page.html", {**context, "style": STYLE.read_text()})


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
