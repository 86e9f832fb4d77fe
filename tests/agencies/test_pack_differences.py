"""Packs that change: what will change is shown first, for whom, and what was loaded is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from agencies import packloader
from agencies.models import Agency, Jurisdiction, LoadedPack
from agencies.packrules import since
from oversight.packs import load_pack
from tests.agencies.pack_flow import ANYANG, RENAMED, change, everything_sealed, group, told
from tests.archives.flow import events, opened
from tests.archives.item_flow import fresh_item, item_sealed, written
from tests.factories import County

pytestmark = pytest.mark.django_db
EVERYBODY = "concerns every agency and group of the place"


# --- shown first, for whom, kept -----------------------------------------------------------------------------------


def test_the_difference_names_whom_it_concerns(packs: Path) -> None:
    load_pack("anyang", apply=True)
    change(packs, "anyang", *RENAMED)
    shown = told("diff", "anyang")
    assert shown == [
        f"changed jurisdiction 安阳县 (pack_version: '2022-5' → '2027-1'; {digests()}) — {EVERYBODY}",
        f"changed parameter year_closes (value: '03-31' → '02-28') — {EVERYBODY}",
        "changed parameter cadence (value: {'record': 'annual', 'due_day': 5} → {'record': 'monthly', 'due_day': 9})"
        f" — {EVERYBODY}",
        "changed agency 县教育体育局 (name: '县教育局' → '县教育体育局') — concerns 教职人员",
        "changed responsibility 教职人员 (label: '教师' → '教职人员') — concerns 县教育体育局",
        "5 differences",
    ]
    assert Agency.objects.get(code="education").name == "县教育局", "diff writes nothing"
    assert told("load", "anyang") == [*shown[:-1], f"{shown[-1]} loaded"]
    assert told("diff", "anyang") == ["0 differences"]


def test_a_pack_that_changes_in_every_way_says_all_of_it_and_nothing_else(
    packs: Path, county: County
) -> None:
    load_pack("anyang", apply=True)
    unit, today = county.education, timezone.localdate()
    penalty = item_sealed(opened(unit), "administrative_penalty", unit=unit)
    until = penalty.shown_until
    item_sealed(opened(unit), unit=unit)
    change(packs, "anyang", *in_every_way(today))
    shown = told("diff", "anyang")
    assert shown == [
        f"changed jurisdiction 安阳县 ({digests()}) — {EVERYBODY}",
        f"changed parameter year_closes (value: '03-31' → '02-28') — {EVERYBODY}",
        "changed parameter cadence (value: {'record': 'annual', 'due_day': 5} → "
        "{'record': 'annual', 'groups': {'lawyer': 'quarterly'}, 'due_day': 5}) — concerns 律师",
        "changed parameter validity (value: None → [{'months': 12, 'kinds': ['administrative_penalty']}])"
        f" — {EVERYBODY}",
        "changed catalogue of 安阳县信用信息共享平台 (kinds: None → ['award']; clause: None → 'AY-15')"
        f" — {EVERYBODY}",
        "changed agency 县教育体育局 (name: '县教育局' → '县教育体育局') — concerns 教师",
        "new agency 县生态环境局 — concerns 导游",
        f"changed responsibility 导游 (ended_on: None → {today}; successor: None → 县生态环境局)"
        " — concerns 县文广体旅局",
        "new responsibility 导游 — concerns 县生态环境局",
        "new responsibility 公证员 — concerns 县司法局",
        "changed last day of 1 facts of the kind 行政处罚",
        "11 differences",
    ]
    assert (fresh_item(penalty).shown_until, group("tour_guide").ended_on) == (until, None), (
        "diff writes nothing"
    )
    assert told("load", "anyang") == [*shown[:-1], "11 differences loaded"]
    assert told("diff", "anyang") == ["0 differences"]
    assert fresh_item(penalty).shown_until == dt.date(2027, 2, 20)
    assert LoadedPack.objects.filter(jurisdiction_id=ANYANG)[0].changes == shown[:-1]


@pytest.mark.req("LL-25", "ZD-25")
def test_loading_another_rule_moves_the_last_day_of_what_is_there_and_touches_no_version(
    packs: Path, county: County
) -> None:
    load_pack("anyang", apply=True)
    unit = county.education
    penalty = item_sealed(opened(unit), "administrative_penalty", unit=unit)
    award, draft = item_sealed(opened(unit), unit=unit), written(opened(unit), "law_breach", by=unit.filler)
    before = everything_sealed()

    def last_days() -> list[tuple[dt.date | None, dt.date | None]]:
        return [(one.shown_until, one.kept_until) for one in map(fresh_item, (penalty, award, draft))]

    lasting = [(dt.date(2029, 2, 20), None), (None, None), (dt.date(2031, 2, 20), None)]
    assert last_days() == lasting
    rule = 'validity = { value = [{ months = 12, after = "delete" }], clause = "AY-21" }\n[[targets]]'
    change(packs, "anyang", ("[[targets]]", rule))
    load_pack("anyang", apply=True)
    assert last_days() == [(dt.date(2027, 2, 20),) * 2, (None, None), (dt.date(2027, 2, 20),) * 2]
    change(packs, "anyang", (rule, "[[targets]]"))
    load_pack("anyang", apply=True)
    assert last_days() == lasting
    assert everything_sealed() == before


def digests() -> str:
    """The digest that is loaded, and the one of the file."""
    loaded = Jurisdiction.objects.get(pk=ANYANG).pack_digest
    return f"pack_digest: {loaded!r} → {packloader.read('anyang').digest!r}"


def in_every_way(today: dt.date) -> list[tuple[str, str]]:
    """A group more, a cadence for one group, a parameter, how long penalties are shown, a duty that moves to another
    agency, an agency of another name, another agency, and a platform that takes awards alone."""
    return [
        ('name = "县教育局"', 'name = "县教育体育局"'),
        ('record = "annual"', 'record = "annual", groups = { lawyer = "quarterly" }'),
        ('value = "03-31"', 'value = "02-28"'),
        (
            "[[targets]]",
            'validity = { value = [{ months = 12, kinds = ["administrative_penalty"] }], clause = "AY-21" }\n'
            "[[targets]]",
        ),
        ('clause = "AY-15"', 'kinds = ["award"]\ncatalogue_clause = "AY-15"\nclause = "AY-15"'),
        (
            'occupation = "tour_guide"\nlabel = "导游"\nagency = "culture_tourism"',
            'occupation = "tour_guide"\nlabel = "导游"\nagency = "culture_tourism"\n'
            f'ended = {today}\nsuccessor = "ecology"',
        ),
        (
            "[[responsibilities]]\nposition = 20",
            '[[responsibilities]]\nposition = 19\noccupation = "tour_guide"\nlabel = "导游"\n'
            f'agency = "ecology"\nopens = {today}\nclause = "AY-29"\n'
            '[[responsibilities]]\nposition = 23\noccupation = "notary"\nlabel = "公证员"\nagency = "justice"\n'
            'wave = 2\nclause = "AY-08"\n[[responsibilities]]\nposition = 20',
        ),
        (
            "[[responsibilities]]\nposition = 1\n",
            '[[agencies]]\ncode = "ecology"\nname = "县生态环境局"\nclause = "AY-29"\n'
            "[[responsibilities]]\nposition = 1\n",
        ),
    ]


def test_every_loading_that_changes_something_is_kept(packs: Path) -> None:
    load_pack("anyang", apply=True)
    load_pack("anyang", apply=True)
    first = packloader.read("anyang").digest
    change(packs, "anyang", *RENAMED)
    load_pack("anyang", apply=False)
    load_pack("anyang", apply=True)
    kept = list(LoadedPack.objects.filter(jurisdiction_id=ANYANG))
    assert [(row.version, row.digest) for row in kept] == [
        ("2027-1", packloader.read("anyang").digest),
        ("2022-5", first),
    ]
    assert [one.data["version"] for one in events(ANYANG, verb="pack.loaded")] == ["2022-5", "2027-1"]
    held = {rule["key"]: since(rule, kept) for rule in kept[0].rules}
    assert held["agencies:health"] == kept[1].loaded_at, "holds since the first loading"
    assert held["parameters:year_closes"] == kept[0].loaded_at
    status = told("status", "anyang")
    assert status[0].startswith("安阳县: anyang 2027-1 ")
    assert status[0].endswith("as its file says")
    assert [line.split()[2] for line in status[1:]] == ["2027-1", "2022-5"]
    change(packs, "anyang", ('name = "县教育体育局"', 'name = "县教体局"'))
    assert told("status", "anyang")[0].endswith("2 differences from its file")
