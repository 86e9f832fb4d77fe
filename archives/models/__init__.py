"""Tables of the record: `Person → Archive → AnnualRecord → RecordPart → Version`, `Item → Version`, and around them."""

from archives.models.checks import IdentityCheck, IdentityService
from archives.models.consents import MemberConsent
from archives.models.evidence import Evidence
from archives.models.filings import Counter, Filing
from archives.models.identities import IdentityRequest, PersonPair
from archives.models.items import Item
from archives.models.jobs import Job
from archives.models.nil_returns import NilReturn
from archives.models.people import Archive, Person, PersonDocument, PersonLocator
from archives.models.proceedings import Proceeding
from archives.models.records import AnnualRecord, RecordPart
from archives.models.roster import RosterEntry, RosterImport
from archives.models.stamps import StampedRoster, StampLine
from archives.models.transfers import Transfer, TransferSheet
from archives.models.uploads import Upload, UploadRow
from archives.models.versions import Outbox, Version, VersionBody
from archives.models.waiting import WaitingFact
from archives.models.writers import WriterState

__all__ = [
    "AnnualRecord",
    "Archive",
    "Counter",
    "Evidence",
    "Filing",
    "IdentityCheck",
    "IdentityRequest",
    "IdentityService",
    "Item",
    "Job",
    "MemberConsent",
    "NilReturn",
    "Outbox",
    "Person",
    "PersonDocument",
    "PersonLocator",
    "PersonPair",
    "Proceeding",
    "RecordPart",
    "RosterEntry",
    "RosterImport",
    "StampLine",
    "StampedRoster",
    "Transfer",
    "TransferSheet",
    "Upload",
    "UploadRow",
    "Version",
    "VersionBody",
    "WaitingFact",
    "WriterState",
]
