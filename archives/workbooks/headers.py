"""Headers: in which row of a sheet the headings stand, and which column is which."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Sequence

from archives.workbooks.columns import Column
from archives.workbooks.grids import Cells
from archives.workbooks.words import UNREMARKABLE

SEARCHED = 40
"""Rows at the top of a sheet among which the headings are looked for."""
_DEEPEST = 3
_NOISE = re.compile(r"[\s*★☆:：'\"“”_.。、]+")
_REMARK = re.compile(r"[(\[【{][^()\[\]]*[)\]】}]")
_ESSENTIAL = ("name", "identifier")


@dataclasses.dataclass(frozen=True)
class Header:
    """`last` is the row of the headings (from 1; the lowest of several), `places` key → column (from 0), `twice` the
    headings that stand for a column that another one means already, `extra` those that mean none."""

    last: int
    places: dict[str, int]
    extra: dict[int, str]
    twice: list[tuple[str, int, int]]

    def lacks(self, columns: Sequence[Column]) -> list[Column]:
        """Return the columns without which a row means nobody."""
        return [column for column in essential(columns) if column.key not in self.places]


def essential(columns: Sequence[Column]) -> list[Column]:
    """Return the columns without which a row means nobody: name and number, or else the required ones."""
    telling = [column for column in columns if column.kind in _ESSENTIAL]
    return telling or [column for column in columns if column.required] or list(columns[:1])


def find_header(rows: Sequence[Cells], left: int, columns: Sequence[Column]) -> Header | None:
    """Return the best header among the first rows; None when no row has two headings (or the only one) of ours."""
    words = _Words(columns)
    best: tuple[int, int, Header] | None = None
    for last in range(len(rows)):
        if not any(words.find(str(cell)) for cell in rows[last] if isinstance(cell, str)):
            continue
        for depth in range(1, min(_DEEPEST, last + 1) + 1):
            header = _header(rows[last - depth + 1 : last + 1], last + 1, left, words)
            rank = (len(header.places), -depth)
            if best is None or rank > best[:2]:
                best = (*rank, header)
    if best is None or len(best[2].places) < min(2, len(columns)):
        return None
    return best[2]


def heading(text: str) -> str:
    """Return what of a heading counts: no blanks, marks or line breaks, one width of letters."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text[:200])).lower()


class _Words:
    """Headings by meaning. A label weighs more than another word; a word that two columns claim means neither."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._labels = {heading(column.label): column.key for column in columns}
        claims: dict[str, set[str]] = {}
        for column in columns:
            for word in (column.key, *column.aliases):
                claims.setdefault(heading(word), set()).add(column.key)
        self._aliases = {word: keys.pop() for word, keys in claims.items() if len(keys) == 1}

    def find(self, text: str) -> tuple[str, int] | None:
        """Return the key that a heading means, and how surely: 0 is best."""
        word = heading(text)
        if not word:
            return None
        bare = _REMARK.sub("", unicodedata.normalize("NFKC", word))
        for rank, (words, form) in enumerate(
            ((self._labels, word), (self._labels, bare), (self._aliases, word), (self._aliases, bare))
        ):
            if form in words:
                return words[form], rank
        return None


def _header(rows: Sequence[Cells], last: int, left: int, words: _Words) -> Header:
    places: dict[str, tuple[int, int]] = {}
    extra: dict[int, str] = {}
    twice: list[tuple[str, int, int]] = []
    for column, texts in _stacks(rows):
        found = next((hit for text in texts if (hit := words.find(text))), None)
        if found is None:
            if heading(texts[0]) not in UNREMARKABLE:
                extra[left + column] = " ".join(texts[0].split())[:40]
            continue
        key, rank = found
        known = places.get(key)
        if known is None or rank < known[1]:
            places[key] = (left + column, rank)
        elif rank == known[1]:
            twice.append((key, known[0], left + column))
    return Header(last, {key: place for key, (place, _) in places.items()}, extra, twice)


def _stacks(rows: Sequence[Cells]) -> Iterator[tuple[int, list[str]]]:
    """The texts of each column, from the lowest row up."""
    width = max((len(row) for row in rows), default=0)
    for column in range(width):
        texts = [row[column] for row in reversed(rows) if column < len(row)]
        texts = [text for text in texts if isinstance(text, str) and text.strip()]
        if texts:
            yield column, texts
