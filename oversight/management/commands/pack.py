"""`manage.py pack status|diff|load [NAME]`: local rules 地方规则."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agencies import packloader
from agencies.models import Jurisdiction, LoadedPack
from oversight.packs import load_pack


class Command(BaseCommand):
    """Show what is loaded and what was, what a pack would change and for whom, or load it."""

    help = "Show, compare or load the rules of a place."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `action` and `name`."""
        parser.add_argument("action", choices=["status", "diff", "load"])
        parser.add_argument("name", nargs="?", default="", help="of a pack; with status, only its history")

    def handle(self, *args: Any, action: str, name: str, **options: Any) -> None:
        """Do it, printing each difference before anything is written."""
        if action == "status":
            self._status(name)
            return
        changes = self._changes(name, apply=False)
        for change in changes:
            self.stdout.write(str(change))
        if action == "load":
            self._changes(name, apply=True)
        self.stdout.write(f"{len(changes)} differences" + (" loaded" if action == "load" else ""))

    def _changes(self, name: str, *, apply: bool) -> list[packloader.Change]:
        try:
            return load_pack(name, apply=apply)
        except packloader.PackError as error:
            raise CommandError(str(error)) from error

    def _status(self, name: str) -> None:
        """Each place with the version and digest that hold, whether its file says otherwise by now, and its history."""
        places = Jurisdiction.objects.exclude(pack="").order_by("id")
        for place in places.filter(pack=name) if name else places:
            state = f"{place.name}: {place.pack} {place.pack_version} {place.pack_digest[:12]}"
            self.stdout.write(f"{state}  {self._compared(place.pack)}")
            for loaded in LoadedPack.objects.filter(jurisdiction=place):
                at = timezone.localtime(loaded.loaded_at)
                told = f"{loaded.version} {loaded.digest[:12]}, {len(loaded.changes)} changes"
                self.stdout.write(f"  {at:%Y-%m-%d %H:%M} {told}")

    def _compared(self, name: str) -> str:
        if name not in packloader.available():
            return "its file is not here"
        try:
            count = len(load_pack(name, apply=False))
        except packloader.PackError as error:
            return f"its file is wrong: {error}"
        return f"{count} differences from its file" if count else "as its file says"
