"""Where the keys come from: the environment of a real installation, or a file of this checkout for demo and tests."""

import dataclasses
import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

VARIABLES = (
    "CREDIT_SECRET_KEY",
    "CREDIT_DATA_KEYS",
    "CREDIT_INDEX_KEY",
    "CREDIT_SEAL_KEY",
    "CREDIT_PLATFORM_KEYS",
)
OPTIONAL = "CREDIT_CHECK_KEYS"
"""Keys of identity services: most places have none."""


DEMO_SERVICE = "population"
"""Code of the identity service that the demonstration starts."""


class KeysMissing(RuntimeError):
    """A key is not configured; the message says which and how to make one."""


@dataclasses.dataclass(frozen=True, repr=False)
class Keys:
    """All secrets of an installation. `data` maps key ids to 16-byte SM4 keys, `current` encrypts; `platform` and
    `checks` are shared with delivery targets and identity services, by their codes."""

    secret: str
    current: str
    data: Mapping[str, bytes]
    index: bytes
    seal: bytes
    platform: Mapping[str, str]
    checks: Mapping[str, str]


def load(environment: Mapping[str, str], *, local_file: Path | None) -> Keys:
    """Read the keys from the environment, else from `local_file`, which is made on first use.

    Raises `KeysMissing` naming the variable that is absent or malformed.
    """
    values = {name: environment.get(name, "") for name in VARIABLES}
    checks = environment.get(OPTIONAL, "")
    if not any(values.values()) and local_file is not None:
        values = _local(local_file)
        checks = checks or f"{DEMO_SERVICE}:{_of_demonstration(values)}"
    for name in VARIABLES:
        if not values.get(name):
            raise KeysMissing(
                f"{name} is not set; `python -m credit_platform.keys` prints a fresh set of keys"
            )
    try:
        data = {name: bytes.fromhex(key) for name, _, key in _pairs(values["CREDIT_DATA_KEYS"])}
        index, seal = bytes.fromhex(values["CREDIT_INDEX_KEY"]), bytes.fromhex(values["CREDIT_SEAL_KEY"])
    except ValueError as error:
        raise KeysMissing("CREDIT_DATA_KEYS, CREDIT_INDEX_KEY and CREDIT_SEAL_KEY are hexadecimal") from error
    if any(len(key) != 16 for key in data.values()) or min(len(index), len(seal)) < 32:
        raise KeysMissing("an SM4 key has 16 bytes; index and seal keys have at least 32")
    platform = {name: key for name, _, key in _pairs(values["CREDIT_PLATFORM_KEYS"])}
    shared = {name: key for name, _, key in _pairs(checks)}
    return Keys(values["CREDIT_SECRET_KEY"], next(iter(data)), data, index, seal, platform, shared)


def fresh() -> dict[str, str]:
    """Return a new random set of keys by variable name."""
    return {
        "CREDIT_SECRET_KEY": secrets.token_urlsafe(48),
        "CREDIT_DATA_KEYS": f"k1:{secrets.token_hex(16)}",
        "CREDIT_INDEX_KEY": secrets.token_hex(32),
        "CREDIT_SEAL_KEY": secrets.token_hex(32),
        "CREDIT_PLATFORM_KEYS": f"county:{secrets.token_hex(32)}",
    }


def _of_demonstration(values: Mapping[str, str]) -> str:
    """The key of the demonstration's identity service, the same at every start of this checkout."""
    return hashlib.sha256(f"identity:{values['CREDIT_INDEX_KEY']}".encode()).hexdigest()


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [part.strip().partition(":") for part in text.split(",") if part.strip()]


def _local(path: Path) -> dict[str, str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    if not path.exists():
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(fresh(), file)
        try:
            os.link(draft, path)  # atomic: whoever links first wins
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    values: dict[str, str] = json.loads(path.read_text())
    return values


if __name__ == "__main__":
    for variable, key in fresh().items():
        print(f"{variable}={key}")  # noqa: T201  # this is the program's output
