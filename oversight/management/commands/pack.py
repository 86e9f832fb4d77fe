"""`manage.py pack status|diff|load [NAME]`: local rules 地方规则."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies import packloader
from agencies.models import Jurisdiction
from oversight.packs import load_pack


class Command(BaseCommand):
    """Show what is loaded, what a pack would change, or load it."""

    help = "Show, compare or load the rules of a place."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `action` and `name`."""
        parser.add_argument("action", choices=["status", "diff", "load"])
        parser.add_argument("name", nargs="?", default="")

    def handle(self, *args: Any, action: str, name: str, **options: Any) -> None:
        """Do it, printing each difference."""
        if action == "status":
            for place in Jurisdiction.objects.exclude(pack="").order_by("id"):
                self.stdout.write(f"{place.name}: {place.pack} {place.pack_version} {place.pack_digest[:12]}")
            return
        try:
            changes = load_pack(name, apply=action == "load")
        except packloader.PackError as error:
            raise CommandError(str(error)) from error
        for change in changes:
            self.stdout.write(str(change))
        self.stdout.write(f"{len(changes)} differences" + (" loaded" if action == "load" else ""))
