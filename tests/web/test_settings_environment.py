"""What the environment says about servers reaches the settings whole, or is refused in one line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from credit_platform.database_url import DatabaseUrlRefused, read

CHECKOUT = Path(__file__).resolve().parents[2]
PLAIN = "postgresql://site@db/credit"
_SHOW = """
import json
from credit_platform import settings as s
print(json.dumps([s.DATABASES["default"], s.SITE_DATABASE.geturl(), s.DATABASE_SITE_ROLE, s.EMBEDDED, s.REDIS_URL]))
"""


def settings_under(**environment: str) -> "subprocess.CompletedProcess[str]":
    """Import the settings in a process that has no other variables of ours. No server is asked."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CREDIT", "DATA", "REDIS"))
    }
    return subprocess.run(
        [sys.executable, "-c", _SHOW],
        cwd=CHECKOUT,
        env={**kept, "CREDIT_LOCAL_KEYS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def shown(**environment: str) -> Any:
    done = settings_under(REDIS_URL="redis://r:6379/0", **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- the address of a database ----------------------------------------------------------------------------------


def test_tls_of_the_address_reaches_the_connection() -> None:
    url = f"{PLAIN}?sslmode=verify-full&sslrootcert=%2Fetc%2Fca+1.pem&connect_timeout=9&application_name=%E7%BD%91"
    database, site, role, embedded, _ = shown(DATABASE_URL=url)
    assert database["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca+1.pem",
        "connect_timeout": "9",
        "application_name": "网",
        "options": "-c citus.propagate_set_commands=local",
    }
    assert (site, role, embedded) == (url, "site", False)  # `prepare` asks the server with the same demands


def test_an_address_without_parameters() -> None:
    database, *_ = shown(DATABASE_URL=PLAIN)
    assert database["OPTIONS"] == {
        "connect_timeout": 5,
        "options": "-c citus.propagate_set_commands=local",
    }


def test_the_owner_has_an_address_of_its_own() -> None:
    database, _, role, *_ = shown(
        DATABASE_URL=PLAIN,
        DATABASE_OWNER_URL="postgresql://owner@db/credit?sslmode=require",
        CREDIT_DB_ROLE="owner",
        CREDIT_DB_NAME="elsewhere",
    )
    assert (database["USER"], database["NAME"], database["OPTIONS"]["sslmode"]) == (
        "owner",
        "elsewhere",
        "require",
    )
    assert role == "site"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://a%40b:p%3A%2F@db:6432/%E5%BA%93%2F1", ("a@b", "p:/", "db", 6432, "库/1")),
        ("postgres://u@%2Fvar%2Frun%2FPg/n", ("u", "", "/var/run/Pg", 5432, "n")),
        ("postgresql://u@[2001:db8::1]:6432/n", ("u", "", "2001:db8::1", 6432, "n")),
        ("postgresql://u@DB.Local/n", ("u", "", "DB.Local", 5432, "n")),
    ],
)
def test_quoted_parts(url: str, expected: tuple[object, ...]) -> None:
    found = read(url, variable="X")
    assert tuple(found[key] for key in ("USER", "PASSWORD", "HOST", "PORT", "NAME")) == expected


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "X is empty"),
        ("postgresql://u:secret@/n", "names no host"),
        ("postgresql:///n", "names no host"),
        ("postgresql://u:secret@db", "names no database"),
        ("postgresql://u:secret@db/", "names no database"),
        ("postgresql://db/n", "names no role"),
        ("mysql://u:secret@db/n", "does not begin with postgresql://"),
        ("postgresql://u:secret#1@db/n", "X c"),
        ("postgresql://u:1#secret@db/n", "%23"),
        ("postgresql://u:secret@db:port/n", "malformed"),
        ("postgresql://u:secret@[db/n", "malformed"),
        (f"{PLAIN}?sslmod=require", "unknown parameter 'sslmod'"),
        (f"{PLAIN}?options=-c%20role%3Downer", "unknown parameter 'options'"),
        (f"{PLAIN}?sslmode=", "sslmode without a value"),
        (f"{PLAIN}?sslmode", "sslmode without a value"),
        (f"{PLAIN}?sslmode=require&sslmode=disable", "sslmode twice"),
        (f"{PLAIN}?sslmode=require&", "unknown parameter ''"),
    ],
)
def test_refused_in_one_line_without_the_password(url: str, words: str) -> None:
    with pytest.raises(DatabaseUrlRefused) as caught:
        read(url, variable="X")
    message = str(caught.value)
    assert words in message
    assert "\n" not in message
    assert "secret" not in message


def test_a_name_of_its_own_replaces_the_one_that_is_missing() -> None:
    assert read("postgresql://u@db", variable="X", name="n")["NAME"] == "n"


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL is empty"),
        ({"DATABASE_URL": "postgresql://u@db"}, "DATABASE_URL names no database"),
        ({"DATABASE_URL": PLAIN}, "REDIS_URL is not set"),
        ({"DATABASE_URL": PLAIN, "REDIS_URL": ""}, "REDIS_URL is not set"),
        ({"DATABASE_URL": PLAIN, "CREDIT_DB_ROLE": "owner"}, "DATABASE_OWNER_URL is not set"),
        (
            {"DATABASE_URL": PLAIN, "CREDIT_DB_ROLE": "owner", "DATABASE_OWNER_URL": f"{PLAIN}?ssl=1"},
            "DATABASE_OWNER_URL has the unknown parameter 'ssl'",
        ),
    ],
)
def test_a_half_named_installation_starts_nothing(environment: dict[str, str], line: str) -> None:
    done = settings_under(**environment)
    assert (done.returncode, done.stdout) == (1, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(line)


# --- probes behind TLS ------------------------------------------------------------------------------------------


def test_only_the_probe_is_answered_without_tls(db: None, settings: Any) -> None:
    assert configured.SECURE_REDIRECT_EXEMPT == [r"^health/$"]
    settings.SECURE_SSL_REDIRECT = True
    browser = Client()
    assert browser.get("/health/").status_code == 200
    for path in ("/", "/sign-in/", "/health", "/x/health/"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"]) == (301, f"https://testserver{path}")
    assert browser.get("/health/", headers={"host": "elsewhere.example"}).status_code == 400
