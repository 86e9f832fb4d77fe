"""The office's figures against an independent recount in SQL, the lists behind them, reminders, the export."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.utils import timezone

from archives.models import Job, Outbox, RosterEntry
from archives.services.jobs import run_job
from archives.states import Delivery
from audit.lifecycle import Refused
from credit_platform import private_files
from credit_platform.tenancy.context import acting
from notices.models import Notice
from oversight.models import Reminder
from oversight.progress import Progress, percent, progress_of
from oversight.reminders import remind
from tests.archives.flow import acting_as, events, rows_of
from tests.factories import County, Unit, id_number, make_chain

YEAR, TODAY = 2026, dt.date(2026, 9, 15)


def local(*parts: int) -> dt.datetime:
    return timezone.make_aware(dt.datetime(*parts))


def on_roster(unit: Unit, name: str, index: str, **days: Any) -> None:
    with acting(unit.agency.jurisdiction_id, "job"):
        RosterEntry.objects.create(
            agency=unit.agency,
            employer=unit.employer,
            occupation=unit.responsibility.occupation,
            name=name,
            name_sort=name,
            document_type="111",
            number="x",
            number_mask="410522********000*",
            number_index=index,
            source="typed",
            created_by="王经办",
            **{"joined_on": dt.date(2025, 1, 1), **days},
        )


@pytest.fixture
def filled(county: County) -> County:
    """Records confirmed from December to September, on and off the roster; deliveries on time, late, rejected, open."""
    chance = random.Random(7)
    moments = [local(2025, 12, 31, 23, 59), local(2026, 1, 1, 0, 0), local(2026, 3, 31, 23, 59, 59)]
    moments += [local(2026, chance.randint(1, 9), chance.randint(1, 14), 12) for _ in range(22)]
    for position, at in enumerate(moments):
        unit = (county.education, county.health)[position % 3 == 0]
        chain = make_chain(unit, name=f"人{position:02}", at=at)
        if position % 4:
            on_roster(unit, chain.part.name, chain.archive.number_index)
        if position == 5:  # left and came back: one person
            on_roster(
                unit,
                chain.part.name,
                chain.archive.number_index,
                left_on=dt.date(2026, 2, 1),
                joined_on=at.date(),
            )
        state = (Delivery.ACCEPTED, Delivery.ACCEPTED, Delivery.REJECTED, Delivery.PENDING)[position % 4]
        late = dt.timedelta(days=2 if position % 8 == 1 else 0)
        with acting(county.id, "job"):
            Outbox.objects.filter(pk=chain.outbox.pk).update(state=state, changed_at=at + late)
    for position in range(6):
        unit = (county.education, county.health)[position % 2]
        chain = make_chain(unit, name=f"稿{position:02}", sealed=False)
        if position < 3:
            on_roster(unit, chain.part.name, chain.archive.number_index)
    on_roster(county.education, "无档", f"{id_number()}".ljust(64, "0"))
    on_roster(county.education, "早走", "e" * 64, left_on=dt.date(2025, 12, 31))
    return county


def asked(county: County, sql: str) -> list[tuple[Any, ...]]:
    with acting(county.id, "job"), connection.cursor() as cursor:
        cursor.execute(sql.replace(":place", str(county.id)))
        return cursor.fetchall()


PEOPLE = """
SELECT agency_id, occupation, count(DISTINCT who) FROM (
  SELECT e.agency_id, e.occupation, e.number_index AS who FROM archives_rosterentry e
  WHERE e.jurisdiction_id = :place AND e.joined_on < '2027-01-01' AND coalesce(e.left_on, '2026-06-01') > '2025-12-31'
  UNION ALL
  SELECT p.agency_id, p.occupation, a.number_index FROM archives_recordpart p
  JOIN archives_annualrecord r ON r.id = p.record_id AND r.jurisdiction_id = :place
  JOIN archives_archive a ON a.id = r.archive_id AND a.jurisdiction_id = :place
  WHERE p.jurisdiction_id = :place AND p.year = 2026) AS everybody GROUP BY 1, 2"""
SEALED = """
SELECT agency_id, occupation, to_char(first AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM'), count(*) FROM (
  SELECT p.agency_id, p.occupation, min(v.sealed_at) AS first FROM archives_version v
  JOIN archives_recordpart p ON p.id = v.part_id AND p.jurisdiction_id = :place
  WHERE v.jurisdiction_id = :place AND p.year = 2026 GROUP BY p.id, p.agency_id, p.occupation) AS f GROUP BY 1, 2, 3"""
DUE = """
SELECT o.agency_id, o.occupation, extract(month FROM o.due_at AT TIME ZONE 'Asia/Shanghai')::int, count(*),
  sum(CASE WHEN o.state = 'accepted' AND (o.changed_at AT TIME ZONE 'Asia/Shanghai')::date
      <= (o.due_at AT TIME ZONE 'Asia/Shanghai')::date THEN 1 ELSE 0 END),
  sum(CASE WHEN o.state <> 'accepted' AND v.number = p.current_version THEN 1 ELSE 0 END)
