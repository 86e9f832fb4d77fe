"""Refuses addresses of package registries in the files that build and check this project.

Where packages come from is the business of the machine (pip's, uv's and apt's own configuration), never of
the checkout. Loopback and the single-word host names of docker-compose are no registries and may stand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
WATCHED = (
    "requirements*",
    "requirements/**/*",
    "Makefile",
    "Dockerfile",
    "docker-compose.yml",
    "pyproject.toml",
    ".ci/**/*",
    "scripts/**/*",
    ".pre-commit-config.yaml",
)
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|git\+\w+|ssh)://(?:[^@/\s]*@)?(?P<host>\[[^\]]*\]|[^/\s:\"'`]*)", re.IGNORECASE
)
_OPTION = re.compile(
    r"(?<![\w-])(?:--?)?(?P<option>(?:extra[-_])?index[-_]url|default[-_]index|find[-_]links|trusted[-_]host)\b"
    r"|PIP_(?:EXTRA_)?INDEX_URL|PIP_FIND_LINKS|UV_(?:DEFAULT_)?INDEX|\[\[tool\.uv\.index\]\]",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"127\.\d+\.\d+\.\d+|\[::1\]|[a-z][a-z0-9-]*", re.IGNORECASE)
_REPO = re.compile(r"^\s*-\s*repo:\s*(?P<repo>\S+)")


def problems(checkout: Path) -> Iterator[str]:
    """`file:line: what is wrong`, for every offence below `checkout`."""
    itself = Path(__file__).resolve()
    for file in sorted({found for pattern in WATCHED for found in checkout.glob(pattern)}):
        if file.is_file() and file.suffix != ".pyc" and file.resolve() != itself:
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                for words in offences(line, hooks=file.name == ".pre-commit-config.yaml"):
                    yield f"{file.relative_to(checkout)}:{number}: {words}"


def offences(line: str, *, hooks: bool) -> Iterator[str]:
    """What is wrong with `line`; `hooks` says that it is one of pre-commit's configuration."""
    for match in _ADDRESS.finditer(line):
        if not _LOCAL.fullmatch(match["host"]):
            yield f"names the address {match[0]}; say it in prose or leave it to the machine's configuration"
    if option := _OPTION.search(line):
        yield f"sets {option[0]}; where packages come from is the machine's configuration"
    if hooks and (hook := _REPO.match(line)) and hook["repo"] != "local":
        yield "takes hooks from elsewhere; only `repo: local` may be used"


def main() -> int:
    found = list(problems(CHECKOUT))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
