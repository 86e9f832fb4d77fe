"""`python -m verification.simulator`: runs until it is told to stop."""

import argparse
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from delivery.simulator.__main__ import announce, stop_on_signals
from delivery.simulator.faults import Faults, FaultSettings
from delivery.simulator.options import Unusable, read_keys
from delivery.simulator.server import PlatformServer, ServerSettings
from verification.contract import RESULTS
from verification.simulator.register import Register, RegisterUnusable, read_register
from verification.simulator.service import PopulationService
from verification.simulator.store import Store

ENV_KEYS = "CREDIT_CHECK_KEYS"
HOST = "127.0.0.1"
logger = logging.getLogger("verification.simulator")


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Serve; 2 where the options, the register or the port can't be used."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s identity service %(levelname)s %(message)s")
    given = _parser().parse_args(arguments)

    def register() -> Register:
        return Register(read_register(given.register), given.otherwise)

    try:
        keys = read_keys(None, environ, ENV_KEYS)
        register()
        faults = Faults(FaultSettings())
        service = PopulationService(keys=keys, register=register, store=Store(given.store), faults=faults)
        settings = ServerSettings(HOST, given.port, given.read_timeout, given.allow_faults)
        server = PlatformServer(settings, service, faults, None)
    except (Unusable, RegisterUnusable, OSError) as unusable:
        logger.error("%s", unusable)
        return 2
    with server:
        stop_on_signals(server)
        if given.ready_file:
            announce(given.ready_file, server.port)
        logger.info("answering at http://%s:%s", HOST, server.port)
        server.serve_forever(poll_interval=0.2)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verification.simulator",
        description="A population database's service that answers by the contract identity-check/1.",
        epilog=f"Keys come from {ENV_KEYS}: keyid:hexsecret, separated by commas. For this machine only.",
    )
    parser.add_argument("--port", type=int, default=8710, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--store", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument(
        "--register", type=Path, help="lines of kind,number,name; read anew for each question"
    )
    parser.add_argument(
        "--otherwise", choices=RESULTS, default="unknown", help="of who isn't there (default: %(default)s)"
    )
    parser.add_argument("--ready-file", type=Path, help="the port is written here once questions are taken")
    parser.add_argument("--read-timeout", type=float, default=30.0, help="seconds to receive a question")
    parser.add_argument("--allow-faults", action="store_true", help="open /admin/faults")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
