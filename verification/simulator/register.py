"""Who is in the population database: lines of kind of document, number and name, with commas between."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from verification.contract import Result

Document = tuple[str, str]
"""Kind and number."""


class RegisterUnusable(ValueError):
    """The file can't be used; the message says which line, and never what stands there."""


@dataclass(frozen=True, slots=True)
class Register:
    """`otherwise` is what is said of a document that isn't in it."""

    people: Mapping[Document, str]
    otherwise: Result = "unknown"

    def judge(self, document: Document, name: str) -> Result:
        """Whether the document is this person's."""
        known = self.people.get(document)
        if known is None:
            return self.otherwise
        return "match" if known == name else "mismatch"


def read_register(path: Path | None) -> dict[Document, str]:
    """Return what the file holds; nothing for one that isn't there. Raises `RegisterUnusable`."""
    if path is None or not path.exists():
        return {}
    try:
        lines = list(csv.reader(path.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as unreadable:
        raise RegisterUnusable(f"the register {path} can't be read") from unreadable
    people: dict[Document, str] = {}
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        if len(line) != 3:
            raise RegisterUnusable(f"line {number} of the register isn't kind,number,name")
        people[line[0].strip(), line[1].strip()] = line[2].strip()
    return people
