"""The five places on one installation, photographed as their people see them: `python -m tests.e2e.places FOLDER`.

An installation of its own, which stays for the next run; it is told what axe finds on every page. To be looked at by
people: what is ugly, cut off, English, jargon, contradictory, or leads nowhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["CREDIT_INSTANCE"] = "places"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "credit_platform.settings")

from benchmarks.pages import serving  # sets Django up

# ruff: isort: split
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from agencies.groups import add_group
from agencies.models import Jurisdiction, Membership, Responsibility, Role
from benchmarks.people import PACKS, load_packs, open_session, teachers
from credit_platform.tenancy.context import PLATFORM
from tests.archives.flow import acting_as, in_review, opened, sealed
from tests.archives.item_flow import item_in_review, item_sealed, put_apart, told, written
from tests.e2e.test_look import faults_of
from tests.e2e.visitor import ARGUMENTS, CHROMIUM, LAPTOP, PHONE, Visitor
from tests.factories import EmployerFactory, Unit, UserFactory, id_number

STATE = settings.LOCAL_DIR / "places.json"
SCHOOLS = ("第一中学", "实验小学")
Place = dict[str, Any]
"""`code`, `name`, `members` by role, their `sessions` of this run, `paths` of what was made."""


def adopted(responsibility: Responsibility) -> Unit:
    """Return the unit of a pack's group, with two employers."""
    unit = Unit.__new__(Unit)
    unit.agency, unit.responsibility = responsibility.agency, responsibility
    unit.employer, unit.second_employer = (EmployerFactory(agency=unit.agency, name=one) for one in SCHOOLS)
    return unit


def filled(place: Jurisdiction) -> Place:
    """Give a place people and records at every stage; return where they are."""
    unit = adopted(teachers(jurisdiction=place))
    user = UserFactory(username=f"officer.{place.code}", display_name="陈立")
    officer = Membership.objects.create(user=user, jurisdiction=place, role=Role.OFFICER)
    draft, reviewed = opened(unit, name="李思源", number=_number(place, 1)), in_review(unit)
    for at, name in enumerate(("欧阳明月", "阿卜杜热西提·买买提", "王芳")):
        opened(unit, name=name, number=_number(place, 2 + at))
    confirmed = sealed(unit).head
    award = item_sealed(draft, "award", unit=unit)
    penalty = told(item_in_review(draft, "administrative_penalty", unit=unit), by=unit.clerk)
    own = written(draft, "training", by=unit.clerk)
    waiting = put_apart(draft, "law_breach", by=unit.clerk)
    with acting_as(officer) as who:
        day = timezone.localdate()
        wanted: dict[str, Any] = {
            "label": "养蜂人员",
            "contents": ["E3", "E10"],
            "basis": "本地文件〔2026〕9 号",
        }
        group = add_group(**wanted, agency=unit.agency, opens_on=day, actor=who, today=day)
    paths = {
        "draft": f"/records/{draft.pk}/",
        "in-review": f"/records/{reviewed.pk}/",
        "sealed": f"/records/{confirmed.pk}/",
        "award": f"/items/{award.pk}/",
        "penalty": f"/items/{penalty.pk}/",
        "own": f"/items/{own.pk}/",
        "waiting": f"/items/waiting/{waiting.pk}/",
        "group": f"/rules/groups/{group.pk}/",
    }
    people = {"clerk": unit.clerk, "reviewer": unit.reviewer, "officer": officer}
    members = {role: member.pk for role, member in people.items()}
    return {"code": place.code, "name": place.name, "members": members, "paths": paths}


def _number(place: Jurisdiction, nth: int) -> str:
    return id_number(nth, area=f"{place.pk:06}"[:6])


def prepared() -> list[Place]:
    """Return the five places, made if they are not there yet."""
    if not STATE.exists():
        load_packs(*PACKS)
        places = Jurisdiction.objects.exclude(id=PLATFORM).order_by("code")
        STATE.write_text(json.dumps([filled(place) for place in places], ensure_ascii=False), "utf-8")
    found: list[Place] = json.loads(STATE.read_text("utf-8"))
    for place in found:
        members = {role: Membership.objects.get(pk=pk) for role, pk in place["members"].items()}
        place["sessions"] = {role: open_session(member) for role, member in members.items()}
    return found


