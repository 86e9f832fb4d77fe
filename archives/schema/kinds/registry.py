"""The kinds of dated fact this installation knows."""

from collections.abc import Iterator
from dataclasses import dataclass

from archives.schema.fields import STAGES, Field, Text
from archives.schema.kinds.declaration import ItemKind
from archives.schema.kinds.sections import DOCUMENT_FIELDS
from archives.schema.sections import COLUMNS

DUPLICATE_KIND = "archives.E008"
NO_BASIS = "archives.E009"
KIND_INCOMPLETE = "archives.E010"
KIND_DUPLICATE_PUSH = "archives.E011"
ADVERSE_UNGUARDED = "archives.E012"
KIND_PUBLIC = "archives.E013"
FREE_TEXT_PUSHED = "archives.E014"


@dataclass(frozen=True, slots=True)
class KindFault:
    """Why a kind can't be used; `id` is that of the system check."""

    id: str
    message: str
    hint: str
    kind: ItemKind


class KindRefused(Exception):
    """A kind was refused; `faults` says why."""

    def __init__(self, faults: list[KindFault]) -> None:
        super().__init__("; ".join(f"{fault.message} {fault.hint}" for fault in faults))
        self.faults = faults


class UnknownKind(LookupError):
    """No kind has this code."""


class KindRegistry:
    """Kinds by code, in the order of their registration.

    A faulty kind is refused at once; with `deferred` it is only left out and its faults kept for the system
    checks.
    """

    def __init__(self, *, deferred: bool = False) -> None:
        self._deferred = deferred
        self._kinds: dict[str, ItemKind] = {}
        self.faults: list[KindFault] = []

    def register(self, kind: ItemKind) -> ItemKind:
        """`kind` is known from now on."""
        faults = [*self._duplicates(kind), *kind_faults(kind)]
        if faults:
            self.faults += faults
            if not self._deferred:
                raise KindRefused(faults)
        else:
            self._kinds[kind.code] = kind
        return kind

    def get(self, code: str) -> ItemKind:
        """The kind of this code; `UnknownKind` when there is none."""
        try:
            return self._kinds[code]
        except KeyError:
            raise UnknownKind(f"no kind of item has the code {code!r}") from None

    def __iter__(self) -> Iterator[ItemKind]:
        return iter(self._kinds.values())

    def __contains__(self, code: str) -> bool:
        return code in self._kinds

    def __len__(self) -> int:
        return len(self._kinds)

    def _duplicates(self, kind: ItemKind) -> Iterator[KindFault]:
        if self._kinds.get(kind.code, kind) is not kind:
            message = f"Two kinds of item have the code {kind.code!r}."
            yield KindFault(
                DUPLICATE_KIND, message, "Give each a code of its own; codes are never reused.", kind
            )


def kind_faults(kind: ItemKind) -> Iterator[KindFault]:
    """What is wrong with a kind by itself."""
    fields = list(kind.section.fields.values())
    if not kind.legal_basis or not all(b.document.strip() and b.article.strip() for b in kind.legal_basis):
        hint = "Name document and article; what has no basis must not be collected."
        yield KindFault(NO_BASIS, f"{kind!r} has no legal basis.", hint, kind)
    names = kind.section.fields.keys()
    labels = (kind.code, kind.label, kind.retention, *(field.label.strip() for field in fields))
    if not all(labels) or not {"occurred_on", "content"} <= names or not _fills_rows(kind):
        message = f"{kind!r} lacks a label, its retention, the day, the content or whole rows."
        hint = f"Derive its section from Fact, label every box, let each row fill {COLUMNS} columns."
        yield KindFault(KIND_INCOMPLETE, message, hint, kind)
    yield from _pushed_twice(kind, fields)
    yield from _exposure_faults(kind, fields)
    yield from _guard_faults(kind)


def _fills_rows(kind: ItemKind) -> bool:
    rows = kind.section.rows()
    shown = [name for row in rows for name, _ in row]
    whole = all(sum(span for _, span in row) == COLUMNS for row in rows)
    return whole and sorted(shown) == sorted(kind.section.fields)


def _pushed_twice(kind: ItemKind, fields: list[Field[str]]) -> Iterator[KindFault]:
    by_push: dict[str, Field[str]] = {}
    for field in fields:
        if field.push and by_push.setdefault(field.push, field) is not field:
            message = f"{kind!r}: {by_push[field.push]} and {field} are both pushed as {field.push!r}."
            yield KindFault(KIND_DUPLICATE_PUSH, message, "Give each box its own push name.", kind)


def _exposure_faults(kind: ItemKind, fields: list[Field[str]]) -> Iterator[KindFault]:
    if "public" in (kind.disclosure, *(field.disclosure for field in fields)):
        hint = "Use self, authorised or shared: nothing about a natural person is public by default."
        yield KindFault(KIND_PUBLIC, f"{kind!r} is open to everybody.", hint, kind)
    free = [field.name for field in fields if isinstance(field, Text) and field.multiline and field.push]
    if free:
        message = f"{kind!r}: the free text {', '.join(free)} has a push name."
        yield KindFault(FREE_TEXT_PUSHED, message, "Free text never leaves: drop `push`.", kind)


def _guard_faults(kind: ItemKind) -> Iterator[KindFault]:
    fields = kind.section.fields
    present = [fields[name] for name in DOCUMENT_FIELDS if name in fields]
    whole = len(present) == len(DOCUMENT_FIELDS)
    required = whole and all(field.required(STAGES.index("submit")) for field in present)
    negative = kind.polarity == "negative"
    unguarded = negative and not (kind.needs_document and kind.needs_evidence)
    if unguarded or (kind.needs_document and not required) or (kind.section.may_be_adverse and not whole):
        message = f"{kind!r} may tell against a person without document or evidence."
        hint = (
            "Set needs_document and needs_evidence, and derive the section from Adverse or MaybeDocumented."
        )
        yield KindFault(ADVERSE_UNGUARDED, message, hint, kind)


kinds = KindRegistry(deferred=True)
"""The kinds of the first catalogue and of the installed departments' apps."""

register_kind = kinds.register
