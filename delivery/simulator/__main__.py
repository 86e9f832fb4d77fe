"""`python -m delivery.simulator`: runs until it is told to stop."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.simulator.faults import Faults
from delivery.simulator.options import Options, Unusable, read_options
from delivery.simulator.platform import Platform
from delivery.simulator.server import PlatformServer
from delivery.simulator.store import Store, StoreUnusable

logger = logging.getLogger("delivery.simulator")

DOWN_SECONDS = 3.0
"""How long a restart by the page's button takes, so that a sender finds nobody."""


class Restart(Exception):
    """Raised when the program is to begin anew, on the same port."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.port = port


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s simulator %(levelname)s %(message)s")
    try:
        options = read_options(arguments, environ)
        store = Store(options.store)
    except (Unusable, StoreUnusable) as unusable:
        logger.error("%s", unusable)
        return 2
    try:
        return _run(options, store)
    finally:
        store.close()


def _run(options: Options, store: Store) -> int:
    faults = Faults(options.faults)
    platform = Platform(keys=options.keys, store=store, faults=faults)
    try:
        server = PlatformServer(options.server, platform, faults, store)
    except OSError as taken:
        logger.error("can't listen on %s:%s: %s", options.server.host, options.server.port, taken.strerror)
        return 2
    with server:
        stop_on_signals(server)
        if options.ready_file:
            announce(options.ready_file, server.port)
        logger.info("taking deliveries at http://%s:%s", options.server.host, server.port)
        server.serve_forever(poll_interval=0.2)
    if server.restarting:
        raise Restart(server.port)
    return 0


def stop_on_signals(server: PlatformServer) -> None:
    """Let SIGTERM and SIGINT end `serve_forever`."""

    def stop(_signal: int, _frame: object) -> None:
        # shutdown() waits for the loop that this handler interrupts, so another thread must call it.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def announce(path: Path, port: int) -> None:
    """Write the port, in one step, so that whoever waits for the file never reads half a number."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{port}\n", encoding="ascii")
    draft.replace(path)


def run(arguments: Sequence[str]) -> int:
    """Run until told to stop; a restart is a new program in this process, which drops every connection."""
    try:
        return main(arguments, os.environ)
    except Restart as again:
        logger.info("restarting")
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        time.sleep(DOWN_SECONDS)
        command = [sys.executable, "-m", "delivery.simulator", *arguments, "--port", str(again.port)]
        os.execv(sys.executable, command)  # noqa: S606  # this very program


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
