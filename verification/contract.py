"""The published contract of identity checks, identity-check/1: names and limits; no behaviour.

Both sides import this and nothing else of each other. The wording that binds is `docs/identity-check-contract.md`;
signatures and refusals are those of the delivery contract.
"""

from typing import Final, Literal, TypedDict

CHECK_CONTRACT: Final = "identity-check/1"
ANSWER_CONTRACT: Final = "identity-answer/1"
CHECKS_PATH: Final = "/v1/identity-checks"

MAX_ANSWER_BYTES: Final = 16 * 1024
MAX_NAME: Final = 50
MAX_NUMBER: Final = 30

INVALID_CHECK: Final = "invalid_check"
"""Refusal of one question, which would be refused again: a kind of document that the service does not know."""

Result = Literal["match", "mismatch", "unknown"]
RESULTS: Final[tuple[Result, ...]] = ("match", "mismatch", "unknown")


class CheckBody(TypedDict):
    """What is asked: the least that tells a person from another."""

    contract: str
    check_id: str
    name: str
    document_type: str
    document_number: str


class AnswerBody(TypedDict):
    """What is told: nothing about the person but whether it is so."""

    contract: str
    check_id: str
    result: Result
    checked_at: str
