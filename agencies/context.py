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

_ARCHIVES = ("archive-list", "档案填报", "file-pen-line")
_ITEMS = ("item-list", "信用条目", "list-checks")
_HANDOVERS = ("handover-list", "工作交接", "arrow-right-left")
MENUS: dict[str, tuple[tuple[str, str, str], ...]] = {
    Role.FILLER: (("home", "工作台", "house"), _ARCHIVES, _ITEMS, _HANDOVERS),
    Role.CLERK: (
        ("home", "工作台", "house"),
        _ARCHIVES,
        _ITEMS,
        ("filing-list", "备案", "inbox"),
        ("delivery-list", "报送记录", "send"),
        ("journal", "操作日志", "scroll-text"),
        _HANDOVERS,
        ("responsibilities", "责任分工", "network"),
    ),
    Role.REVIEWER: (
        ("home", "工作台", "house"),
        ("review", "档案审核", "file-check"),
        ("archive-list", "信用档案", "folder-search"),
        ("filing-list", "备案", "inbox"),
        ("delivery-list", "报送记录", "send"),
        ("journal", "操作日志", "scroll-text"),
        _HANDOVERS,
        ("responsibilities", "责任分工", "network"),
    ),
    Role.AGENCY_ADMIN: (
        ("members", "人员与权限", "users"),
        ("employers", "所属单位", "building-2"),
        _HANDOVERS,
        ("journal", "操作日志", "scroll-text"),
        ("responsibilities", "责任分工", "network"),
    ),
    Role.OFFICER: (
        ("home", "归集总览", "layout-dashboard"),
        ("archive-list", "档案查看", "folder-search"),
        ("filing-list", "备案审查", "inbox"),
        ("delivery-list", "平台报送", "upload"),
        ("journal", "操作日志", "scroll-text"),
        ("responsibilities", "责任分工", "network"),
    ),
    Role.OPERATOR: (
        ("home", "平台概况", "layout-dashboard"),
        ("state", "运行情况", "activity"),
        ("platform-journal", "平台日志", "scroll-text"),
    ),
}

_BELOW: dict[str, tuple[str, ...]] = {
    "archive-list": ("/records/", "/workbooks/", "/roster/", "/stamped-rosters/", "/check/", "/jobs/"),
    "item-list": ("/nil-returns/",),
    "delivery-list": ("/state/",),
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
    return next((label for name, label, _ in MENUS.get(role, ()) if name == url_name), "")


def _menu(role: str, path: str) -> list[dict[str, Any]]:
    entries = []
    for url_name, label, icon in MENUS.get(role, ()):
        url = reverse(url_name)
        current = path == url if url_name == "home" else path.startswith((url, *_BELOW.get(url_name, ())))
        entries.append(
            {"url": url, "label": label, "icon": icon, "current": current, "count": None, "warn": False}
        )
    return entries
