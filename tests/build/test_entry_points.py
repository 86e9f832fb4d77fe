"""docker-compose, Makefile and hooks name only what exists (no container engine is needed to know)."""

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from agencies.models import Jurisdiction
from credit_platform.keys import VARIABLES
from oversight.management.commands import prepare

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
THEIRS = {"postgres": "postgres:17", "redis": "redis:7"}
IN_ENV_FILE = frozenset(
    {
        *VARIABLES,
        "POSTGRES_PASSWORD",
        "REDIS_PASSWORD",
        "CREDIT_SITE_PASSWORD",
        "CREDIT_OWNER_PASSWORD",
        "CREDIT_BACKUP_PASSWORD",
    }
)
"""What docs/operations.md lets one write into .env. None of it is for everybody."""
OFFLINE = {
    "DATABASE_URL": "postgresql://offline@127.0.0.1:1/offline",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CREDIT_LOCAL_KEYS": "1",
}


def target_of(command: list[str]) -> str:
    """The module or management command that `command` runs, checked to exist."""
    program, *arguments = command
    assert (BIN / program).exists(), program
    if program == "gunicorn":
        module = arguments[0].partition(":")[0]
    elif program == "celery":
        assert arguments[0] == "-A"
        module = f"{arguments[1]}.celery"
    elif arguments[0] == "-m":
        module = arguments[1]
    else:
        assert arguments[0] == "manage.py"
        assert list(CHECKOUT.glob(f"*/management/commands/{arguments[1]}.py")), arguments[1]
        return arguments[1]
    assert find_spec(module), module
    return module


def test_compose_has_all_services() -> None:
    assert set(OURS) == {"web", "worker", "beat", "migrate", "roles", "simulator"}
    assert {name: COMPOSE["services"][name]["image"] for name in THEIRS} == THEIRS


@pytest.mark.parametrize("name", sorted(OURS))
def test_compose_commands_exist(name: str) -> None:
    assert target_of(OURS[name]["command"])


def test_compose_waits_only_for_services_it_has() -> None:
    for name, service in COMPOSE["services"].items():
        for needed in service.get("depends_on", {}):
            assert needed in COMPOSE["services"], f"{name} waits for {needed}"


def reached(service: dict[str, Any]) -> set[str]:
    """The variables of .env that a container gets, under whatever name or as part of whatever value."""
    environment = service.get("environment", {})
    if isinstance(environment, list):
        environment = dict(pair.partition("=")[::2] for pair in environment)
    given: set[str] = set(IN_ENV_FILE) if service.get("env_file") else set()
    for name, value in environment.items():
        given |= set(re.findall(r"\$\{?(\w+)", "" if value is None else str(value)))
        if value in (None, ""):  # compose passes the variable on
            given.add(name)
    return given | set(re.findall(r"\$\{?(\w+)", str(service.get("command", ""))))


@pytest.mark.parametrize(
    ("name", "secrets"),
    [
        ("web", {*VARIABLES, "CREDIT_SITE_PASSWORD", "REDIS_PASSWORD"}),
        ("worker", {*VARIABLES, "CREDIT_SITE_PASSWORD", "REDIS_PASSWORD"}),
        ("beat", {*VARIABLES, "CREDIT_SITE_PASSWORD", "REDIS_PASSWORD"}),
        ("migrate", {*VARIABLES, "CREDIT_SITE_PASSWORD", "REDIS_PASSWORD", "CREDIT_OWNER_PASSWORD"}),
        ("roles", {name for name in IN_ENV_FILE if name.endswith("_PASSWORD")} - {"REDIS_PASSWORD"}),
        ("simulator", {"CREDIT_PLATFORM_KEYS"}),
        ("postgres", {"POSTGRES_PASSWORD"}),
        ("redis", {"REDIS_PASSWORD"}),
    ],
)
def test_compose_gives_each_container_its_own_secrets_only(name: str, secrets: set[str]) -> None:
    assert reached(COMPOSE["services"][name]) & IN_ENV_FILE == secrets


@pytest.mark.parametrize(
    "leak",
    [
        {"env_file": ".env"},
        {"env_file": [{"path": "./.env", "required": False}]},
        {"environment": {"DATABASE_OWNER_URL": "postgresql://o:${CREDIT_OWNER_PASSWORD:?set it}@db/x"}},
        {"environment": {"CREDIT_OWNER_PASSWORD": None}},
        {"environment": ["CREDIT_OWNER_PASSWORD"]},
        {"command": ["x", "$CREDIT_OWNER_PASSWORD"]},
    ],
)
def test_a_leak_would_be_seen(leak: dict[str, Any]) -> None:
    assert "CREDIT_OWNER_PASSWORD" in reached(leak)


