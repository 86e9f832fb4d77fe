"""The command line of the simulator, and its keys."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from delivery.contract import KEY_ID_PATTERN, MIN_SECRET_BYTES
from delivery.simulator.faults import FaultSettings, NoSuchFault, parse_wishes
from delivery.simulator.server import ServerSettings
from delivery.simulator.signatures import Key

ENV_KEYS = "CREDIT_PLATFORM_KEYS"
ENV_FAULTS = "CREDIT_PLATFORM_FAULTS"

_KEY = re.compile(
    rf"(?P<id>{KEY_ID_PATTERN}):(?P<secret>(?:[0-9a-fA-F]{{2}})+)(?::(?P<jurisdiction>[0-9]{{6}}))?"
)


class Unusable(ValueError):
    """The options can't be used; the message is one clear line and holds no secret."""


@dataclass(frozen=True, slots=True)
class Options:
    server: ServerSettings
    store: Path
    keys: Mapping[str, Key]
    faults: FaultSettings
    ready_file: Path | None


def read_options(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    given = _parser().parse_args(arguments)
    wishes = _fault_wishes(given.fault, environ)
    if (wishes or given.allow_faults) and not given.allow_faults:
        raise Unusable("faults are given but not allowed: add --allow-faults or leave them out")
    if given.allow_faults and given.host != "127.0.0.1":
        raise Unusable("--allow-faults is for this machine only: use it with --host 127.0.0.1")
    try:
        faults = FaultSettings().changed(wishes)
    except NoSuchFault as unknown:
        raise Unusable(str(unknown)) from unknown
    return Options(
        server=ServerSettings(given.host, given.port, given.read_timeout, given.allow_faults),
        store=given.store,
        keys=read_keys(given.keys_file, environ),
        faults=faults,
        ready_file=given.ready_file,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m delivery.simulator",
        description="A municipal credit platform that takes deliveries by the contract credit-batch/1.",
        epilog=f"Keys come from {ENV_KEYS} or --keys-file: keyid:hexsecret or keyid:hexsecret:jurisdiction, "
        "separated by commas or lines.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8700, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--store", type=Path, required=True, help="SQLite file, made when missing")
    parser.add_argument("--keys-file", type=Path, help="file of keys, # begins a comment")
    parser.add_argument("--ready-file", type=Path, help="the port is written here once requests are taken")
    parser.add_argument(
        "--read-timeout", type=float, default=30.0, help="seconds to receive a request (default: %(default)s)"
    )
    parser.add_argument("--allow-faults", action="store_true", help="open /admin/faults and --fault")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"also from {ENV_FAULTS}, with commas",
    )
    return parser


def _fault_wishes(pairs: Sequence[str], environ: Mapping[str, str]) -> dict[str, object]:
    from_environment = [pair for pair in environ.get(ENV_FAULTS, "").split(",") if pair.strip()]
    return parse_wishes([*from_environment, *pairs])


def read_keys(path: Path | None, environ: Mapping[str, str], variable: str = ENV_KEYS) -> dict[str, Key]:
    """Return the keys of senders from a file, else from a variable. Raises `Unusable`, also when there are none."""
    text = environ.get(variable, "")
    if path:
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as unreadable:
            raise Unusable(f"the keys file {path} can't be read") from unreadable
    keys: dict[str, Key] = {}
    for entry in _entries(text):
        match = _KEY.fullmatch(entry)
        if not match:
            raise Unusable("a key isn't written as keyid:hexsecret or keyid:hexsecret:jurisdiction")
        key = Key(match["id"], bytes.fromhex(match["secret"]), match["jurisdiction"])
        if len(key.secret) < MIN_SECRET_BYTES:
            raise Unusable(f"the secret of key {key.key_id} is shorter than {MIN_SECRET_BYTES} bytes")
        if key.key_id in keys:
            raise Unusable(f"key {key.key_id} is given twice")
        keys[key.key_id] = key
    if not keys:
        raise Unusable(f"no keys: set {variable} or give --keys-file")
    return keys


def _entries(text: str) -> list[str]:
    lines = (line.partition("#")[0] for line in text.splitlines())
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]
