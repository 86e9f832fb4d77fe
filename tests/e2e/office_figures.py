"""What the credit office's pages say of the teachers, and the same counted from the tables in plain SQL."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator

from tests.e2e.stack import Stack
from tests.e2e.visitor import Visitor

CHINA = ZoneInfo("Asia/Shanghai")


@dataclasses.dataclass(frozen=True)
class Month:
    """Of one month: per cent confirmed by its end as the heat-map has it, and how many that are; what fell due in it,
    was accepted in time, was not, and still is not."""

    percent: int | None
    sealed: int
    due: int
    on_time: int
    late: int
    overdue: int


@dataclasses.dataclass(frozen=True)
class Figures:
    """应建, 已确认, each month that has begun, what is turned away in the county and not mended yet."""

    people: int
    sealed: int
    months: dict[int, Month]
    turned_away: int


def today() -> dt.date:
    return dt.datetime.now(CHINA).date()


# --- as the pages show them ----------------------------------------------------------------------------------------


def shown_figures(officer: Visitor) -> Figures:
    """Off the first page, the page of the group behind it, and the page of deliveries."""
    officer.open(f"/?year={today().year}")
    row = officer.page.locator("table.heat tbody tr", has_text="教师").first
    cells = row.locator("td").all_inner_texts()
    heat = [cell.strip() for cell in cells[2:14]]
    assert set(heat[today().month :]) <= {"–"}, "months to come have no figure"
    people, sealed = number_in(cells[1]), number_in(cells[-2])
    officer.press(row.get_by_role("link"))
    rows = officer.page.get_by_role("region", name="各月情况明细表").locator("tbody tr").all()
    months = {at: month_shown(one, heat[at - 1]) for at, one in enumerate(rows, 1)}
    officer.open("/delivery/")
    health = officer.page.locator("#delivery-state .kpis > div", has_text="平台退回").locator("b")
    return Figures(people, sealed, months, sum(map(number_in, health.all_inner_texts())))


def month_shown(row: Locator, heat: str) -> Month:
    """A line of the group's table. Its month is overdue in the heat-map as well, or in neither."""
    sealed, _, due, on_time, late, overdue = map(number_in, row.locator("td").all_inner_texts())
    said = re.search(r"逾期 ([\d,]+) 件", heat)
    assert (number_in(said[1]) if said else 0) == overdue
    return Month(None if heat.startswith("–") else number_in(heat), sealed, due, on_time, late, overdue)


def batches_shown(officer: Visitor) -> dict[str, tuple[int, int, int]]:
    """Receipt number to records, accepted and rejected, of the newest batches."""
    officer.open("/delivery/")
    rows = officer.page.get_by_role("region", name="报送批次明细表").locator("tbody tr").all()
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {
        receipt: (number_in(one[1]), number_in(one[3]), number_in(one[4]))
        for one in cells
        if (receipt := one[6].strip()) != "—"
    }


def number_in(text: str) -> int:
    """The first number of a cell, whatever is said beside it."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


# --- as the tables have them ---------------------------------------------------------------------------------------

PEOPLE = """SELECT count(*) FROM (
    SELECT number_index FROM archives_rosterentry WHERE occupation = 'teacher'
      AND joined_on <= make_date(%s, 12, 31) AND (left_on IS NULL OR left_on >= make_date(%s, 1, 1))
    UNION
    SELECT a.number_index FROM archives_archive a JOIN archives_annualrecord r ON r.archive_id = a.id
      WHERE a.occupation = 'teacher' AND r.year = %s) AS everybody"""
SEALED = """SELECT (v.sealed_at AT TIME ZONE 'Asia/Shanghai')::date, count(*)
            FROM archives_version v JOIN archives_recordpart p ON p.id = v.part_id
            WHERE p.occupation = 'teacher' AND p.year = %s AND v.number = 1 GROUP BY 1"""
"""Of the first versions of the year's records, the days on which they were confirmed."""
DELIVERIES = """
SELECT (o.due_at AT TIME ZONE 'Asia/Shanghai')::date AS due_on,
       (o.changed_at AT TIME ZONE 'Asia/Shanghai')::date AS changed_on,
       o.state = 'accepted', v.number = coalesce(p.current_version, i.current_version)
FROM archives_outbox o JOIN archives_version v ON v.id = o.version_id
LEFT JOIN archives_recordpart p ON p.id = o.part_id LEFT JOIN archives_item i ON i.id = o.item_id
WHERE o.occupation = 'teacher' AND o.state NOT IN ('untaken', 'superseded')
  AND (i.shown_until IS NULL OR i.shown_until >= %s)"""
TURNED_AWAY = """
SELECT count(*) FROM archives_outbox o JOIN archives_version v ON v.id = o.version_id
LEFT JOIN archives_recordpart p ON p.id = o.part_id LEFT JOIN archives_item i ON i.id = o.item_id
WHERE o.state = 'rejected' AND v.number = coalesce(p.current_version, i.current_version)
  AND (i.shown_until IS NULL OR i.shown_until >= %s)"""
BATCHES = """SELECT b.receipt_no, count(*), count(*) FILTER (WHERE l.accepted), count(*) FILTER (WHERE NOT l.accepted)
             FROM delivery_batch b JOIN delivery_batchline l ON l.batch_id = b.id GROUP BY b.id, b.receipt_no"""


def counted_figures(stack: Stack) -> Figures:
    """Who is on the roster of the year or has a record of it, who is confirmed and since when, what was due when."""
    now = today()
    ((people,),) = stack.query(PEOPLE, now.year, now.year, now.year)
    sealed = stack.query(SEALED, now.year)
    deliveries = [row for row in stack.query(DELIVERIES, now) if row[0].year == now.year and row[0] < now]
    ((turned_away,),) = stack.query(TURNED_AWAY, now)
    months = {}
    for month in range(1, now.month + 1):
        confirmed = sum(count for day, count in sealed if (day.year, day.month) <= (now.year, month))
        due = [row for row in deliveries if row[0].month == month]
        on_time = sum(accepted and changed <= due_on for due_on, changed, accepted, _ in due)
        overdue = sum(current and not accepted for _, _, accepted, current in due)
        share = confirmed * 100 // people if people else None
        months[month] = Month(share, confirmed, len(due), on_time, len(due) - on_time, overdue)
    return Figures(people, sum(count for _, count in sealed), months, turned_away)


def batches_counted(stack: Stack) -> dict[str, tuple[int, int, int]]:
    return {receipt: (size, taken, refused) for receipt, size, taken, refused in stack.query(BATCHES)}
