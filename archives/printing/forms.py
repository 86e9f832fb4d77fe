"""The paper form of the notice's attachment, filled in or blank: cover, table, notes (AY-F01 to AY-N4).

Paper carries no more than the screen: values are masked by the same `Field.masked`. The place of the stamp stays blank.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from archives.awards import award_lines, other_lines, year_items
from archives.content import draft_of, flat, sentence_of
from archives.models import Item, RecordPart, Version
from archives.printing.pdf import MissingGlyph, render_many
from archives.schema.determination import Determination
from archives.schema.fields import Field, Text
from archives.schema.occupations import Occupation
from archives.schema.standing import ADVERSE_FIELDS, Standing, is_adverse
from archives.services.versions import sealed_record
from archives.services.writers import sections_of

TEMPLATE, STYLE = "print/record.html", "print/record.css"
TOGETHER = 25
"""People in one document: reading the style takes as long as laying out half a person."""

NOTES = (
    "“信用状况”是指主管部门年度内对从业人员信用行为认定状况，如“根据法律法规，依法认定××为守信人员”，"
    "“经查实，××存在××行为，根据法律法规，依法认定××存在警示行为”，"
    "“经查实，××存在××行为，根据法律法规，依法认定××存在严重失信行为”等。"
    "原则上如无证据证明从业人员存在警示行为或者严重失信行为，一般认定为守信人员。",
    "认定从业人员存在警示行为、严重失信行为的，应当将相关证明材料附在信用档案中。",
)
"""填表说明, word for word as the attachment has them (AY-N1 to AY-N3)."""

_EDGES = {0: 0, 2: 2, 3: 4, 4: 6, 6: 8}
"""Where a sixth of the form's width begins, counted in columns of the table: label columns stand between."""


@dataclasses.dataclass(frozen=True)
class Cell:
    """One box: its label, its text, how many columns the text takes. `kind`: text, long, items or determination.

    `grounds`: what an adverse determination rests on, below its sentence.
    """

    label: str
    text: str
    columns: int
    kind: str = "text"
    grounds: str = ""


@dataclasses.dataclass(frozen=True)
class PrintedForm:
    """What stands on one person's sheets. `check_code` (查验码) only on what is sealed; blank forms have no name.

    `facts`: the year's confirmed facts that have no box in the table, by heading, on a sheet of their own.
    """

    occupation: str
    year: int
    rows: Sequence[Sequence[Cell]]
    name: str = ""
    unit: str = ""
    filled_on: dt.date | None = None
    check_code: str = ""
    version: int = 0
    draft: bool = False
    backfilled: bool = False
    part_of: str = ""
    facts: Sequence[tuple[str, Sequence[str]]] = ()

    @property
    def text(self) -> str:
        """Everything of it that differs from person to person."""
        cells = [cell.text + cell.grounds for row in self.rows for cell in row]
        facts = [text for heading, lines in self.facts for text in (heading, *lines)]
        return "".join([self.occupation, self.name, self.unit, self.part_of, *cells, *facts])


class CannotPrint(Exception):
    """A form cannot be printed as it is; `str()` says in Chinese what is wrong and what would help."""


def version_form(
    part: RecordPart,
    version: Version,
    occupation: type[Occupation],
    *,
    items: Iterable[Item] | None = None,
) -> PrintedForm:
    """Return the form of a sealed version, with the boxes that it had then. Raises `crypto.Undecipherable` if it does
    not match its digest.

    `items`: those of the record's year, where the caller has them already.
    """
    sealed, record = sealed_record(version, occupation)
    values, at = flat(record), version.sealed_at
    items = year_items(part) if items is None else items
    awards = award_lines(items, as_of=at)
    return PrintedForm(
        rows=_rows(sealed, part.year, part.name, values, awards),
        filled_on=timezone.localdate(version.sealed_at),
        check_code=version.check_code,
        version=version.number,
        facts=other_lines(sealed, items, as_of=at),
        **_about(part, sealed, values, version.cites.get("part", ()), at=version.sealed_at),
    )


def draft_form(
    part: RecordPart,
    occupation: type[Occupation],
    *,
    writers: Sequence[str] = (),
    items: Iterable[Item] | None = None,
) -> PrintedForm:
    """Return the form of what is filled in so far, marked as a draft and without a code. `writers`:
    see `division_of`; `items` as before."""
    values = flat(draft_of(part, occupation).record)
    items = year_items(part) if items is None else items
    return PrintedForm(
        rows=_rows(occupation, part.year, part.name, values, award_lines(items)),
        filled_on=timezone.localdate(part.saved_at),
        draft=True,
        facts=other_lines(occupation, items),
        **_about(part, occupation, values, writers),
    )