def _path(name: str, more: str = "") -> Callable[[Place], str]:
    return lambda place: f"{place['paths'][name]}{more}"


FEW: tuple[tuple[str, str, str | Callable[[Place], str]], ...] = (
    ("clerk", "home", "/"),
    ("clerk", "form", _path("draft")),
    ("clerk", "item-kinds", _path("draft", "items/add/")),
    ("clerk", "workbook-out", "/workbooks/out/"),
    ("clerk", "catalogue", "/catalogue/"),
    ("reviewer", "home", "/"),
    ("officer", "home", "/"),
    ("officer", "rules", "/rules/"),
    ("officer", "delivery", "/delivery/"),
)
"""In every place."""
MORE: tuple[tuple[str, str, str | Callable[[Place], str]], ...] = (
    ("clerk", "archives", "/archives/"),
    ("clerk", "sealed", _path("sealed")),
    ("clerk", "items", "/items/"),
    ("clerk", "item", _path("penalty")),
    ("clerk", "item-draft", _path("own")),
    ("clerk", "item-new", _path("draft", "items/add/?kind=administrative_penalty")),
    ("clerk", "waiting-list", "/items/waiting/"),
    ("clerk", "waiting", _path("waiting")),
    ("clerk", "item-import", "/items/import/"),
    ("clerk", "workbook-in", "/workbooks/in/"),
    ("clerk", "nil-returns", "/nil-returns/"),
    ("clerk", "catalogue-entry", "/catalogue/?kind=administrative_penalty"),
    ("reviewer", "record", _path("in-review")),
    ("reviewer", "item", _path("penalty")),
    ("officer", "group-new", "/rules/groups/new/"),
    ("officer", "group-change", _path("group", "change/")),
    ("officer", "group-open", _path("group", "open/")),
    ("officer", "responsibilities", "/responsibilities/"),
)
"""In one."""


def photograph(
    browser: Browser, site: str, place: Place, folder: Path, *, size: tuple[int, int], every: bool
) -> None:
    """Take a picture of each page; on a phone in large type."""
    for role, session in place["sessions"].items():
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "domain": "127.0.0.1", "path": "/"}
        visitor = Visitor(
            browser, site, size=size, storage_state={"cookies": [_whole(cookie)], "origins": []}
        )
        if size == PHONE:
            visitor.open("/")
            visitor.press(visitor.button("大字版"))
        for who, name, path in (*FEW, *(MORE if every else ())):
            if who != role:
                continue
            visitor.open(path if isinstance(path, str) else path(place))
            picture = f"{place['code']}-{role}-{name}-{size[0]}"
            visitor.page.screenshot(path=folder / f"{picture}.png", full_page=True)
            for fault in faults_of(visitor, narrow=size == PHONE):
                print(f"{picture}: {fault}")
            if visitor.statuses[-1] != 200 or "/sign-in/" in visitor.page.url:
                print(f"{picture}: {visitor.statuses[-1]} {visitor.page.url}")
        if size == PHONE:
            visitor.open("/")
            visitor.press(visitor.button("标准版"))
        for complaint in visitor.complaints:
            print(f"{place['code']}-{role}: {complaint}")
        visitor.close()


def _whole(cookie: dict[str, Any]) -> dict[str, Any]:
    return {**cookie, "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    places = prepared()  # before the browser: Django's ORM and Playwright's loop do not share a thread
    with serving("credit_platform.wsgi") as port, sync_playwright() as playwright:
        site = f"http://127.0.0.1:{port}"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for position, place in enumerate(places):
            photograph(browser, site, place, folder, size=LAPTOP, every=not position)
            if not position:
                photograph(browser, site, place, folder, size=PHONE, every=True)
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tests.e2e.places FOLDER")
    main(Path(sys.argv[1]))
