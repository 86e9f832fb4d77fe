"""The buttons of a page, from the table of the life cycle."""

from __future__ import annotations

from typing import Any

from audit.lifecycle import Lifecycle
from credit_platform.actors import Actor


def actions_of(lifecycle: Lifecycle, instance: Any, actor: Actor, *, fills: bool) -> list[dict[str, Any]]:
    """Return what this actor may do now, for `ds/action.html`; with `fills` a draft may be saved as well."""
    actions = [
        {
            "name": t.name,
            "label": t.label,
            "style": "pri" if t.primary else "",
            "icon": t.icon,
            "needs_reason": t.needs_reason,
            "confirm": t.confirm,
        }
        for t in lifecycle.available(instance, actor)
    ]
    if fills:
        actions.append({"name": "save", "label": "保存草稿", "style": "", "icon": "save"})
    return actions