def blank_form(occupation: type[Occupation], year: int) -> PrintedForm:
    """Return the form to be filled in by hand (AY-10)."""
    return PrintedForm(occupation.label, year, _rows(occupation, year, "", {}, []))


def print_forms(forms: Sequence[PrintedForm], *, done: Callable[[int], None] | None = None) -> bytes:
    """Return one PDF of all forms, in order. Raises `CannotPrint` naming person and character if a font lacks one."""
    today = timezone.localdate()
    groups = [forms[start : start + TOGETHER] for start in range(0, len(forms), TOGETHER)]
    contexts = ({"forms": group, "notes": NOTES, "today": today} for group in groups)

    def laid_out(count: int) -> None:
        if done is not None:
            done(min(count * TOGETHER, len(forms)))

    try:
        return render_many(TEMPLATE, contexts, style=STYLE, done=laid_out)
    except MissingGlyph as missing:
        raise CannotPrint(_missing(missing, forms)) from missing


def _missing(missing: MissingGlyph, forms: Iterable[PrintedForm]) -> str:
    who = next((form.name for form in forms if set(missing.characters) & set(form.text)), "")
    codes = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in missing.characters[:5])
    whose = f"{who}的档案中" if who else "表中"
    return f"{whose}有服务器字体没有的字：{codes}，没有打印。请联系平台运维安装含此字的字体后再打印。"


def _about(
    part: RecordPart,
    occupation: type[Occupation],
    values: Mapping[str, Any],
    writers: Sequence[str],
    *,
    at: dt.datetime | None = None,
) -> dict[str, Any]:
    """What stands above the table; with `at`, group and agency under the names that they bore then."""
    agency = part.agency.name_at(at)
    return {
        "occupation": occupation.label_at(at) if at else occupation.label,
        "year": part.year,
        "name": part.name,
        "unit": values.get("employer") or (part.employer.name if part.employer else agency),
        "backfilled": part.backfilled,
        "part_of": _part_of(agency, occupation, writers),
    }


def _part_of(agency: str, occupation: type[Occupation], writers: Sequence[str]) -> str:
    """Say whose part of a record this is, and who writes the others."""
    if occupation.whole is None:
        return ""
    mine = f"{agency}填报的部分：{sections_of(occupation)}"
    return f"{mine}。本档案分栏填报：{'；'.join(writers)}" if writers else mine


def _rows(
    occupation: type[Occupation], year: int, name: str, values: Mapping[str, Any], awards: Sequence[str]
) -> list[list[Cell]]:
    known, rows = occupation.fields(), []
    for row in occupation.layout():
        cells, start = [], 0
        for field_name, span in row:
            field, end = known[field_name], start + span
            columns = _EDGES[end] - _EDGES[start] - 1
            start = end
            if field.applies_in(year):
                cells.append(_cell(field, columns, name, values, awards))
        if cells:
            spare = _EDGES[6] - sum(cell.columns + 1 for cell in cells)
            rows.append([*cells[:-1], dataclasses.replace(cells[-1], columns=cells[-1].columns + spare)])
    return rows


def _cell(
    field: Field[Any], columns: int, name: str, values: Mapping[str, Any], awards: Sequence[str]
) -> Cell:
    value = values.get(field.name)
    text, kind, grounds = field.masked(value) if value is not None else "", "text", ""
    if field.computed:
        text, kind = "\n".join(awards), "items"
    elif isinstance(field, Determination):
        text, kind, grounds = sentence_of(name, values), "determination", _grounds(values)
    elif isinstance(field, Text) and field.multiline:
        kind = "long"
    return Cell(_spread(field.label), text, columns, kind, grounds)


def _grounds(values: Mapping[str, Any]) -> str:
    """What an adverse determination rests on, of the boxes that its sentence does not have already (AY-N2, AY-N3)."""
    if not is_adverse(values.get("determination")):
        return ""
    fields = [Standing.fields[name] for name in ADVERSE_FIELDS if name != "behaviour" and values.get(name)]
    return "；".join(f"{field.label}：{field.masked(values[field.name])}" for field in fields)


def _spread(label: str) -> str:
    """Two characters stand at both edges of their box, as on the paper."""
    return f"{label[0]}　　{label[1]}" if len(label) == 2 else label
