"""Numbers of letters: one series for each agency, year and kind of letter."""

from __future__ import annotations

import datetime as dt

from agencies.models import Agency
from archives.services.filings import next_number

NOTICE, DECISION, ENDING = "告", "决", "不"


def letter_number(agency_id: int, kind: str, today: dt.date) -> str:
    """Return the next number of a kind of letter, e.g. 县教育局信告〔2026〕1 号."""
    agency = Agency.objects.get(id=agency_id)
    number = next_number(f"letter.{kind}.{agency_id}.{today.year}")
    return f"{agency.name}信{kind}〔{today.year}〕{number} 号"
