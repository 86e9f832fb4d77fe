"""Tables of the record: `Person → Archive → AnnualRecord → RecordPart → Version`."""

from archives.models.filings import Counter, Filing
from archives.models.people import Archive, Person, PersonLocator
from archives.models.records import AnnualRecord, RecordPart
from archives.models.versions import Outbox, Version, VersionBody

__all__ = [
    "AnnualRecord",
    "Archive",
    "Counter",
    "Filing",
    "Outbox",
    "Person",
    "PersonLocator",
    "RecordPart",
    "Version",
    "VersionBody",
]
