"""What the platform turned away: its reason, and the boxes of the form that the reason speaks of (AY-15)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from archives.models import Item, Outbox, RecordPart
from archives.states import Delivery, Status
from credit_platform.actors import Actor

Head = RecordPart | Item

_OPEN = "改正后重新提交审核；审核确认后，系统随即报送新的版本。"
_CLERK = "请点“更正”，改正后提交审核；审核确认后，系统随即报送新的版本。"
_OTHERS = "由责任单位经办人更正；更正经审核确认后，系统随即报送新的版本。"


@dataclasses.dataclass(frozen=True)
class Rejection:
    """The platform's answer to the current version: its code, its words, how to mend it, boxes that it names."""

    code: str
    message: str
    remedy: str
    fields: tuple[str, ...]


def rejections_of(heads: Sequence[Head]) -> dict[UUID, Outbox]:
    """Return by head what the platform turned away, for those whose current version it turned away. The heads are all
    parts or all items. One query at most, none where nothing was turned away."""
    current = {head.pk: head.current_version for head in heads if head.delivery == Delivery.REJECTED}
    if not current:
        return {}
    name = "item_id" if isinstance(heads[0], Item) else "part_id"
    rows = Outbox.objects.filter(state=Delivery.REJECTED, **{f"{name}__in": list(current)})
    rows = rows.select_related("version")
    return {getattr(row, name): row for row in rows if current[getattr(row, name)] == row.version.number}


def rejection_of(head: Head, labels: Mapping[str, str], actor: Actor) -> Rejection | None:
    """Return what the platform said to the head's current version, if it turned it away. `labels` are those of the
    boxes on the form, by field name."""
    row = rejections_of([head]).get(head.pk)
    if row is None:
        return None
    if actor.kind == "office" or (head.status == Status.SEALED and actor.role != "clerk"):
        remedy = _OTHERS
    else:
        remedy = _CLERK if head.status == Status.SEALED else _OPEN
    return Rejection(row.code, row.message, remedy, named_in(row.message, labels))


def named_in(message: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields whose label stands in the message; a longer label is not taken for the shorter one in it."""
    found, rest = [], message
    for name, label in sorted(labels.items(), key=lambda entry: -len(entry[1])):
        if label and label in rest:
            found.append(name)
            rest = rest.replace(label, "\0")
    return tuple(name for name in labels if name in found)


def mark_rejected(rows: list[list[dict[str, Any]]], rejection: Rejection | None) -> None:
    """Write the platform's words into the cells that they speak of."""
    if rejection is None:
        return
    for cell in (cell for row in rows for cell in row):
        if cell.get("name") in rejection.fields:
            cell["rejected"] = rejection.message
        mark_rejected([detail["cells"] for detail in cell.get("details", ())], rejection)
