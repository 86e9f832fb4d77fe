"""One writer's part of a record that several departments write (GZ-A02, GZ-A08).

A part is the occupation limited to some of its sections and kinds of item. It reads, checks, stores, prints and
delivers like any other occupation; what it lacks is another writer's. What was sealed is read by the sections that it
has, however the work was divided or the group put together since (`as_sealed`).
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, cast

from archives.schema.composed import SECTIONS
from archives.schema.contents import Content
from archives.schema.occupations import Occupation
from archives.schema.sections import COLUMNS, Layout, Section

IDENTITY = "identity"
STANDING = "standing"
"""The section of the determination: whoever has it leads."""

_PARTS: dict[tuple[type[Occupation], frozenset[str], frozenset[str]], type[Occupation]] = {}
_SEALED: dict[tuple[type[Occupation], frozenset[str], bool], type[Occupation]] = {}
_EXTENDED: dict[tuple[type[Occupation], frozenset[str]], type[Occupation]] = {}


class Subject(Section, label="个人基本信息"):
    """Whom a part is about, for writers that do not lead: name and document, settled when it is opened. The other
    boxes of 个人基本信息 are the leading department's."""

    name = Occupation.Identity.name
    document_type = Occupation.Identity.document_type
    document_number = Occupation.Identity.document_number


class _Part(Occupation):
    """What all parts share: the layout of the paper form without the boxes of other writers."""

    form: ClassVar[type[Occupation]] = Occupation
    """The class whose paper form this is a part of."""

    @classmethod
    def layout(cls) -> Layout:
        """The rows of the whole form that have boxes of this part, each filled up to its width."""
        known = cls.fields()
        rows = ([(name, span) for name, span in row if name in known] for row in cls.form.layout())
        return tuple(_filled(row) for row in rows if row)


def limited(
    occupation: type[Occupation], sections: Iterable[str], kinds: Iterable[str] = ()
) -> type[Occupation]:
    """Return the part of `occupation` that has these sections and kinds; no kinds named: all of them.

    The same class object each time. Name and number stand in every part; the other boxes of 个人基本信息 only in
    that of the leading writer, who has the determination. Raises `LookupError` for a name that the occupation lacks.
    """
    chosen = frozenset(sections) | {IDENTITY}
    wanted = frozenset(kinds) or frozenset(occupation.kinds)
    if unknown := sorted((chosen - occupation.sections.keys()) | (wanted - set(occupation.kinds))):
        raise LookupError(f"{occupation.code} has no {', '.join(unknown)}")
    key = (occupation, chosen, wanted)
    if key not in _PARTS:
        _PARTS[key] = _limited(*key)
    return _PARTS[key]


def _limited(
    occupation: type[Occupation], sections: frozenset[str], kinds: frozenset[str]
) -> type[Occupation]:
    part: Any = type(f"{occupation.__name__}Part", (_Part, occupation), {"__doc__": occupation.__doc__})
    part.form = part.whole = occupation
    part.sections = {name: section for name, section in occupation.sections.items() if name in sections}
    if STANDING not in sections:
        part.sections[IDENTITY] = Subject
    part.contents = tuple(_contents(occupation, part.sections, kinds))
    part.kinds = tuple(kind for kind in occupation.kinds if kind in kinds)
    part.must_record = tuple(kind for kind in occupation.must_record if kind in kinds)
    return cast(type[Occupation], part)


def as_sealed(occupation: type[Occupation], names: Iterable[str], *, part: bool) -> type[Occupation]:
    """Return the occupation with exactly the sections `names` of a sealed body, the same class object each time.

    `part`: it was one writer's part when it was sealed. Raises `LookupError` for a section that no group can have.
    """
    wanted, whole = frozenset(names), occupation.whole or occupation
    key = (whole, wanted, part)
    if key not in _SEALED:
        _SEALED[key] = _as_sealed(with_sections(whole, wanted), wanted, part=part)
    return _SEALED[key]


def with_sections(occupation: type[Occupation], names: Iterable[str]) -> type[Occupation]:
    """Return the occupation with the sections `names` beside its own, where it lacks them: of contents that were taken
    from the group since (GZ-05). Raises `LookupError` for a section that no group can have."""
    missing = frozenset(set(names) - occupation.sections.keys())
    if not missing:
        return occupation
    if unknown := sorted(missing - SECTIONS.keys()):
        raise LookupError(f"{occupation.code} never had {', '.join(unknown)}")
    key = (occupation, missing)
    if key not in _EXTENDED:
        members: dict[str, Any] = dict(SECTIONS[name] for name in sorted(missing))
        made: Any = type(occupation.__name__, (occupation,), {**members, "__doc__": occupation.__doc__})
        # In the order that a group which had them from the beginning has.
        usual = [name for name in made.sections if name not in SECTIONS and name != STANDING]
        ordered = [*usual, *(name for name in SECTIONS if name in made.sections), STANDING]
        made.sections = {name: made.sections[name] for name in ordered}
        _EXTENDED[key] = made
    return _EXTENDED[key]


def _as_sealed(whole: type[Occupation], names: frozenset[str], *, part: bool) -> type[Occupation]:
    if part:
        return limited(whole, names)
    if names == whole.sections.keys():
        return whole
    sealed: Any = type(whole.__name__, (_Part, whole), {"__doc__": whole.__doc__})
    sealed.form = whole
    sealed.sections = {name: section for name, section in whole.sections.items() if name in names}
    sealed.contents = tuple(_contents(whole, sealed.sections, frozenset(whole.kinds)))
    sealed.kinds, sealed.must_record = whole.kinds, whole.must_record
    return cast(type[Occupation], sealed)


def _contents(
    occupation: type[Occupation], sections: dict[str, type[Section]], kinds: frozenset[str]
) -> Iterable[Content]:
    """The headings under which this part has something."""
    for content, under in occupation.outline():
        named = tuple(name for name in under if name in sections)
        found = tuple(kind for kind in content.kinds if kind in kinds)
        if named or found:
            yield replace(content, sections=named, kinds=found)


def _filled(row: list[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Widen what is left of a row to the whole width, the last box most."""
    spare = COLUMNS - sum(span for _, span in row)
    each, rest = divmod(spare, len(row))
    widened = [(name, span + each) for name, span in row]
    name, span = widened[-1]
    return (*widened[:-1], (name, span + rest))
