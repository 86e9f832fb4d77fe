"""Every URL says who may use it. A view that says nothing is closed to everybody, and a test finds it."""

from collections.abc import Callable
from typing import Any, TypeVar

V = TypeVar("V", bound=Callable[..., Any])

PUBLIC = "public"
"""Anybody, signed in or not."""
SIGNED_IN = "signed_in"
"""Anybody who signed in, also without a membership."""


def access(*roles: str) -> Callable[[V], V]:
    """Declare the roles that may use a view: `PUBLIC`, `SIGNED_IN`, or values of `agencies.models.Role`."""
    if not roles:
        raise ValueError("name at least one role")

    def declare(view: V) -> V:
        view.access = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return declare


def declared(view: Callable[..., Any]) -> frozenset[str]:
    """Return what `access()` declared on a view, empty if nothing."""
    roles: frozenset[str] = getattr(view, "access", frozenset())
    return roles
