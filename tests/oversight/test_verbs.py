"""Nobody reads English in the journal: every verb that the program writes has its words."""

import re
from pathlib import Path

import archives.lifecycle
from audit.lifecycle import Lifecycle
from audit.models import DRAFTING, LOOKS
from oversight.journal import VERBS

ROOT = Path(__file__).parents[2]
ROOMS = (
    "accounts",
    "agencies",
    "archives",
    "audit",
    "delivery",
    "verification",
    "disclosure",
    "oversight",
    "repair",
)
WRITTEN = re.compile(r'(?:verb=|journal\.\w+\(\s*|denied\(\s*)"([a-z_]+\.[a-z_]+)"')


def test_every_verb_of_the_journal_has_words() -> None:
    sources = [path.read_text("utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    written = {verb for source in sources for verb in WRITTEN.findall(source)}
    tables = [one for one in vars(archives.lifecycle).values() if isinstance(one, Lifecycle)]
    written |= {transition.verb for table in tables for transition in table.by_name.values()}
    assert len(written) > 60
    assert written - VERBS.keys() == set()


def test_what_happens_to_drafts_of_facts_is_not_the_offices_business() -> None:
    """Every act on a fact is told to the office or kept from it on purpose: the names stand in the labels."""
    told = {"item.sealed", "item.identity_corrected", "item.revoked", "item.destroyed"}
    told |= {"item.accepted", "item.rejected", "item.untaken"}
    of_facts = {verb for verb in VERBS if verb.startswith(("item.", "waiting."))}
    assert of_facts - told == of_facts & {*DRAFTING, *LOOKS}
