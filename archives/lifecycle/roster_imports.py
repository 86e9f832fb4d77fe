"""The life of an uploaded roster."""

from __future__ import annotations

from archives.lifecycle.arriving import arriving
from archives.models import RosterImport
from archives.states import RosterImportState
from credit_platform.actors import Actor


def _something_new(row: RosterImport, actor: Actor) -> str | None:
    if not row.counts.get("new") and not row.counts.get("changed"):
        return "没有可以导入的人员：表中的人员都已在名册上，或者有问题须更正。"
    return None


ROSTER_IMPORT = arriving(
    RosterImportState,
    verbs="roster_import",
    word="导入",
    guard=_something_new,
    confirm="确认后，没有问题的人员列入名册；有问题的不导入，可以更正后重新上传。",
)
