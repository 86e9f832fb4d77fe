"""The life cycles of the archives, a table each. Buttons on pages come from these tables; `audit.lifecycle.advance`
keeps them.
"""

from archives.lifecycle.filings import FILING
from archives.lifecycle.identities import IDENTITY, PAIR
from archives.lifecycle.items import ITEM
from archives.lifecycle.jobs import JOB
from archives.lifecycle.nil_returns import NIL_RETURN
from archives.lifecycle.parts import PART
from archives.lifecycle.people import WRITABLE, Head, handles, may_attach, may_fill, may_write
from archives.lifecycle.proceedings import PROCEEDING
from archives.lifecycle.roster_imports import ROSTER_IMPORT
from archives.lifecycle.stamped_rosters import ROSTER
from archives.lifecycle.transfers import TRANSFER
from archives.lifecycle.uploads import UPLOAD

__all__ = [
    "FILING",
    "IDENTITY",
    "ITEM",
    "JOB",
    "NIL_RETURN",
    "PAIR",
    "PART",
    "PROCEEDING",
    "ROSTER",
    "ROSTER_IMPORT",
    "TRANSFER",
    "UPLOAD",
    "WRITABLE",
    "Head",
    "handles",
    "may_attach",
    "may_fill",
    "may_write",
]
