"""What the shell of every page shows about the person and the unit."""

from __future__ import annotations

import dataclasses
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from agencies.models import Membership, Role
from credit_platform.actors import Actor

FALLBACK_SITE_NAME = "重点人群信用档案系统"

Entry = tuple[str, str, str]
"""URL name, label, icon."""
_HOME = ("home", "工作台", "house")
_ARCHIVES = ("archive-list", "档案填报", "file-pen-line")
_ITEMS = ("item-list", "信用条目", "list-checks")
_ROSTER = ("roster", "应建档名册", "users-round")
_STAMPED = ("stamped-roster-list", "盖章名册", "stamp")
_IDENTITIES = ("identity-list", "身份事项", "user-search")
_CHECK = ("check", "查验", "scan-search")
_HANDOVERS = ("handover-list", "工作交接", "arrow-right-left")
_TRANSFERS = ("transfer-list", "转出转入", "arrow-left-right")
_RULES = ("rules", "地方规则", "book-open")
_JOURNAL = ("journal", "操作日志", "scroll-text")
_DUTIES = ("responsibilities", "责任分工", "network")
_LEAVING = (("filing-list", "备案", "inbox"), ("delivery-list", "报送记录", "send"))
MENUS: dict[str, tuple[tuple[Entry, ...], ...]] = {
    Role.FILLER: ((_HOME, _ARCHIVES, _ITEMS, _ROSTER, _CHECK), (_HANDOVERS,)),
    Role.CLERK: (
        (_HOME, _ARCHIVES, _ITEMS, _ROSTER, _STAMPED, _IDENTITIES, _CHECK),
        _LEAVING,
        (_TRANSFERS, _HANDOVERS, _DUTIES, _JOURNAL),
    ),
    Role.REVIEWER: (
        (
            _HOME,
            ("review", "档案审核", "file-check"),
            ("archive-list", "信用档案", "folder-search"),
            _ROSTER,
            _STAMPED,
            _IDENTITIES,
            _CHECK,
        ),
        _LEAVING,
        (_TRANSFERS, _HANDOVERS, _DUTIES, _JOURNAL),
    ),
    Role.AGENCY_ADMIN: (
        (("members", "人员与权限", "users"), ("employers", "所属单位", "building-2")),
        (_HANDOVERS, _DUTIES, _RULES, _JOURNAL),
    ),
    Role.OFFICER: (
        (
            ("home", "归集总览", "layout-dashboard"),
            ("archive-list", "档案查看", "folder-search"),
            _ROSTER,
            _IDENTITIES,
            _CHECK,
        ),
        (("filing-list", "备案审查", "inbox"), ("delivery-list", "平台报送", "upload")),
        (_DUTIES, _RULES, _JOURNAL),
    ),
    Role.OPERATOR: (
        (
            ("home", "平台概况", "layout-dashboard"),
            ("state", "运行情况", "activity"),
            ("platform-journal", "平台日志", "scroll-text"),
        ),
    ),
}
"""The entries of each role's menu, in groups."""

_BELOW: dict[str, tuple[str, ...]] = {
    "archive-list": ("/records/", "/workbooks/", "/jobs/", "/consents/"),
    "item-list": ("/nil-returns/",),
    "delivery-list": ("/state/", "/identity-checks/"),
}
"""Pages that belong to a page of the menu and lie elsewhere."""


@dataclasses.dataclass(frozen=True)
class ShownMembership:
    """A membership as the switch page lists it."""

    id: int
    label: str
    current: bool


@dataclasses.dataclass(frozen=True)
class ShownActor:
    """The actor as templates see it."""

    user: User
    unit_name: str
    role: str
    role_label: str
    memberships: list[ShownMembership]


def actor(request: HttpRequest) -> dict[str, Any]:
    """Context processor: site name, actor and menu. Works without database (error pages)."""
    acting: Actor | None = getattr(request, "actor", None)
    memberships: list[Membership] = getattr(request, "memberships", [])
    if acting is None:
        return {"site_name": FALLBACK_SITE_NAME, "actor": None, "menu": []}
    current = next((m for m in memberships if m.pk == acting.membership_id), None)
    role_label = current.role_label if current else Role(acting.role).label
    shown = ShownActor(
        user=request.user,  # type: ignore[arg-type]  # an actor exists only for our own user model
        unit_name=acting.unit_name,
        role=acting.role,
        role_label=role_label,
        memberships=[ShownMembership(m.pk, str(m), m is current) for m in memberships],
    )
    name = current.jurisdiction.site_name if current else FALLBACK_SITE_NAME
    return {"site_name": name, "actor": shown, "menu": _menu(acting.role, request.path)}


def menu_label(role: str, url_name: str) -> str:
    """Return what a page is called in the menu of a role; "" where it isn't there. Headings and crumbs say the same."""
    entries = (entry for group in MENUS.get(role, ()) for entry in group)
    return next((label for name, label, _ in entries if name == url_name), "")


def _menu(role: str, path: str) -> list[dict[str, Any]]:
    """The entries in order; `begins` is the first of a further group."""
    return [
        _entry(entry, path) | {"begins": bool(number) and not position}
        for number, group in enumerate(MENUS.get(role, ()))
        for position, entry in enumerate(group)
    ]


def _entry(entry: Entry, path: str) -> dict[str, Any]:
    url_name, label, icon = entry
    url = reverse(url_name)
    current = path == url if url_name == "home" else path.startswith((url, *_BELOW.get(url_name, ())))
    return {"url": url, "label": label, "icon": icon, "current": current}
