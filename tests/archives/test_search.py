"""Looking for people by name, initials or number: found, masked, journalled, and never in an address."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from archives.models import RecordPart
from archives.schema.problems import Invalid
from archives.search import HOLDS, read_sought
from credit_platform.tenancy.context import acting
from credit_platform.web.keyset import keyset_page
from tests.archives.flow import events, opened
from tests.archives.test_roster import on_roster
from tests.factories import County, id_number

pytestmark = [pytest.mark.django_db, pytest.mark.req("AY-18", "PD-21")]
TODAY = timezone.localdate()


def found(browser: Client, text: str, page: str = "/archives/") -> tuple[str, list[str]]:
    """Look for somebody as the page does; return the address one is led to and the names on it."""
    answer = browser.post(page.replace("people/", "") + "find/", {"text": text})
    assert answer.status_code == 302, answer.context["finding"].form.errors
    address = answer["Location"]
    listed = browser.get(address)
    assert listed.status_code == 200
    rows = listed.context["rows"]
    return address, [row["name"] if "name" in row else row["entry"].name for row in rows]


def test_people_are_found_by_name_initials_and_number(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    opened(unit, name="单小红", number=number)
    opened(unit, name="单小明")
    opened(unit, name="沈晓辉")
    opened(unit, name="古丽·买买提")
    opened(unit, name="John Smith")
    opened(county.health, name="单小红")
    for member in (unit.filler, unit.clerk, unit.reviewer):
        browser = client_as(member)
        for text, names in (
            ("单", ["单小红", "单小明"]),
            (" 单小 红", ["单小红"]),
            ("SXH", ["单小红", "沈晓辉"]),
            ("glm", ["古丽·买买提"]),
            ("js", ["John Smith"]),
            ("john s", ["John Smith"]),
            ("shan xiao", ["单小红", "单小明"]),
            ("古丽.买", ["古丽·买买提"]),
            (number.lower(), ["单小红"]),
            (f"{number[:6]} {number[6:]}", ["单小红"]),
            ("小红", []),
            (id_number(), []),
        ):
            assert sorted(found(browser, text)[1]) == sorted(names), text


def test_neither_name_nor_number_stands_in_addresses_sessions_or_journal(
    county: County, client_as: Any
) -> None:
    unit, number = county.education, id_number()
    opened(unit, name="单小红", number=number)
    browser = client_as(unit.clerk)
    for text in (number, "单小红"):
        address, names = found(browser, text)
        assert names == ["单小红"]
        answer = browser.get(address)
        page = answer.content.decode()
        assert number not in page
        assert number not in address
        assert "%" not in address
        assert answer.context["total"] == 1
    (session,) = Session.objects.filter(session_key=browser.session.session_key)
    kept = json.dumps(session.get_decoded())
    told = [(e.verb, e.subject_label, e.data) for e in events(county.id) if e.actor_id == unit.clerk.user_id]
    searched = [one for one in told if one[0] == "record.searched"]
    assert [one[1:] for one in searched] == [
        ("按证件号码查找", {"found_by": "number"}),
        ("按姓名查找", {"found_by": "name"}),
    ]
    listed = [data["filters"] for verb, _, data in told if verb == "record.listed"]
    assert {"found_by": "number"} in listed
    for secret in (number, "单小红", json.dumps("单小红")[1:-1]):
        assert secret not in kept
        assert secret not in json.dumps(told)


def test_a_search_goes_with_filters_and_pages_and_ends(
    county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, year = county.education, TODAY.year
    for number in range(3):
        opened(unit, name="王" + "一二三"[number])
    opened(unit, name="王四", year=year - 1)
    opened(unit, name="李五")
    browser = client_as(unit.clerk)
    monkeypatch.setattr("archives.views.lists.keyset_page", _pages_of_two)
    address, names = found(browser, "王")
    assert names == ["王二", "王三"]
    first = browser.get(f"{address}&year={year}")
    assert first.context["total"] == 3
    second = browser.get(f"/archives/{first.context['pager'].next_url}")
    assert len(second.context["rows"]) == 1
    assert "found=" in first.context["pager"].next_url
    assert browser.get(address.replace("found=", "found=x")).context["rows"] == []
    other = client_as(unit.filler).get(address)  # the word is this session's own
    assert other.context["rows"] == []
    assert "已过期" in other.content.decode()
    session = browser.session
    for row in session["sought"].values():
        row[2] -= HOLDS.total_seconds()
    session.save()
    late = browser.get(address)
    assert late.context["rows"] == []
    assert "已过期" in late.content.decode()


def _pages_of_two(request: Any, queryset: Any, **options: Any) -> Any:
    return keyset_page(request, queryset, size=2, **options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "请填写姓名"),
        ("41052219900101", "应为 18 位，现为 14 位"),
        ("410522199013010024", "出生日期"),
        ("410522199001010021", "校验位不符"),
        ("410522********0024", "完整号码"),
        ("0024", "须填写完整"),
        ("4.10522E+17", "丢失"),
        ("!!!!12345!", "不应出现的字符"),
        ("王\x00", "无法识别"),
        ("长" * 61, "最多 60 个字"),
    ],
)
def test_what_cannot_be_looked_for_is_said_on_the_list(
    county: County, client_as: Any, text: str, words: str
) -> None:
    unit = county.education
    opened(unit)
    answer = client_as(unit.clerk).post("/archives/find/", {"text": text})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert answer.context["rows"] == []
    assert not [e for e in events(county.id) if e.verb == "record.searched"]


def test_other_documents_are_found(county: County) -> None:
    assert read_sought("H12345678", today=TODAY).by == "number"
    permit, renewed = (read_sought(text, today=TODAY).keys for text in ("h1234567801", "H12345678"))
    assert set(renewed) <= set(permit)
    with pytest.raises(Invalid):
        read_sought("9" * 40, today=TODAY)


def test_the_roster_is_searched_too(county: County, client_as: Any) -> None:
    unit, number = county.education, id_number()
    on_roster(unit, name="单小红", number=number)
    on_roster(unit, name="王小明")
    browser = client_as(unit.clerk)
    for text in ("单", "sx", number):
        address, names = found(browser, text, "/roster/people/")
        assert names == ["单小红"]
        assert address.startswith("/roster/people/?found=")
    answer = browser.post("/roster/find/", {"text": "0024"})
    assert answer.status_code == 422
    assert "须填写完整" in answer.content.decode()
    told = [e.data["filters"] for e in events(county.id, verb="roster_entry.listed")]
    assert told == [{"found_by": "name"}, {"found_by": "letters"}, {"found_by": "number"}]


def test_the_indexes_serve_under_row_level_security(county: County, client_as: Any) -> None:
    """LIKE would be no use here: what the policy guards is only given to leakproof operators."""
    unit = county.education
    browser = client_as(unit.clerk)
    address, _ = found(browser, "王小")
    with CaptureQueriesContext(connection) as captured:
        browser.get(address)
    (counting,) = [q["sql"] for q in captured if "COUNT(*)" in q["sql"] and "recordpart" in q["sql"]]
    with acting(county.id, "job"):
        statement = str(RecordPart.objects.filter(agency=unit.agency, name__prefixed="王小").query)
        assert "~>=~" in counting
        assert "~>=~" in statement
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN SELECT id FROM archives_recordpart WHERE jurisdiction_id = %s AND agency_id = %s"
                " AND name ~>=~ '王小' AND name ~<~ '王小\U0010ffff'",
                [county.id, unit.agency.pk],
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
    condition = [line for line in plan.splitlines() if "Index Cond" in line]
    assert any("~>=~" in line for line in condition), plan
