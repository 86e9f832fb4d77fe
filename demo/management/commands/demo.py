"""`manage.py demo`: the whole product on one machine, every part a process of its own."""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from credit_platform import embedded
from credit_platform.embedded import ServiceUnavailable
from credit_platform.keys import DEMO_SERVICE
from demo.readiness import is_ready
from demo.supervisor import NotReady, Program, Supervisor

PACK, TARGET, PLACE = "anyang", "county", "410522"
IDENTITY_STORE, REGISTER = "identity.sqlite3", "register.csv"
ACCESS_LOG = "%(h)s %(m)s %(U)s %(s)s %(b)s %(M)s ms"
"""Neither query nor referrer: what people search for is not for the log."""


class Command(BaseCommand):
    """Prepare, fill, start web, worker, beat and the simulators; Ctrl-C stops them all."""

    help = "Run the demonstration."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--reset", action="store_true", help="throw the demonstration's data away first")
        parser.add_argument("--port", type=int, default=8000, help="of the site; another if it is taken")
        parser.add_argument("--platform-port", type=int, default=8700, help="of the platform simulator")
        parser.add_argument(
            "--identity-port", type=int, default=8710, help="of the identity service simulator"
        )
        parser.add_argument("--smtp-port", type=int, default=8725, help="of the demonstration's mail server")
        parser.add_argument("--mailbox-port", type=int, default=8780, help="of the page with its mails")
        parser.add_argument("--workers", type=int, default=2, help="gunicorn's worker processes")
        parser.add_argument(
            "--allow-faults",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="open the simulator's page with its faults",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until interrupted."""
        began = time.monotonic()
        folder = settings.LOCAL_DIR / f"demo-{settings.INSTANCE}"
        folder.mkdir(parents=True, exist_ok=True)
        store = folder / "platform.sqlite3"
        register = folder / REGISTER
        try:
            if options["reset"]:
                self._reset(store)
        except ServiceUnavailable as error:
            raise CommandError(str(error)) from error
        ports = Ports(
            web=_free_port(options["port"]),
            platform=_free_port(options["platform_port"]),
            smtp=_free_port(options["smtp_port"]),
            mailbox=_free_port(options["mailbox_port"]),
            identity=_free_port(options["identity_port"]),
        )
        if options["reset"] or not is_ready():
            self._manage("prepare", "--pack", PACK)
            self._manage("demo_data", "--register", str(register), CREDIT_SMTP=f"127.0.0.1:{ports.smtp}")
        supervisor = Supervisor(
            _programs(folder, store, ports=ports, options=options),
            status=folder / "status.json",
            instance=settings.INSTANCE if settings.EMBEDDED else None,
        )

        def started() -> None:
            self.stdout.write(
                f"\nReady after {time.monotonic() - began:.0f} s.\n"
                f"  site                 http://127.0.0.1:{ports.web}/\n"
                f"  platform simulator   http://127.0.0.1:{ports.platform}/ (what it holds, its faults)\n"
                f"  identity service     http://127.0.0.1:{ports.identity}/admin/faults\n"
                f"  mails                http://127.0.0.1:{ports.mailbox}/\n"
                f"  logs                 {folder.relative_to(settings.BASE_DIR)}/\n"
                "Passwords were shown at the first start; make demo RESET=1 starts over. Ctrl-C stops everything."
            )
            self.stdout.flush()

        try:
            supervisor.run(started)
        except (NotReady, ServiceUnavailable) as error:
            raise CommandError(str(error)) from error

    def _reset(self, store: Path) -> None:
        if not settings.EMBEDDED:
            raise CommandError("RESET works on the embedded servers only; empty your own database yourself")
        embedded.wipe(settings.INSTANCE)
        embedded.services(settings.INSTANCE)
        for name in (store.name, IDENTITY_STORE, REGISTER):
            for path in store.parent.glob(f"{name}*"):
                path.unlink()
        shutil.rmtree(store.parent / "mails", ignore_errors=True)

    def _manage(self, *arguments: str, **more: str) -> None:
        # A process of its own: migrations run as the owner of the tables, and a reset changes the addresses.
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
        env = os.environ | more
        if subprocess.run(command, check=False, cwd=settings.BASE_DIR, env=env).returncode:  # noqa: S603
            raise CommandError(f"manage.py {arguments[0]} failed; its message stands above")


@dataclasses.dataclass(frozen=True)
class Ports:
    """Where the demonstration's programs listen, all on 127.0.0.1."""

    web: int
    platform: int
    smtp: int
    mailbox: int
    identity: int


def _programs(folder: Path, store: Path, *, ports: Ports, options: dict[str, Any]) -> list[Program]:
    python = [sys.executable, "-m"]
    web, platform = ports.web, ports.platform
    env = {
        "CREDIT_INSTANCE": settings.INSTANCE,
        "CREDIT_PLATFORM_URLS": f"{TARGET}=http://127.0.0.1:{platform}",
        "CREDIT_CHECK_URLS": f"{DEMO_SERVICE}=http://127.0.0.1:{ports.identity}",
        "CREDIT_SMTP": f"127.0.0.1:{ports.smtp}",
        "CREDIT_MAIL_DELAY_SECONDS": os.environ.get("CREDIT_MAIL_DELAY_SECONDS", "10"),
    }
    mailbox = [*python, "demo.mailbox", "--smtp", str(ports.smtp), "--web", str(ports.mailbox)]
    mailbox += ["--folder", str(folder / "mails")]
    identity = [*python, "verification.simulator", "--port", str(ports.identity), "--otherwise", "match"]
    identity += ["--store", str(folder / IDENTITY_STORE), "--register", str(folder / REGISTER)]
    service_keys = {"CREDIT_CHECK_KEYS": f"{DEMO_SERVICE}:{settings.CREDIT_KEYS.checks[DEMO_SERVICE]}"}
    keys = {"CREDIT_PLATFORM_KEYS": f"{TARGET}:{settings.CREDIT_KEYS.platform[TARGET]}:{PLACE}"}
    celery = [*python, "celery", "-A", "credit_platform"]
    simulator = [*python, "delivery.simulator", "--port", str(platform), "--store", str(store)]
    if options["allow_faults"]:
        simulator.append("--allow-faults")
        identity.append("--allow-faults")
    gunicorn = [*python, "gunicorn", "credit_platform.wsgi", "--bind", f"127.0.0.1:{web}"]
    gunicorn += ["--workers", str(options["workers"]), "--access-logfile", "-", "--no-control-socket"]
    gunicorn += ["--access-logformat", ACCESS_LOG]

    def program(name: str, argv: list[str], env: dict[str, str], **more: Any) -> Program:
        return Program(name, argv, folder / f"{name}.log", env, settings.BASE_DIR, **more)

    return [
        program("mailbox", mailbox, {}, ready=lambda: _answers(ports.mailbox, "/")),
        program("platform", simulator, keys, ready=lambda: _answers(platform, "/v1/batches")),
        program("identity", identity, service_keys, ready=lambda: _answers(ports.identity, "/healthz")),
        program("web", gunicorn, env, ready=lambda: _answers(web, "/health/")),
        program(
            "worker",
            [
                *celery,
                "worker",
                "--loglevel",
                "INFO",
                "--concurrency",
                "2",
                "--without-gossip",
                "--without-mingle",
            ],
            env,
            death_signal=signal.SIGKILL,
        ),
        program(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "-S", "celery.beat:Scheduler", "--pidfile", ""],
            env,
        ),
    ]


def _answers(port: int, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2):
            return True
    except urllib.error.HTTPError:
        return path != "/health/"
    except OSError:
        return False


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CommandError("no free port on 127.0.0.1")
