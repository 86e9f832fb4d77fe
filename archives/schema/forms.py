"""The record as a Django form. The form shows and collects; what is right is decided by `Occupation.parse`
alone."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from archives.schema.codes import CodeList
from archives.schema.determination import Determination
from archives.schema.fields import Choice, Field, Identifier, Month, Name, Phone, Stage, Text
from archives.schema.kinds.declaration import ItemKind
from archives.schema.occupations import Occupation, Record
from archives.schema.problems import Invalid, Problem
from archives.schema.special_fields import Amount, Certificate, Choices, Count, OrganisationCode

BLANK_CHOICE = ("", "请选择")
_NUMBER_LIKE = {"autocomplete": "off", "spellcheck": "false", "class": "num"}


class RecordFormField(forms.Field):
    """Carries one of our fields through a Django form; validates nothing."""

    def __init__(
        self, record_field: Field[Any], *, current: str | None = None, disabled: bool = False
    ) -> None:
        self.record_field = record_field
        super().__init__(
            label=record_field.label,
            help_text=record_field.help,
            required=record_field.required_at is not None or record_field.conditional,
            widget=_widget(record_field, current),
            disabled=disabled,
        )

    def prepare_value(self, value: Any) -> Any:
        """What the box shows: what was typed as it was typed; a sensitive value that can't be changed is
        masked."""
        if self.disabled:
            return (
                self.record_field.masked(value)
                if self.record_field.sensitive
                else self.record_field.dump(value)
            )
        if isinstance(self.record_field, Choices) and isinstance(value, str):
            return self.record_field.chosen(value)
        return value.isoformat() if isinstance(value, dt.date) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        if self.disabled:
            return False
        try:
            return bool(self.record_field.parse(data) != self.record_field.parse(initial))
        except Invalid:
            return True


class SchemaForm(forms.Form):
    """What forms of records and of items share. A readonly field shows and keeps its initial value whatever is
    submitted. After validation `problems` has everything, `warnings` the problems by field that stop nothing.
    """

    use_required_attribute = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        year: int,
        stage: Stage = "draft",
        today: dt.date | None = None,
        readonly: Collection[str] = frozenset(),
        **options: Any,
    ) -> None:
        self.year, self.stage, self.today = year, stage, today
        self.readonly = frozenset(readonly)
        self.problems: list[Problem] = []
        self.warnings: dict[str, list[Problem]] = {}
        super().__init__(data, **options)

    def _add(self, record_fields: Iterable[Field[Any]]) -> None:
        """A control for each field that a hand can fill in this year."""
        for field in record_fields:
            if field.computed or not field.applies_in(self.year):
                continue
            if self.initial.get(field.name) is None and field.default is not None:
                self.initial[field.name] = field.default
            current = self.initial.get(field.name) if isinstance(field, Choice) else None
            self.fields[field.name] = RecordFormField(
                field, current=current, disabled=field.name in self.readonly
            )

    def _tell(self, problems: list[Problem]) -> None:
        self.problems = problems
        for problem in problems:
            shown_at = problem.field if problem.field in self.fields else None
            if problem.severity == "warning":
                self.warnings.setdefault(shown_at or "", []).append(problem)
            else:
                self.add_error(shown_at, ValidationError(problem.message, code=problem.code))

    def _raw(self, name: str) -> object:
        field = self.fields[name]
        if field.disabled:
            return self.initial.get(name)
        raw: object = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return raw

    def summary(self) -> list[tuple[str, str, str]]:
        """Return (anchor, label, message) of all that is wrong, for the summary above the form."""
        if not self.is_bound:
            return []
        known = {name: (self[name].id_for_label, str(self[name].label)) for name in self.fields}
        return [
            (*known.get(name, ("", "")), str(error))
            for name, errors in self.errors.items()
            for error in errors
        ]


class RecordForm(SchemaForm):
    """All editable fields of an occupation, in the order of the sections; repeating sections are not part
    of it.

    `initial` and `values` are records: section name to values. After validation `values` has what parsed (to be
    dumped when the form is valid).
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        occupation: type[Occupation],
        year: int,
        initial: Record | None = None,
        **options: Any,
    ) -> None:
        self.occupation = occupation
        self.values: Record = {}
        record = initial or {}
        self._sections = {name: s for name, s in occupation.sections.items() if not s.repeats}
        self._kept = {name: rows for name, rows in record.items() if name not in self._sections}
        flat = {key: value for name in self._sections for key, value in record.get(name, {}).items()}
        super().__init__(data, initial=flat, year=year, **options)
        self._add(occupation.fields().values())

    def layout(self) -> list[list[tuple[forms.BoundField | Field[Any], int]]]:
        """Rows of (bound field, columns of six); a computed field stands there itself, as it has no
        control."""
        known = self.occupation.fields()
        return [
            [
                (self[name] if name in self.fields else known[name], span)
                for name, span in row
                if known[name].applies_in(self.year)
            ]
            for row in self.occupation.layout()
        ]

    def _clean_fields(self) -> None:
        """One parse of the whole record instead of Django's field by field: every problem shows at once."""
        raw: Record = dict(self._kept)
        for name, section in self._sections.items():
            raw[name] = {key: self._raw(key) for key in section.fields if key in self.fields}
        self.values, problems = self.occupation.parse(raw, stage=self.stage, year=self.year, today=self.today)
        self.cleaned_data = {
            key: value
            for name in self._sections
            for key, value in self.values[name].items()
            if key in self.fields
        }
        self._tell(problems)


