"""`manage.py demo_data`: fill an empty installation for the demonstration, and print the passwords once."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agencies.models import Agency, Jurisdiction, Role
from demo import data, identities


class Command(BaseCommand):
    """Does nothing when the demonstration's accounts exist already."""

    help = "Make the demonstration's accounts and made-up people."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare `--json` and `--register`."""
        parser.add_argument("--json", action="store_true", help="print the accounts as JSON")
        parser.add_argument("--register", type=Path, help="write what the identity service is to know")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill and print."""
        if data.has_data():
            return
        county = Jurisdiction.objects.get(code="410522")
        passwords = data.fill(county)
        identities.connect_service(county)
        if options["register"]:
            identities.write_register(county, options["register"])
        if options["json"]:
            self.stdout.write(json.dumps(passwords))
            return
        self.stdout.write("\nAccounts (shown only now):")
        self.stdout.write(f"  {'role':<14}{'user':<10}{'password':<22}name")
        units = dict(Agency.objects.filter(jurisdiction=county).values_list("code", "name"))
        for username, name, role, code, employer in data.ACCOUNTS:
            place = " ".join(
                word for word in (name, employer or units.get(code, ""), Role(role).label) if word
            )
            self.stdout.write(f"  {role.value:<14}{username:<10}{passwords[username]:<22}{place}")
