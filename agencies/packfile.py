"""Packs as files: TOML, and on which line what stands, so that a fault is told with file and line."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "packs"
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z_]+)\s*\]")
_KEY = re.compile(r'\s*"?([A-Za-z_]+)"?\s*=')


class PackError(ValueError):
    """A pack is wrong; the message names the file, the line, the section and the entry."""


class Lines:
    """On which line of a pack each section, entry and key stands, counted from 1."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._starts: dict[tuple[str, int], int] = {}
        self._keys: dict[tuple[str, int, str], int] = {}
        counts: Counter[str] = Counter()
        section, index = "", 0
        for number, line in enumerate(self._lines, 1):
            if header := _HEADER.match(line):
                section = header[2]
                index = counts[section] if header[1] == "[[" else 0
                counts[section] += 1
                self._starts.setdefault((section, index), number)
            elif key := _KEY.match(line):
                self._keys.setdefault((section, index, key[1]), number)

    def of(self, section: str, index: int = 0, key: str = "", value: str = "") -> int:
        """Return the line of a key's value, of the key, of its entry, or 1: the nearest that is there."""
        start = self._starts.get((section, index), 1)
        line = self._keys.get((section, index, key), start)
        if not value:
            return line
        quoted = f'"{value}"'
        for number, text in enumerate(self._lines[line - 1 :], line):
            if number > line and _HEADER.match(text):
                break
            if quoted in text:
                return number
        return line


@dataclasses.dataclass(frozen=True)
class Source:
    """Where an entry stands: file, section, number within the section, and the lines of the file."""

    file: str
    section: str
    index: int
    lines: Lines

    def at(self, key: str = "", value: str = "") -> str:
        """Return file and line, as in anyang.toml:12."""
        return f"{self.file}:{self.lines.of(self.section, self.index, key, value)}"


@dataclasses.dataclass(frozen=True)
class PackFile:
    """One file, parsed and not yet checked."""

    name: str
    raw: bytes
    data: dict[str, Any]
    lines: Lines

    @property
    def file(self) -> str:
        """The name of the file."""
        return f"{self.name}.toml"

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes."""
        return hashlib.sha256(self.raw).hexdigest()

    def source(self, section: str, index: int = 0) -> Source:
        """Say where an entry stands."""
        return Source(self.file, section, index, self.lines)

    def fault(self, section: str, message: str, *, key: str = "", index: int = 0) -> PackError:
        """Return the error to raise for something in this file."""
        return PackError(f"{self.source(section, index).at(key)}: [{section}] {message}")


def available() -> list[str]:
    """Return the names of the packs that come with the product."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def parse(name: str) -> PackFile:
    """Read the file of a pack. Raises `PackError` for an unknown name and for what is no TOML."""
    path = FOLDER / f"{name}.toml"
    if name not in available():
        raise PackError(f"there is no pack named {name!r}; known: {', '.join(available())}")
    raw = path.read_bytes()
    try:
        text = raw.decode()
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(f"{path.name}: {error}") from error
    return PackFile(name, raw, data, Lines(text))


def table_of(file: PackFile, section: str) -> Mapping[str, Any]:
    """Return a section that is one table; empty if it is missing. Raises `PackError` if it is anything else."""
    table = file.data.get(section, {})
    if not isinstance(table, Mapping):
        raise file.fault(section, "is not one table")
    return table


def entries_of(file: PackFile, section: str) -> list[Mapping[str, Any]]:
    """Return a section that is a list of tables. Raises `PackError` if it is anything else."""
    entries = file.data.get(section, [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise file.fault(section, f"is not a list of tables, [[{section}]]")
    return entries
