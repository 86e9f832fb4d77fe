"""`manage.py prepare`: bring an installation up to date. Safe to repeat; runs as the owner of the tables."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies import packloader
from agencies.models import Jurisdiction
from credit_platform.embedded import ServiceUnavailable, check_server
from credit_platform.tenancy.context import PLATFORM


class Command(BaseCommand):
    """Migrations, partitions of the journal, static files, packs that are not loaded yet."""

    help = "Migrate, make partitions, collect static files and load packs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--pack` and `--no-static`."""
        parser.add_argument("--pack", action="append", default=[], help="load this pack if its place is new")
        parser.add_argument(
            "--no-static", action="store_true", help="leave static files alone (an image brings its own)"
        )

    def handle(self, *args: Any, pack: list[str], no_static: bool, **options: Any) -> None:
        """Run the steps in order."""
        self._check_server()
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        call_command("partitions", stdout=self.stdout)
        if not no_static:
            call_command("collectstatic", interactive=False, verbosity=0, stdout=self.stdout)
        Jurisdiction.objects.get_or_create(
            id=PLATFORM,
            defaults={
                "code": "0",
                "name": "平台",
                "office_name": "平台运维",
                "site_name": "重点人群信用档案系统",
            },
        )
        for name in pack:
            if not Jurisdiction.objects.filter(code=packloader.read(name).place["code"]).exists():
                call_command("pack", "load", name, stdout=self.stdout)

    def _check_server(self) -> None:
        try:
            check_server(settings.SITE_DATABASE.geturl())
        except ServiceUnavailable as error:
            raise CommandError(str(error)) from error
