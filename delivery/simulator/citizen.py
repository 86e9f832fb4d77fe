"""Numbers of identity documents as the platform checks them on intake.

Citizen number (GB 11643-1999, also on residence permits of people from Hong Kong, Macao and Taiwan) and the
foreign permanent residence card of 2023: 18 characters, birth date at 7 to 14, ISO 7064 MOD 11-2 over all.
The area code is the one of first registration and is not judged.
"""

import re
from datetime import date

CITIZEN_TYPES = frozenset({"111", "112", "HMT"})
PERMANENT_RESIDENCE = "553"
DOCUMENT_TYPES = CITIZEN_TYPES | {PERMANENT_RESIDENCE, "114", "115", "414", "511", "516", "554", "990"}

_EIGHTEEN = re.compile("[0-9]{17}[0-9X]")
_OLD_PERMANENT_RESIDENCE = re.compile("[A-Z]{3}[0-9]{12}")
_OTHER_DOCUMENT = re.compile(r"[0-9A-Z\u4e00-\u9fff()-]{4,30}")


def number_problem(document_type: str, number: str, today: date) -> str | None:
    """The reject code for a number of a document of this type, None where it is in order."""
    if document_type in CITIZEN_TYPES:
        return _eighteen_problem(number, today)
    if document_type == PERMANENT_RESIDENCE and not _OLD_PERMANENT_RESIDENCE.fullmatch(number):
        return _eighteen_problem(number, today) if number.startswith("9") else "R101"
    return None if _OTHER_DOCUMENT.fullmatch(number) else "R101"


def _eighteen_problem(number: str, today: date) -> str | None:
    if not _EIGHTEEN.fullmatch(number):
        return "R101"
    if not _born_before(number[6:14], today):
        return "R103"
    return None if _mod_11_2(number) == 1 else "R102"


def _born_before(text: str, today: date) -> bool:
    try:
        born = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return date(1850, 1, 1) <= born <= today


def _mod_11_2(number: str) -> int:
    """ISO 7064 MOD 11-2 by doubling from the left; 1 for a number with the right check character."""
    remainder = 0
    for character in number:
        remainder = (remainder * 2 + (10 if character == "X" else int(character))) % 11
    return remainder
