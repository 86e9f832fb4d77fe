"""The one shape of "something is wrong", in every channel: page, Excel, API, job.

A `Problem` is data. `Invalid` is the exception that carries one out of a function that can't return a value.
Codes are stable: they are listed in `docs/errors.md` and never change their meaning. Messages say what is
wrong and how to mend it, and never repeat an identity number or a telephone number.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

Severity = Literal["error", "warning"]
Level = Literal["field", "section", "record", "sheet", "file"]


class ProblemCode(StrEnum):
    """Codes of the problems that the record engine itself reports."""

    TYPE = "type"
    REQUIRED = "required"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    NUMBER_LOST = "number_lost"
    EXCEL_ERROR = "excel_error"
    CHARACTER = "character"
    PRIVATE_CHARACTER = "private_character"
    MASKED = "masked"
    PATTERN = "pattern"
    NAME_CHARACTER = "name_character"
    DATE = "date"
    MONTH = "month"
    CHOICE = "choice"
    PHONE = "phone"
    READ_ONLY = "read_only"
    UNKNOWN_FIELD = "unknown_field"
    NOT_IN_YEAR = "not_in_year"
    DOCUMENT_TYPE = "document_type"
    DOCUMENT_LENGTH = "document_length"
    DOCUMENT_FORMAT = "document_format"
    DOCUMENT_BIRTH_DATE = "document_birth_date"
    DOCUMENT_CHECK_DIGIT = "document_check_digit"
    DOCUMENT_OTHER_TYPE = "document_other_type"
    DOCUMENT_UPGRADED = "document_upgraded"
    DOCUMENT_PROVINCE = "document_province"
    CREDIT_CODE_FORMAT = "credit_code_format"
    CREDIT_CODE_CHECK = "credit_code_check"
    CREDIT_CODE_UNUSUAL = "credit_code_unusual"
    SEX_MISMATCH = "sex_mismatch"
    AGE_UNUSUAL = "age_unusual"
    PRACTICE_TOO_EARLY = "practice_too_early"
    PRACTICE_IN_FUTURE = "practice_in_future"
    LISTING_MISSING = "listing_missing"
    DETAILS_UNEXPECTED = "details_unexpected"
    NUMBER = "number"
    CERTIFICATE_UNUSUAL = "certificate_unusual"
    DATE_IN_FUTURE = "date_in_future"
    DATE_AFTER_YEAR = "date_after_year"
    DATE_ORDER = "date_order"
    LEGAL_DOCUMENT_MISSING = "legal_document_missing"
    SIMPLE_PROCEDURE = "simple_procedure"
    MINOR = "minor"
    AGE_UNPROVEN = "age_unproven"
    PERSON_NOT_NAMED = "person_not_named"
    PENALTY_INCOMPLETE = "penalty_incomplete"
    PENALTY_UNMATCHED = "penalty_unmatched"
    AMOUNT_UNUSUAL = "amount_unusual"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one value, section, record or sheet.

    `row` is the number the spreadsheet shows (0: not from a sheet), `column` its letter.
    An "error" stops the record at the stage it was parsed for; a "warning" is shown and stops nothing.
    """

    code: str
    message: str
    severity: Severity = "error"
    level: Level = "field"
    field: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""


class Invalid(Exception):
    """Input that was refused; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem

    def at(self, field: str) -> "Invalid":
        """The same refusal, told of this field."""
        return Invalid(replace(self.problem, field=field))


def refuse(code: str, message: str) -> Invalid:
    """An `Invalid` to raise for an error in one value; whoever knows the field's name adds it with `at`."""
    return Invalid(Problem(code, message))


def warning(code: str, message: str, field: str = "") -> Problem:
    """A problem that is shown and stops nothing."""
    return Problem(code, message, severity="warning", field=field)
