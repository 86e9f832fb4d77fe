"""Packs that move duties from one agency to another, and slips of the pen in them: told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agencies.models import Agency
from agencies.packfile import PackError
from oversight.packs import load_pack
from tests.agencies.pack_flow import ANYANG, change, group

pytestmark = pytest.mark.django_db

SUCCESSOR = (
    "[[responsibilities]]\nposition = 6",
    '[[responsibilities]]\nposition = 5\noccupation = "teacher"\nlabel = "教师"\nagency = "culture_tourism"\n'
    '{opens}\nclause = "AY-29"\n[[responsibilities]]\nposition = 6',
)


def merged_into_culture(packs: Path, opens: str) -> None:
    """县教育局 has ended today; its lines say nothing of it."""
    ended = f'ended = {timezone.localdate()}\nsuccessor = "culture_tourism"'
    agency = ('name = "县教育局"', f'name = "县教育局"\n{ended}')
    change(packs, "anyang", agency, (SUCCESSOR[0], SUCCESSOR[1].replace("{opens}", opens)))


def test_the_duties_of_an_agency_end_with_it(packs: Path) -> None:
    load_pack("anyang", apply=True)
    merged_into_culture(packs, f"opens = {timezone.localdate()}")
    told = [str(one) for one in load_pack("anyang", apply=False)]
    assert any("教师" in one and "ended_on" in one for one in told)
    load_pack("anyang", apply=True)
    assert load_pack("anyang", apply=False) == []
    old = group("teacher", agency="education")
    assert (old.ended_on, str(old.successor)) == (timezone.localdate(), "县文广体旅局")


@pytest.mark.parametrize(
    ("opens", "wrong"),
    [("opens = 2022-01-01", "opens the group before"), ("", "opens the group before")],
)
def test_no_year_is_owed_by_two(packs: Path, opens: str, wrong: str) -> None:
    merged_into_culture(packs, opens)
    with pytest.raises(PackError, match=rf"anyang\.toml:\d+: .*{wrong}"):
        load_pack("anyang", apply=True)


def test_a_duty_that_nobody_takes_over_is_told(packs: Path) -> None:
    ended = f'ended = {timezone.localdate()}\nsuccessor = "culture_tourism"'
    change(packs, "anyang", ('name = "县教育局"', f'name = "县教育局"\n{ended}'))
    with pytest.raises(PackError, match=r"anyang\.toml:\d+: .*has no line for the group"):
        load_pack("anyang", apply=True)


def test_two_agencies_exchange_their_names(packs: Path) -> None:
    load_pack("anyang", apply=True)
    names = ('name = "县财政局"', 'name = "县审计局?"'), ('name = "县司法局"', 'name = "县财政局"')
    change(packs, "anyang", *names, ('name = "县审计局?"', 'name = "县司法局"'))
    load_pack("anyang", apply=True)
    names_now = dict(Agency.objects.filter(jurisdiction_id=ANYANG).values_list("code", "name"))
    assert (names_now["finance"], names_now["justice"]) == ("县司法局", "县财政局")
    assert load_pack("anyang", apply=False) == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        (
            "statement_days = { value = 5",
            'statement_days = { value = "五"',
            "statement_days: not a whole number",
        ),
        (
            "statement_days = { value = 5",
            "statement_days = { value = 0",
            "statement_days: not a whole number",
        ),
        ("statement_days = {", "statment_days = {", "statment_days: unknown parameter"),
        ("first_year = { value = 2022", 'first_year = { value = "x"', "first_year: not a year"),
        (
            'filing_prefix = { value = "安县信用备"',
            "filing_prefix = { value = 5",
            "filing_prefix: not a text",
        ),
        ('name = "县教育局"', 'name = "县教育局"\nend = 2026-01-01', "unknown end"),
        ('code = "410522"', 'code = "410522"\nwithout = [["teacher"]]', "without is not a list of texts"),
    ],
)
def test_a_slip_of_the_pen_is_told(packs: Path, old: str, new: str, wrong: str) -> None:
    change(packs, "anyang", (old, new))
    with pytest.raises(PackError, match=rf"anyang\.toml:\d+: .*{wrong}"):
        load_pack("anyang", apply=True)


def test_who_only_asks_holds_up_nobody(packs: Path) -> None:
    load_pack("anyang", apply=True)
    with CaptureQueriesContext(connection) as asked:
        load_pack("anyang", apply=False)
    assert not [one for one in asked if "FOR UPDATE" in one["sql"]]
