"""`manage.py account add|end|reset|list`: the accounts that no page can make, for the administrator at the machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from agencies import services
from agencies.models import Membership, Role
from audit.lifecycle import Refused


class Command(BaseCommand):
    """Make, end, reset or list officers, operators and administrators of agencies."""

    help = "Accounts of officers, operators and agency administrators. A new password is printed once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions, each with its own arguments."""
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="who serves in which role")
        reset = actions.add_parser("reset", help="give any account a new one-time password")
        reset.add_argument("--username", required=True)
        add = actions.add_parser("add", help="make an account, or give a known one a place")
        end = actions.add_parser("end", help="end a role, from the next request on")
        add.add_argument("--name", required=True, help="the person's name")
        for action in (add, end):
            action.add_argument("--username", required=True)
            action.add_argument(
                "--role", required=True, choices=[role.value for role in services.STAFF_ROLES]
            )
            action.add_argument("--county", default="", metavar="CODE", help="such as 410522")
            action.add_argument("--agency", default="", metavar="CODE", help="such as education")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        """Do it. Raises `CommandError` with the reason when it cannot be."""
        try:
            if action == "list":
                self._list()
            elif action == "add":
                self._add(options)
            elif action == "end":
                places = {name: options[name] for name in ("username", "role", "county", "agency")}
                services.end_staff(**places)
                self.stdout.write(f"{options['username']}：任职已结束，立即生效。")
            else:
                password = services.reset_staff_password(username=options["username"])
                self._print_password(options["username"], password)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _add(self, options: dict[str, Any]) -> None:
        password = services.add_staff(
            username=options["username"],
            display_name=options["name"],
            role=options["role"],
            county=options["county"],
            agency=options["agency"],
        )
        if password is None:
            self.stdout.write(f"{options['username']}：账号原已存在，已增加任职，密码不变。")
        else:
            self._print_password(options["username"], password)

    def _print_password(self, username: str, password: str) -> None:
        self.stdout.write(f"用户名：{username.strip().lower()}")
        self.stdout.write(f"一次性密码：{password}（只显示这一次，首次登录须修改）")

    def _list(self) -> None:
        for user in User.objects.filter(is_operator=True, is_active=True).order_by("username"):
            self.stdout.write(
                f"{user.username} {user.display_name} {Role.OPERATOR.value} {Role.OPERATOR.label}"
            )
        rows = Membership.objects.current().filter(role__in=services.STAFF_ROLES)
        for row in rows.select_related("user", "jurisdiction", "agency").order_by("jurisdiction", "id"):
            codes = " ".join(filter(None, (row.jurisdiction.code, row.agency.code if row.agency else "")))
            self.stdout.write(
                f"{row.user.username} {row.user.display_name} {row.role} {codes} {row.unit_name}"
            )
