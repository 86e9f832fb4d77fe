"""The occupations this installation knows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from archives.schema.fields import Field
from archives.schema.occupations import Occupation
from archives.schema.sections import COLUMNS

UNKNOWN_DEPARTMENT = "archives.E001"
DUPLICATE_CODE = "archives.E002"
DUPLICATE_PUSH = "archives.E003"
NO_LABEL = "archives.E004"
DUPLICATE_FIELD = "archives.E005"
BAD_LAYOUT = "archives.E006"

OccupationClass = TypeVar("OccupationClass", bound=type[Occupation])


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an occupation can't be used; `id` is that of the system check."""

    id: str
    message: str
    hint: str
    occupation: type[Occupation]


class RegistrationRefused(Exception):
    """An occupation was refused; `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.message} {fault.hint}" for fault in faults))
        self.faults = faults


class UnknownOccupation(LookupError):
    """No occupation has this code."""


class Registry:
    """Occupations by code.

    `departments` are the codes an occupation may name; None: not known yet, `know_departments` hands them
    over. A faulty occupation is refused at once; with `deferred` it is only left out and its faults kept
    for the system checks, which tell all of them with hints instead of a traceback at the first.
    """

    def __init__(self, departments: Iterable[str] | None = None, *, deferred: bool = False) -> None:
        self._departments = None if departments is None else frozenset(departments)
        self._deferred = deferred
        self._occupations: dict[str, type[Occupation]] = {}
        self._bases: dict[tuple[str, str, str], type[Occupation]] = {}
        self.faults: list[Fault] = []

    def register(self, occupation: OccupationClass) -> OccupationClass:
        """Class decorator: `occupation` is known from now on."""
        faults = [
            *self._duplicates(occupation),
            *self._department_faults(occupation),
            *content_faults(occupation),
        ]
        if faults:
            self._refuse(faults)
        else:
            self._occupations[occupation.code] = occupation
        return occupation

    def know_departments(self, departments: Iterable[str]) -> None:
        """From now on only these departments are known; occupations of others are taken out again."""
        self._departments = frozenset(departments)
        for code, occupation in list(self._occupations.items()):
            if faults := self._department_faults(occupation):
                del self._occupations[code]
                self._refuse(faults)

    def get(self, code: str) -> type[Occupation]:
        """The class registered for `code`; `UnknownOccupation` when there is none."""
        try:
            return self._occupations[code]
        except KeyError:
            raise UnknownOccupation(f"no occupation has the code {code!r}") from None

    def base_for(self, code: str, label: str, department: str) -> type[Occupation]:
        """The registered class for `code`, or the base record under that name while the group has none of
        its own.

        The same class object each time, so that it can be compared and cached by.
        """
        if code in self._occupations:
            return self._occupations[code]
        key = (code, label, department)
        if key not in self._bases:
            attributes = {
                "code": code,
                "label": label,
                "department": department,
                "__doc__": Occupation.__doc__,
            }
            self._bases[key] = type("BaseRecord", (Occupation,), attributes)
        return self._bases[key]

    def __iter__(self) -> Iterator[type[Occupation]]:
        return iter(self._occupations.values())

    def __contains__(self, code: str) -> bool:
        return code in self._occupations

    def __len__(self) -> int:
        return len(self._occupations)

    def _refuse(self, faults: list[Fault]) -> None:
        self.faults += faults
        if not self._deferred:
            raise RegistrationRefused(faults)

    def _duplicates(self, occupation: type[Occupation]) -> Iterator[Fault]:
        other = self._occupations.get(occupation.code)
        if other is not None and other is not occupation:
            yield Fault(
                DUPLICATE_CODE,
                f"{_name(occupation)} and {_name(other)} both have the code {occupation.code!r}.",
                "Give each occupation a code of its own; codes are never reused.",
                occupation,
            )

    def _department_faults(self, occupation: type[Occupation]) -> list[Fault]:
        if self._departments is None or occupation.department in self._departments:
            return []
        message = f"{_name(occupation)} names an unknown department {occupation.department!r}."
        hint = f"Use one of: {', '.join(sorted(self._departments))}."
        return [Fault(UNKNOWN_DEPARTMENT, message, hint, occupation)]


def content_faults(occupation: type[Occupation]) -> Iterator[Fault]:
    """What is wrong with an occupation by itself."""
    labelled = [
        occupation.code,
        occupation.label,
        *(section.label for section in occupation.sections.values()),
    ]
    if not all(labelled):
        yield Fault(
            NO_LABEL,
            f"{_name(occupation)} lacks its code, its label or the label of a section.",
            'Set code and label; declare sections as class Name(Section, label="…").',
            occupation,
        )
    fields = [field for section in occupation.sections.values() for field in section.fields.values()]
    for field in fields:
        if not field.label.strip():
            message = f"{_name(occupation)}: field {field.name!r} has no label."
            yield Fault(NO_LABEL, message, "The label is the first argument of the field.", occupation)
    yield from _twice(occupation, fields)
    yield from _layout_faults(occupation)


def _twice(occupation: type[Occupation], fields: list[Field[Any]]) -> Iterator[Fault]:
    by_name: dict[str, Field[Any]] = {}
    by_push: dict[str, Field[Any]] = {}
    for field in fields:
        if by_name.setdefault(field.name, field) is not field:
            message = f"{_name(occupation)}: two sections have a field {field.name!r}."
            yield Fault(DUPLICATE_FIELD, message, "Names are unique within an occupation.", occupation)
        if field.push and by_push.setdefault(field.push, field) is not field:
            message = (
                f"{_name(occupation)}: {by_push[field.push]} and {field} are both pushed as {field.push!r}."
            )
            yield Fault(DUPLICATE_PUSH, message, "Give each field its own push name.", occupation)


def _layout_faults(occupation: type[Occupation]) -> Iterator[Fault]:
    known = occupation.fields()
    for row in occupation.layout():
        names = [name for name, _ in row]
        if sum(span for _, span in row) != COLUMNS or not all(name in known for name in names):
            message = (
                f"{_name(occupation)}: the layout row {names} has unknown fields or not {COLUMNS} columns."
            )
            hint = f"Each row names fields of the occupation and its spans add up to {COLUMNS}."
            yield Fault(BAD_LAYOUT, message, hint, occupation)


def _name(occupation: type[Occupation]) -> str:
    return f"{occupation.__module__}.{occupation.__qualname__}"


registry = Registry(deferred=True)
"""The occupations of the installed departments' apps; filled by `discovery.discover`."""

register = registry.register
