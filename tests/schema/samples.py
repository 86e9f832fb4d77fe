"""Values that each field accepts, for tests that walk through all kinds and occupations. Nobody real."""

from typing import Any

from archives.schema.credit_code import check_character, organisation_check_character
from archives.schema.fields import Choice, Date, Field, Month
from archives.schema.kinds import ItemKind
from archives.schema.special_fields import Amount, Certificate, Count, DocumentNumber, OrganisationCode

_BEFORE = "1141052200000000"
_ORGANISATION = _BEFORE + organisation_check_character(_BEFORE[8:])
ORGANISATION = _ORGANISATION + check_character(_ORGANISATION)

OF_THE_PENALTY = {"procedure": "普通程序", "types": "罚款", "fine": "0.5", "confiscated": "", "licence": ""}
KNOWN: dict[str, str] = {
    "assessed_year": "2025",
    "practice_no": "110410000012345",
    "licence_file_no": "410500123456",
    "vehicle_classes": "A1A2D",
    "cpa_no": "410000010001",
    "guide_no": "D-4101-012345",
    "certificate_no": "20084123110000123",
    "certificate_kind": "1",
    "names_person": "是",
    "expires_on": "2027-03-10",
    "effective_until": "2027-03-10",
    "valid_to": "2027-03-10",
    "valid_until": "2027-03-10",
    "listing": "market",
}


def a_value(field: Field[Any]) -> str:
    """Raw input for one field."""
    if field.name in KNOWN:
        return KNOWN[field.name]
    match field:
        case Choice():
            return next(iter(field.codes.labels))
        case Date():
            return "2026-03-10"
        case Month():
            return "2020-03"
        case Count():
            return "12"
        case Amount():
            return "0.5"
        case OrganisationCode():
            return ORGANISATION
        case DocumentNumber():
            return "安县文〔2026〕12号"
        case Certificate():
            return "AB-2026-0001"
    return "试填内容"


def a_fact(kind: ItemKind) -> dict[str, Any]:
    """Raw input of a complete fact of 5 March 2026 that tells against nobody unless the kind does."""
    raw = {name: a_value(field) for name, field in kind.section.fields.items()}
    raw["occurred_on"] = "2026-03-05"
    if "acted_on" in raw:
        raw["acted_on"] = "2026-03-04"
    if kind.code in ("judgment_defaulter", "administrative_licence"):
        raw["document_date"] = "2026-03-01"
    if kind.code == "administrative_penalty":
        raw |= OF_THE_PENALTY
    return raw
