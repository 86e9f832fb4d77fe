"""Finding people by the beginning of their name, its pinyin initials, or a whole document number.

What was typed never leaves the request: of a number only its blind index is kept, of a name its ciphertext, both in the
session under a random word. That word stands in the address of the list, and says nothing to anybody else.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import secrets
from collections.abc import MutableMapping
from typing import Any

from django.db.models import CharField, Lookup, Q
from django.utils import timezone

from archives.schema import cleaning
from archives.schema.identifiers import DocumentType, normalise_number, parse_identifier
from archives.schema.problems import Invalid, refuse
from archives.services.people import archive_index
from credit_platform import crypto

HOLDS = dt.timedelta(hours=1)
MOST = 20
"""Searches that one session remembers."""
LONGEST = 60
_SESSION = "sought"
_PURPOSE = "search.name"
_LAST = "\U0010ffff"
_LETTERS = re.compile(r"[a-z' ]+")
_DIGIT = re.compile(r"\d")
_WHOLE = 14
"""A number of as many characters can only be that of an identity card, or of a residence permit."""
_LEAST = 5
_MOST_INITIALS = 6
"""More letters than these, or a blank, may be the pinyin itself ("wang xiao") or a Latin name."""
_CARDS = (
    DocumentType.RESIDENT_ID,
    DocumentType.HMT_RESIDENCE,
    DocumentType.PERMANENT_RESIDENCE,
)
_OTHERS = tuple(kind for kind in DocumentType if kind not in _CARDS and kind != DocumentType.TEMPORARY_ID)


@CharField.register_lookup
class Prefixed(Lookup):  # type: ignore[type-arg]
    """`name__prefixed="王"`: as LIKE '王%', written so that its index serves under row-level security, too: LIKE is no
    leakproof operator."""

    lookup_name = "prefixed"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """Return both bounds in byte order."""
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        sql = f"({left} ~>=~ {right} AND {left} ~<~ {right})"
        last = [f"{value}{_LAST}" for value in right_values]
        return sql, [*left_values, *right_values, *left_values, *last]


@dataclasses.dataclass(frozen=True)
class Sought:
    """What somebody looks for: `by` is "name", "letters" or "number"; `keys` are a prefix, or blind indexes."""

    by: str
    keys: tuple[str, ...]

    @property
    def words(self) -> str:
        """How it is searched, for pages and journal: never for what."""
        return {"name": "姓名", "letters": "姓名首字母", "number": "证件号码"}[self.by]

    def parts(self) -> Q:
        """The condition on records."""
        return self._person("record__archive__number_index__in")

    def entries(self) -> Q:
        """The condition on the roster."""
        return self._person("number_index__in")

    def _person(self, number: str) -> Q:
        if self.by == "number":
            return Q(**{number: self.keys})
        (prefix,) = self.keys
        if self.by == "name":
            return Q(name__prefixed=prefix)
        letters = Q(initials__prefixed=prefix.replace(" ", ""))
        whole = " " in prefix or len(prefix) > _MOST_INITIALS
        return letters | Q(name_sort__prefixed=prefix) if whole else letters


def read_sought(typed: str, *, today: dt.date) -> Sought:
    """Return what was typed as something to look for. Raises `Invalid` with words for whoever typed it."""
    text = cleaning.scalar_text(typed, "查找内容", LONGEST).strip()
    if not text:
        raise refuse("required", "请填写姓名、姓名首字母或完整的证件号码。")
    plain = cleaning.token(text)
    if "*" in plain or _DIGIT.search(plain):
        return Sought("number", _number_keys(text, today))
    lower = " ".join(cleaning.personal_name(text).split())
    if _LETTERS.fullmatch(lower.lower()):
        return Sought("letters", (lower.lower(),))
    return Sought("name", (lower,))


def remember(session: MutableMapping[str, Any], sought: Sought) -> str:
    """Keep a search for `HOLDS` in this session and return the word for it."""
    now = timezone.now()
    held = {key: row for key, row in session.get(_SESSION, {}).items() if row[2] > now.timestamp()}
    keys = list(sought.keys)
    if sought.by != "number":
        keys = [crypto.encrypt(key, purpose=_PURPOSE) for key in keys]
    word = secrets.token_urlsafe(9)
    latest = dict(list(held.items())[-(MOST - 1) :])
    session[_SESSION] = {**latest, word: [sought.by, keys, (now + HOLDS).timestamp()]}
    return word


def recall(session: MutableMapping[str, Any], word: str) -> Sought | None:
    """Return the search of this session that the word stands for; None: unknown, or too long ago."""
    row = session.get(_SESSION, {}).get(word)
    if row is None or row[2] < timezone.now().timestamp():
        return None
    by, keys, _ = row
    if by != "number":
        keys = [crypto.decrypt(key, purpose=_PURPOSE) for key in keys]
    return Sought(by, tuple(keys))


def _number_keys(text: str, today: dt.date) -> tuple[str, ...]:
    """The blind indexes of what the number may be; several where documents write the same characters differently."""
    number = normalise_number(text, "证件号码")
    if len(number) < _LEAST:
        raise refuse(
            "document_length", "证件号码须填写完整，不能只填几位。记不全的，请改按姓名或首字母查找。"
        )
    whole = len(number) >= _WHOLE
    found, wrong = set(), []
    for kind in _CARDS if whole else _OTHERS:
        try:
            found.add(parse_identifier(kind, number, today=today).number)
        except Invalid as refusal:
            wrong.append(refusal)
    if not found:
        raise wrong[0] if whole else refuse("document_format", "没有这样的证件号码，请对照证件重新填写。")
    return tuple(sorted(archive_index(one) for one in found))