class FactForm(SchemaForm):
    """The boxes of one kind of dated fact. `raw` has what was typed, for `ItemKind.parse`."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        kind: ItemKind,
        birth_date: dt.date | None,
        initial: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        self.kind, self.birth_date = kind, birth_date
        super().__init__(data, initial=dict(initial or {}), **options)
        self._add(kind.section.fields.values())

    @property
    def raw(self) -> dict[str, object]:
        """What was typed, by box."""
        return {name: self._raw(name) for name in self.kind.section.fields if name in self.fields}

    def _clean_fields(self) -> None:
        self.cleaned_data, problems = self.kind.parse(
            self.raw, stage=self.stage, birth_date=self.birth_date, year=self.year, today=self.today
        )
        self._tell(problems)


def _widget(field: Field[Any], current: str | None) -> forms.Widget:
    match field:
        case Determination():
            return forms.RadioSelect(choices=list(field.codes.labels.items()))
        case Choices():
            return forms.CheckboxSelectMultiple(choices=list(field.codes.labels.items()))
        case Choice():
            return forms.Select(choices=[BLANK_CHOICE, *_options(field.codes, current)])
        case Text(multiline=True):
            return forms.Textarea(attrs={"rows": 2, "autocomplete": "off"})
        case Identifier() | OrganisationCode() | Certificate():
            return forms.TextInput(attrs={"inputmode": "text", **_NUMBER_LIKE})
        case Phone():
            return forms.TextInput(attrs={"inputmode": "tel", **_NUMBER_LIKE})
        case Amount():
            return forms.TextInput(attrs={"inputmode": "decimal", **_NUMBER_LIKE})
        case Month() | Count():
            return forms.TextInput(attrs={"inputmode": "numeric", **_NUMBER_LIKE})
        case Name():
            return forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
        case Text():
            return forms.TextInput(attrs={"autocomplete": "off"})
    return forms.DateInput(attrs=_NUMBER_LIKE, format="%Y-%m-%d")


def _options(codes: CodeList, current: str | None) -> list[Any]:
    """The offered codes, in groups where they have labels, and the current one if it isn't among them."""
    options: list[Any] = []
    seen: set[str] = set()
    for group, choices in codes.groups():
        seen.update(code for code, _ in choices)
        options += [(group, choices)] if group else choices
    if current is not None and current in codes.labels and current not in seen:
        options.append((current, codes.labels[current]))
    return options
