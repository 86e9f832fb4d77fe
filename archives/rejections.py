"""What the platform turned away: its reason, and the boxes of the form that the reason speaks of (AY-15)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from agencies.models import Jurisdiction
from archives.content import IDENTITY
from archives.models import Item, Outbox, RecordPart
from archives.platforms import platform_of
from archives.states import Delivery, Status
from credit_platform.actors import Actor

Head = RecordPart | Item

_ALSO = (("document_number", "证件号码"), ("document_number", "身份证号码"))
"""What platforms call a box of ours."""
_OPEN = "改正后重新提交审核；审核确认后，系统随即报送新的版本。"
_CLERK = "请点“更正”，改正后提交审核；审核确认后，系统随即报送新的版本。"
_SETTLED = (
    "姓名和证件号码建档后不能在表上更正。请对照证件核对：无误的，请信用办与平台核对后再次报送；"
    "有误的，由经办人打开本人档案，按“更正身份、登记另一证件”申请。"
)
_OTHERS = "由责任单位经办人更正；更正经审核确认后，系统随即报送新的版本。"


@dataclasses.dataclass(frozen=True)
class Said:
    """What one platform said to the current version: its code, its words, and the boxes that they name. `platform` is
    its name, blank where the place reports to no other."""

    platform: str
    code: str
    message: str
    fields: tuple[str, ...]

    @property
    def words(self) -> str:
        """The message, with who says so where it could be somebody else."""
        return f"{self.platform}：{self.message}" if self.platform else self.message


@dataclasses.dataclass(frozen=True)
class Rejection:
    """The answers of those platforms that turned the current version away (ZD-10), and how to mend it."""

    said: tuple[Said, ...]
    remedy: str

    @property
    def fields(self) -> tuple[str, ...]:
        """All boxes that some platform names."""
        return tuple(dict.fromkeys(name for one in self.said for name in one.fields))

    def about(self, name: str) -> str:
        """Return the words that speak of a box."""
        return "　".join(one.words for one in self.said if name in one.fields)


def rejections_of(heads: Sequence[Head]) -> dict[UUID, list[Outbox]]:
    """Return by head what platforms turned away, for those whose current version some platform turned away. The heads
    are all parts or all items. One query at most, none where nothing was turned away."""
    current = {head.pk: head.current_version for head in heads if head.delivery == Delivery.REJECTED}
    if not current:
        return {}
    name = "item_id" if isinstance(heads[0], Item) else "part_id"
    rows = Outbox.objects.filter(state=Delivery.REJECTED, **{f"{name}__in": list(current)})
    found: dict[UUID, list[Outbox]] = {}
    for row in rows.select_related("version").order_by("target"):
        head = getattr(row, name)
        if current[head] == row.version.number:
            found.setdefault(head, []).append(row)
    return found


def words_of(rows: Sequence[Outbox], parameters: Mapping[str, Any]) -> str:
    """Return what platforms said to one version, for a line in a list."""
    return "　".join(_said(row, parameters, {}).words for row in rows)


def _said(row: Outbox, parameters: Mapping[str, Any], labels: Mapping[str, str]) -> Said:
    name = platform_of(parameters, row.target).name
    return Said(name, row.code, row.message, named_in(row.message, labels))


def rejection_of(head: Head, labels: Mapping[str, str], actor: Actor) -> Rejection | None:
    """Return what platforms said to the head's current version, if one turned it away. `labels` are those of the boxes
    on the form, by field name."""
    rows = rejections_of([head]).get(head.pk)
    if not rows:
        return None
    parameters = Jurisdiction.objects.get(id=head.jurisdiction_id).parameters
    said = tuple(_said(row, parameters, labels) for row in rows)
    if all(one.fields and IDENTITY.issuperset(one.fields) for one in said):
        remedy = _SETTLED
    elif actor.kind == "office" or (head.status == Status.SEALED and actor.role != "clerk"):
        remedy = _OTHERS
    else:
        remedy = _CLERK if head.status == Status.SEALED else _OPEN
    return Rejection(said, remedy)


def named_in(message: str, labels: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields whose label, or what platforms call them, stands in the message; a longer label is not taken
    for the shorter one in it."""
    words = [*labels.items(), *((name, word) for name, word in _ALSO if name in labels)]
    found, rest = set(), message
    for name, word in sorted(words, key=lambda entry: -len(entry[1])):
        if word and word in rest:
            found.add(name)
            rest = rest.replace(word, "\0")
    return tuple(name for name in labels if name in found)


def mark_rejected(rows: list[list[dict[str, Any]]], rejection: Rejection | None) -> None:
    """Write the platform's words into the cells that they speak of."""
    if rejection is None:
        return
    for cell in (cell for row in rows for cell in row):
        if cell.get("name") in rejection.fields:
            cell["rejected"] = rejection.about(cell["name"])
        mark_rejected([detail["cells"] for detail in cell.get("details", ())], rejection)