def test_compose_names_only_variables_that_operations_explains() -> None:
    manual = (CHECKOUT / "docs" / "operations.md").read_text()
    for name, service in OURS.items():
        for variable in {*reached(service), *service["environment"]} - {"PGPASSWORD"}:
            assert re.search(rf"\b{variable}\b", manual), f"{name}: {variable}"


def test_operations_explains_every_variable_of_the_settings() -> None:
    manual = (CHECKOUT / "docs" / "operations.md").read_text()
    settings = (CHECKOUT / "credit_platform" / "settings.py").read_text()
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", settings))
    assert {"DATABASE_URL", "CREDIT_DB_NAME", "CREDIT_LOCAL_KEYS"} <= read
    assert [name for name in sorted(read) if f"`{name}`" not in manual] == []


def test_dockerfile_runs_what_compose_runs_and_copies_what_exists() -> None:
    text = (CHECKOUT / "Dockerfile").read_text()
    assert "FROM python:3.11-slim" in text
    assert "--require-hashes" in text
    (command,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert yaml.safe_load(command)[:2] == OURS["web"]["command"][:2]
    for source in re.findall(r"^COPY (\S+) \S+$", text, re.MULTILINE):
        assert (CHECKOUT / source).exists(), source


def test_the_image_can_be_started_by_its_user() -> None:
    """Static files are collected by the user who runs the site, and not again by `prepare` in a container."""
    steps = re.split(r"\n(?=[A-Z]+ )", (CHECKOUT / "Dockerfile").read_text().replace("\\\n", " "))
    (user,) = (number for number, step in enumerate(steps) if step.startswith("USER credit"))
    (collecting,) = (number for number, step in enumerate(steps) if "collectstatic" in step)
    (owning,) = (
        number for number, step in enumerate(steps) if re.search(r"chown credit \.local media /data", step)
    )
    assert owning < user < collecting
    assert "rm -f .local/keys.json" in steps[collecting]
    assert "--no-static" in OURS["migrate"]["command"]


def test_the_image_holds_no_secrets() -> None:
    assert {".env", ".env.*", ".local", ".git"} <= set((CHECKOUT / ".dockerignore").read_text().split())


def test_a_second_web_machine_collects_static_files_without_an_owner() -> None:
    assert "manage.py collectstatic --noinput" in (CHECKOUT / "docs" / "operations.md").read_text()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATABASE", "CREDIT", "DJANGO"))
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--dry-run"],
        cwd=CHECKOUT,
        env={**kept, **OFFLINE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "static files" in done.stdout


@pytest.mark.parametrize("flag", [[], ["--no-static"]])
def test_prepare_collects_static_files_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch, flag: list[str]
) -> None:
    called: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, *_, **__: called.append(name))
    monkeypatch.setattr(prepare, "check_server", lambda url: None)
    monkeypatch.setattr(Jurisdiction.objects, "get_or_create", lambda **_: None)
    call_command("prepare", *flag)
    assert called == ["migrate", "partitions", *([] if flag else ["collectstatic"])]


def test_makefile_names_only_what_exists() -> None:
    text = (CHECKOUT / "Makefile").read_text()
    for command in re.findall(r"\$\(PYTHON\) manage\.py (\w+)", text):
        assert target_of(["python", "manage.py", command])
    for module in re.findall(r"\$\(PYTHON\) -m ([\w.]+)", text):
        spec = find_spec(module)
        assert spec, module
        assert not spec.submodule_search_locations or find_spec(f"{module}.__main__"), module
    for script in re.findall(r"(scripts/\w[\w.]*)", text):
        assert (CHECKOUT / script).is_file(), script


def test_make_without_a_target_lists_them() -> None:
    listed = subprocess.run(["make"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "test-full", "bench", "lint", "types", "imports", "lock", "screenshots"):
        assert f"make {target} " in listed


def test_ci_calls_make_test_and_scripts_can_be_executed() -> None:
    assert "make test" in (CHECKOUT / ".ci" / "run").read_text()
    for script in (".ci/run", "scripts/bootstrap"):
        assert os.access(CHECKOUT / script, os.X_OK), script


def test_hooks_run_programs_that_exist() -> None:
    configuration = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())
    for repo in configuration["repos"]:
        assert repo["repo"] == "local"
        for hook in repo["hooks"]:
            program, *arguments = hook["entry"].split()
            assert (BIN / Path(program).name).exists()
            assert all((CHECKOUT / word).exists() for word in arguments if word.endswith(".py"))


def test_what_the_site_runs_on_is_what_was_tested() -> None:
    """`make demo` trusts an environment made for the tests, so both lock files must agree."""

    def pins(name: str) -> set[str]:
        lines = (CHECKOUT / "requirements" / name).read_text().splitlines()
        return {line.rstrip(" \\") for line in lines if re.match(r"[a-z0-9]", line, re.IGNORECASE)}

    assert pins("base.txt")
    assert pins("base.txt") <= pins("dev.txt")
