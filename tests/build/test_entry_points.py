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

CHECKOUT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
THEIRS = {"postgres": "postgres:17", "redis": "redis:7"}


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


def test_compose_keeps_the_owner_away_from_the_site() -> None:
    knowing = {name for name, service in OURS.items() if "DATABASE_OWNER_URL" in service["environment"]}
    assert knowing == {"migrate"}


def test_dockerfile_runs_what_compose_runs_and_copies_what_exists() -> None:
    text = (CHECKOUT / "Dockerfile").read_text()
    assert "FROM python:3.11-slim" in text
    assert "--require-hashes" in text
    (command,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert yaml.safe_load(command)[:2] == OURS["web"]["command"][:2]
    for source in re.findall(r"^COPY (\S+) \S+$", text, re.MULTILINE):
        assert (CHECKOUT / source).exists(), source


def test_makefile_names_only_what_exists() -> None:
    text = (CHECKOUT / "Makefile").read_text()
    for command in re.findall(r"\$\(PYTHON\) manage\.py (\w+)", text):
        assert target_of(["python", "manage.py", command])
    for module in re.findall(r"\$\(PYTHON\) -m ([\w.]+)", text):
        assert find_spec(f"{module}.__main__") or find_spec(module), module
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