FROM archives_outbox o JOIN archives_version v ON v.id = o.version_id AND v.jurisdiction_id = :place
JOIN archives_recordpart p ON p.id = o.part_id AND p.jurisdiction_id = :place
WHERE o.jurisdiction_id = :place AND (o.due_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN '2026-01-01' AND '{until}'
GROUP BY 1, 2, 3"""


def recount(county: County, until: dt.date) -> dict[str, Any]:
    people = {row[:2]: row[2] for row in asked(county, PEOPLE)}
    sealed = {row[:3]: row[3] for row in asked(county, SEALED)}
    due = {row[:3]: row[3:] for row in asked(county, DUE.replace("{until}", str(until)))}
    return {"people": people, "sealed": sealed, "due": due}


def found(progress: Progress) -> dict[str, Any]:
    sealed: Counter[Any] = Counter()
    people, due = {}, {}
    for group in progress.groups:
        key = (group.responsibility.agency_id, group.responsibility.occupation)
        people[key] = group.people
        sealed[(*key, "2025-12")] += group.before
        for number, month in group.months.items():
            sealed[(*key, f"2026-{number:02}")] += month.sealed
            if month.due:
                due[(*key, number)] = (month.due, month.on_time, month.overdue)
    return {"people": people, "sealed": {key: count for key, count in sealed.items() if count}, "due": due}


class Table(HTMLParser):
    """The words of the cells of the heat-map."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._cell = False
        self.feed(page[page.index('class="tbl tbl--keep heat"') :].partition("</table>")[0])

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._cell = True

    def handle_endtag(self, tag: str) -> None:
        self._cell = self._cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data


@pytest.mark.req("AY-12", "AY-14", "AY-32")
def test_every_figure_equals_a_recount_in_sql(filled: County, client_as: Any) -> None:
    with acting_as(filled.officer) as who:
        progress = progress_of(who, YEAR, today=TODAY)
    assert any(group.before for group in progress.groups)
    assert any(group.coverage.beyond for group in progress.groups)
    assert any(month.on_time < month.due for group in progress.groups for month in group.months.values())
    assert found(progress) == recount(filled, TODAY - dt.timedelta(days=1))
    lines = Counter({line.key: line.count for line in progress.lines})
    due = recount(filled, TODAY - dt.timedelta(days=1))["due"]
    assert lines == Counter(
        {f"{a}:{o}:delivery:2026-{month:02}": counts[2] for (a, o, month), counts in due.items() if counts[2]}
    )
    # and as the page shows them, on the day of the test
    today = timezone.localdate()
    told = recount(filled, min(today - dt.timedelta(days=1), dt.date(2026, 12, 31)))
    page = client_as(filled.officer).get("/?year=2026")
    rows = {row[0]: row for row in Table(page.content.decode()).rows[1:]}
    for unit in (filled.education, filled.health):
        key = (unit.agency.pk, unit.responsibility.occupation)
        row, people = rows[unit.responsibility.label], told["people"][key]
        assert int(row[2]) == people
        total = sum(count for where, count in told["sealed"].items() if where[:2] == key)
        for month in range(1, 13):
            if dt.date(2026, month, 1) > today:
                assert row[2 + month].startswith("–")
                continue
            done = sum(c for w, c in told["sealed"].items() if w[:2] == key and w[2] <= f"2026-{month:02}")
            late = told["due"].get((*key, month), (0, 0, 0))[2]
            assert row[2 + month] == f"{done * 100 // people}" + (f"，逾期 {late} 件" if late else "")
        assert (row[15], row[16]) == (str(total), f"{total * 100 // people}%")
    ranks = {place.name: (place.rank, place.sealed, place.people) for place in page.context["ranking"]}
    shares = {
        unit.agency.name: sum(c for w, c in told["sealed"].items() if w[0] == unit.agency.pk)
        / told["people"][unit.agency.pk, unit.responsibility.occupation]
        for unit in (filled.education, filled.health)
    }
    assert list(ranks) == sorted(shares, key=lambda name: -shares[name])
    due_sum, on_time = (sum(counts[at] for counts in told["due"].values()) for at in (0, 1))
    kpi = {one["label"]: one for one in page.context["kpis"]}
    assert kpi["按时报送率"]["value"] == f"{on_time * 100 // due_sum}%"
    assert kpi["按时报送率"]["note"] == f"应报 {due_sum} 件，按时 {on_time} 件"
    assert kpi["逾期未报"]["value"] == sum(counts[2] for counts in told["due"].values())
    assert kpi["应建档"]["value"] == sum(told["people"].values())


def links(page: Any) -> Iterator[tuple[str, int]]:
    """Every link of a group's page whose words begin with a figure."""
    for address, figure in re.findall(r'href="(/progress/people/[^"]+)">([\d,]+)<', page.content.decode()):
        yield address.replace("&amp;", "&"), int(figure.replace(",", ""))


@pytest.mark.req("AY-32")
def test_behind_every_figure_stands_its_list(filled: County, client_as: Any) -> None:
    browser, unit = client_as(filled.officer), filled.education
    page = browser.get(f"/progress/{unit.agency.pk}/teacher/?year=2026")
    checked = 0
    for address, figure in links(page):
        shown = browser.get(address).context
        assert (len(shown["rows"]), shown["total"]) == (figure, figure), address
        checked += 1
    assert checked >= 5 * min(timezone.localdate().month, 9)
    row, agency = page.context["row"], f"agency={unit.agency.pk}&occupation=teacher&year=2026"
    for what, count in (("roster", row["expected"]), ("sealed", row["sealed"])):
        assert browser.get(f"/progress/people/?what={what}&{agency}").context["total"] == count
    names = {one["name"] for one in browser.get(f"/progress/people/?what=missing&{agency}").context["rows"]}
    assert "无档" in names
    assert not any(name.startswith("人") for name in names)
    beyond = browser.get(f"/progress/people/?what=beyond&{agency}")
    assert {one["name"][0] for one in beyond.context["rows"]} == {"人"}, (
        "drafts are the agency's own business"
    )
    looks = [event.data["what"] for event in events(filled.id, verb="progress.listed")]
    assert {"sealed", "due", "on_time", "late", "overdue", "roster", "missing"} <= set(looks)


def test_a_year_after_its_close_owes_its_records(filled: County) -> None:
    place = filled.jurisdiction
    place.parameters = {**place.parameters, "year_closes": "03-31"}
    place.save()
    with acting_as(filled.officer) as who:
        before = progress_of(who, YEAR, today=dt.date(2027, 3, 31)).lines
        after = progress_of(who, YEAR, today=dt.date(2027, 4, 2))
    assert {line.what for line in before} == {"delivery"}
    owed = {line.responsibility.label: line for line in after.lines if line.what == "record"}
    for group in after.groups:
        line = owed[group.responsibility.label]
        assert (line.count, line.whole) == (group.people - group.sealed, group.people)
        assert line.since == dt.date(2027, 3, 31)


@pytest.mark.req("AY-32")
def test_a_duty_that_moved_keeps_the_figures_of_its_year(filled: County, client_as: Any) -> None:
    """Its records and deliveries stay in the county's figures; who has no record is the successor's."""
    unit, today = filled.education, dt.date(2026, 9, 15)
    with acting_as(filled.officer) as who:
        before = progress_of(who, YEAR, today=today)
    was = next(one for one in before.groups if one.responsibility.pk == unit.responsibility.pk)
    unit.responsibility.ended_on, unit.responsibility.successor = dt.date(2026, 9, 1), filled.health.agency
    unit.responsibility.save()
    with acting_as(filled.officer) as who:
        after = progress_of(who, YEAR, today=today)
        later = progress_of(who, YEAR, today=dt.date(2027, 6, 1))
    now = next(one for one in after.groups if one.responsibility.pk == unit.responsibility.pk)
    assert (now.sealed, now.months) == (was.sealed, was.months)
    assert (now.people, now.built) == (was.built, was.built)
    assert now.people < was.people, "who has no record is not this unit's any more"
    assert after.total("sealed") == before.total("sealed")
    assert not [
        one for one in later.lines if one.what == "record" and one.responsibility == now.responsibility
    ]
    page = client_as(filled.officer).get(f"/progress/{unit.agency.pk}/teacher/?year=2026")
    for address, figure in links(page):
        assert client_as(filled.officer).get(address).context["total"] == figure, address


def test_a_county_without_anybody(county: County, client_as: Any) -> None:
    page = client_as(county.officer).get("/")
    assert [kpi["value"] for kpi in page.context["kpis"]] == [0, 0, 0, "—", 0]
    assert {place.rank for place in page.context["ranking"]} == {None}
    assert "没有逾期未报的事项" in page.content.decode()


# --- 催报 --------------------------------------------------------------------------------------------------------


@pytest.mark.req("AY-12", "AY-32")
def test_reminders_reach_the_named_persons_once_a_day(filled: County, client_as: Any) -> None:
    unit, office = filled.education, client_as(filled.officer)
    clerk, admin = unit.clerk, filled.health.admin
    shown = office.get("/?year=2026").context["overdue"]
    keys = [row["line"].key for row in shown]
    persons = {row["line"].responsibility.label: row["persons"] for row in shown}
    assert persons == {"教师": "王经办", "医师": "赵管理"}, "no clerk of doctors: the administrator"
    office.post("/reminders/", {"year": YEAR, "line": keys, "text": "请于本周五前报送"})
    office.post("/reminders/", {"year": YEAR, "line": keys, "text": "请于本周五前报送"})
    reminders = rows_of(Reminder, filled.id)
    assert len(reminders) == len(keys)
    told = {row.membership_id for row in rows_of(Notice, filled.id, kind="reminder")}
    assert told == {clerk.pk, admin.pk}
    notice = next(row for row in rows_of(Notice, filled.id, membership=clerk))
    assert str(notice) == "教师档案逾期未报，信用工作机构催报，请及时办理。"
    browser = client_as(clerk)
    page = browser.get(browser.post(f"/notices/{notice.pk}/open/")["Location"])
    assert "请于本周五前报送" in page.content.decode()
    assert {browser.get(url).status_code for _, url in page.context["links"]} == {200}
    assert all(row["today"] for row in office.get("/?year=2026").context["overdue"])
    foreign = next(row for row in reminders if row.agency_id == filled.health.agency.pk)
    assert browser.get(f"/reminders/{foreign.pk}/").status_code == 404
    with acting_as(filled.officer) as who:
        later = timezone.localdate() + dt.timedelta(days=1)
        assert remind(keys=keys, year=YEAR, text="", actor=who, today=later).sent == len(keys)


def test_what_a_reminder_refuses(filled: County, actor_of: Any) -> None:
    with acting_as(filled.officer) as who:
        (line, *_) = progress_of(who, YEAR, today=TODAY).lines
        for keys, text, code in (
            ([], "", "nothing_chosen"),
            (["1:teacher:delivery:2026-01"], "", "nothing_overdue"),
            ([line.key], "请补报 410522199001010024", "personal"),
            ([line.key], "请联系 138 0000 0000", "personal"),
        ):
            with pytest.raises(Refused) as refusal:
                remind(keys=keys, year=YEAR, text=text, actor=who, today=TODAY)
            assert refusal.value.code == code
    with acting_as(filled.education.clerk) as clerk, pytest.raises(Refused, match="信用工作机构"):
        remind(keys=[line.key], year=YEAR, text="", actor=clerk, today=TODAY)
    assert rows_of(Reminder, filled.id) == []


def test_the_database_itself_keeps_reminders_apart(filled: County, other_county: County) -> None:
    assert filled.education.clerk
    assert filled.health.clerk
    with acting_as(filled.officer) as who:
        keys = [line.key for line in progress_of(who, YEAR, today=TODAY).lines]
        remind(keys=keys, year=YEAR, text="", actor=who, today=TODAY)
    sql = "SELECT DISTINCT agency_id FROM oversight_reminder WHERE jurisdiction_id = %s"
    for unit, seen in ((filled.education, [(filled.education.agency.pk,)]), (other_county.education, [])):
        with unit.acting(), connection.cursor() as cursor:
            cursor.execute(sql, [filled.id])
            assert cursor.fetchall() == seen


# --- export -------------------------------------------------------------------------------------------------------


def test_the_export_has_the_same_figures_and_no_formula(filled: County, client_as: Any) -> None:
    unit = filled.education
    unit.responsibility.label = "=HYPERLINK(1)"
    unit.responsibility.save()
    browser = client_as(filled.officer)
    address = browser.post("/progress/export/", {"year": YEAR})["Location"]
    (row,) = rows_of(Job, filled.id)
    assert row.requester == filled.officer.user.display_name
    run_job(jurisdiction_id=filled.id, job_id=row.pk)
    (row,) = rows_of(Job, filled.id)
    assert row.state == "done", row.message
    assert browser.get(f"{address}result/").status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(private_files.read_all(row.result)))
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert not [cell for cell in cells if cell.data_type == "f"]
    with acting_as(filled.officer) as who:
        progress = progress_of(who, YEAR, today=timezone.localdate())
    table = {line[0]: line for line in book["各类人群"].iter_rows(min_row=2, values_only=True)}
    for group in progress.groups:
        line = table[group.responsibility.label]
        assert line[2:7] == (
            group.people,
            group.coverage.beyond,
            group.built,
            group.sealed,
            percent(group.sealed, group.people),
        )
    assert book["逾期未报"].max_row == 1 + len(progress.lines)


def test_a_year_without_overdue_matters_says_which_and_leads_to_the_others(
    filled: County, client_as: Any
) -> None:
    office = client_as(filled.officer)
    years = office.get("/").context["form"].others
    assert years
    for year in years:
        page = office.get(f"/?year={year}")
        if not page.context["overdue"]:
            assert f"{year} 年度没有逾期未报的事项。" in page.content.decode()
            break
    else:
        raise AssertionError("every year has something overdue")
    assert f"?year={timezone.localdate().year}#overdue" in page.content.decode()


def test_other_roles_have_no_overview(filled: County, client_as: Any) -> None:
    for member in (filled.education.clerk, filled.education.admin):
        browser = client_as(member)
        assert browser.get(f"/progress/{filled.education.agency.pk}/teacher/").status_code == 403
        assert browser.get("/progress/people/?what=sealed").status_code == 403
