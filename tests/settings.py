"""Settings of the tests: those of the site, on servers of their own, with the probes' tables beside ours."""

import os
from urllib.parse import urlsplit

# Before the site's settings load, because they start the servers: tests never touch the demo's.
if not os.environ.get("CREDIT_INSTANCE", "").startswith("test"):
    os.environ["CREDIT_INSTANCE"] = "test"

from credit_platform import settings as site
from credit_platform.embedded import services
from credit_platform.settings import *  # noqa: F403

if site.EMBEDDED:
    _servers = services(site.INSTANCE)
    _owner_url, _backup_url = _servers.owner_url, _servers.backup_url
else:
    _owner_url, _backup_url = (os.environ.get(f"DATABASE_{role}_URL", "") for role in ("OWNER", "BACKUP"))
    if not (_owner_url and _backup_url):
        raise SystemExit("The tests need DATABASE_OWNER_URL and DATABASE_BACKUP_URL beside DATABASE_URL.")
OWNER_DATABASE = urlsplit(_owner_url)
"""The test database is made, migrated and flushed as this role; the tests themselves run as the site role."""
BACKUP_DATABASE = urlsplit(_backup_url)

INSTALLED_APPS = ["tests.probes", *site.INSTALLED_APPS]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; argon2 has a test of its own
STORAGES = {
    **site.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
