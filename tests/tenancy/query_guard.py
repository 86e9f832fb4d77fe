"""Finds SQL that uses a tenant table without naming the county (scale rule 3: both sides of every join).

Every occurrence of a tenant table in a statement has an alias and a scope (its SELECT, UPDATE or DELETE). It is
named when the conditions of that scope, or of a scope inside the outer one, equate its `jurisdiction_id` with a
value, or with that of an occurrence that is named. A condition below NOT names nothing; below OR it has to stand
in every branch. An INSERT names the column; ON CONFLICT includes it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from django.apps import apps
from django.db.backends.signals import connection_created

from credit_platform.tenancy.fields import is_tenant

COLUMN = "jurisdiction_id"
VALUE = "a value"

Node: TypeAlias = "str | Group"
Fact = frozenset[str]
"""Two names whose jurisdictions are equal: aliases, or an alias and `VALUE`."""

_TOKEN = re.compile(
    r"""
      (?P<skip>\s+|--[^\n]*|/\*.*?\*/)
    | (?P<text>E?'(?:[^']|'')*'(?:::\w+)?)
    | "(?P<quoted>[^"]+)"
    | (?P<place>%\([^)]*\)s|%s)
    | (?P<word>\w+)
    | (?P<sign>::|[<>=!]+|.)
    """,
    re.VERBOSE | re.DOTALL,
)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_number = itertools.count()
_SET_OPERATORS = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_STATEMENTS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"})
_ENDS_CONDITION = _words(
    "WHERE ON JOIN LEFT RIGHT INNER OUTER FULL CROSS GROUP ORDER HAVING WINDOW LIMIT OFFSET FETCH FOR RETURNING SET"
    " VALUES SELECT FROM USING"
)
_KEYWORDS = _ENDS_CONDITION | _SET_OPERATORS | frozenset({"AND", "OR", "NOT", "DEFAULT", "OVERRIDING"})


class UnnamedJurisdiction(AssertionError):
    """A statement uses a tenant table without naming the county."""


class Group(list[Node]):
    """What stands between two parentheses."""

    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)


def unnamed(statement: str, tables: Collection[str]) -> list[str]:
    """Return the occurrences of `tables` in a statement that do not name the jurisdiction, as `table alias`."""
    tree = _parse(statement)
    if tree and tree[0] == "EXPLAIN":
        del tree[0]
    if not _is_query(tree):
        return []
    faults: list[str] = []
    _check(tree, frozenset(tables), {}, set(), faults)
    return faults


def _parse(statement: str) -> Group:
    """Return the statement as nested groups; keywords upper-case, identifiers with a leading quote."""
    stack = [Group()]
    for match in _TOKEN.finditer(statement):
        kind, token = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "skip":
            continue
        if token == "(":
            inner = Group()
            stack[-1].append(inner)
            stack.append(inner)
        elif token == ")":
            stack.pop()
        elif kind == "quoted":
            stack[-1].append(f'"{token}')
        elif kind == "text":
            stack[-1].append("'")
        elif kind == "word":
            stack[-1].append(token.upper() if token.upper() in _ALL_KEYWORDS else _identifier(token))
        else:
            stack[-1].append(token)
    return stack[0]


_ALL_KEYWORDS = (
    _KEYWORDS
    | _STATEMENTS
    | _words(
        "EXPLAIN INTO AS CONFLICT DO NOTHING ONLY IS NULL IN LIKE BETWEEN EXISTS RECURSIVE BY ALL DISTINCT OF"
    )
)


def _identifier(word: str) -> str:
    return word if word[0].isdigit() else f'"{word.lower()}'


def _check(
    nodes: Sequence[Node],
    tables: frozenset[str],
    outer: dict[str, str],
    outer_facts: set[Fact],
    faults: list[str],
) -> None:
    """Check one query and, inside it, its sub-queries. `outer` maps the aliases around it to their unique names."""
    for part in _split(nodes, _SET_OPERATORS):
        _check_scope(part, tables, outer, outer_facts, faults)


def _check_scope(
    nodes: Sequence[Node],
    tables: frozenset[str],
    outer: dict[str, str],
    outer_facts: set[Fact],
    faults: list[str],
) -> None:
    if nodes and nodes[0] == "INSERT":
        query = next((at for at, node in enumerate(nodes) if node == "SELECT"), len(nodes))
        _check_insert(nodes, query, tables, faults)
        nodes = nodes[query:]
    found = dict(_occurrences(nodes, tables))
    unique = {alias: f"{alias} {next(_number)}" for alias in found}
    aliases = {**outer, **unique}
    facts = outer_facts | _conditions(nodes, aliases, next(iter(found)) if len(found) == 1 else None)
    named = _connected(facts)
    faults += [f"{table} {alias[1:]}" for alias, table in found.items() if unique[alias] not in named]
    for group in _groups(nodes):
        if _is_query(group):
            _check(group, tables, aliases, facts, faults)


def _check_insert(nodes: Sequence[Node], query: int, tables: frozenset[str], faults: list[str]) -> None:
    """Check the columns of an INSERT, and the target of its ON CONFLICT."""
    table = next(
        (str(node)[1:] for node in nodes[:query] if isinstance(node, str) and node[1:] in tables), None
    )
    if table is None:
        return
    columns = next((node for node in nodes[:query] if isinstance(node, Group)), Group())
    if f'"{COLUMN}' not in columns:
        faults.append(f"{table} (columns)")
    target = nodes[list(nodes).index("CONFLICT") + 1] if "CONFLICT" in nodes else None
    if isinstance(target, Group) and f'"{COLUMN}' not in target:
        faults.append(f"{table} (ON CONFLICT)")


def _occurrences(nodes: Sequence[Node], tables: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield alias and table of every tenant table that is used in this scope itself."""
    for position, node in enumerate(nodes):
        if isinstance(node, Group):
            if not _is_query(node) and _is_join(nodes, position):
                yield from _occurrences(node, tables)
            continue
        if not node.startswith('"') or node[1:] not in tables:
            continue
        before = nodes[position - 1] if position else ""
        after: list[Node] = [*nodes[position + 1 : position + 3], "", ""]
        if before in (".", "OF") or after[0] == ".":
            continue
        alias = after[1] if after[0] == "AS" else after[0]
        is_alias = isinstance(alias, str) and alias.startswith('"')
        yield (alias if is_alias else node), node[1:]


def _is_join(nodes: Sequence[Node], position: int) -> bool:
    return position > 0 and nodes[position - 1] in ("FROM", "JOIN", ",")


def _groups(nodes: Sequence[Node]) -> Iterator[Group]:
    """Yield the groups of a scope, going into those that are no queries of their own."""
    for node in nodes:
        if isinstance(node, Group):
            yield node
            if not _is_query(node):
                yield from _groups(node)


def _is_query(group: Group) -> bool:
    first: Node = group[0] if group else ""
    while isinstance(first, Group):
        first = first[0] if first else ""
    return first in _STATEMENTS


def _conditions(nodes: Sequence[Node], aliases: dict[str, str], only: str | None) -> set[Fact]:
    """Return what WHERE and the ONs of a scope say about jurisdictions."""
    facts: set[Fact] = set()
    for position, node in enumerate(nodes):
        if isinstance(node, Group) and not _is_query(node) and _is_join(nodes, position):
            facts |= _conditions(node, aliases, only)
        if node not in ("WHERE", "ON"):
            continue
        end = position + 1
        while end < len(nodes) and nodes[end] not in _ENDS_CONDITION:
            end += 1
        facts |= _facts(nodes[position + 1 : end], aliases, only)
    return facts


def _facts(nodes: Sequence[Node], aliases: dict[str, str], only: str | None) -> set[Fact]:
    branches = list(_split(nodes, {"OR"}))
    if len(branches) > 1:
        return set.intersection(*(_facts(branch, aliases, only) for branch in branches))
    facts: set[Fact] = set()
    for conjunct in _split(nodes, {"AND"}):
        if len(conjunct) == 1 and isinstance(conjunct[0], Group):
            facts |= _facts(conjunct[0], aliases, only)
        elif "=" in conjunct:
            middle = list(conjunct).index("=")
            left = _side(conjunct[:middle], aliases, only)
            right = _side(conjunct[middle + 1 :], aliases, only)
            if left != right and {left, right} != {VALUE} and "" not in (left, right):
                facts.add(frozenset({left, right}))
    return facts


def _side(nodes: Sequence[Node], aliases: dict[str, str], only: str | None) -> str:
    """Return which jurisdiction one side of an equation is: an alias's, a value, or (empty) something else."""
    while len(nodes) == 1 and isinstance(nodes[0], Group) and not _is_query(nodes[0]):
        nodes = nodes[0]
    words = [str(node) for node in nodes]
    if "::" in words:
        words = words[: words.index("::")]
    if words[1:] == [".", f'"{COLUMN}']:
        return aliases.get(words[0], "")
    if words == [f'"{COLUMN}'] and only is not None:
        return aliases[only]
    is_value = len(words) == 1 and (
        words[0] in ("%s", "'") or words[0].isdigit() or words[0].startswith("%(")
    )
    return VALUE if is_value or words[:3] == ['"app', ".", '"j'] else ""


def _connected(facts: Collection[Fact]) -> set[str]:
    """Return everything that is equal to a value, directly or by way of others."""
    known = {VALUE}
    grown = True
    while grown:
        new = {name for fact in facts if fact & known for name in fact} - known
        known |= new
        grown = bool(new)
    return known


def _split(nodes: Sequence[Node], separators: Collection[str]) -> Iterator[list[Node]]:
    part: list[Node] = []
    for node in nodes:
        if isinstance(node, str) and node in separators:
            yield part
            part = []
        elif not (node == "ALL" and not part):
            part.append(node)
    yield part


# --- the guard of the whole test run ----------------------------------------------------------------------------

found: list[str] = []
"""Faulty statements since the running test began; a test that ends with any fails, also if it caught the error."""

_excused: ContextVar[str] = ContextVar("excused", default="")


@contextmanager
def not_guarded(reason: str) -> Iterator[None]:
    """Let statements pass that do not name the county. `reason` says why this test needs them."""
    if not reason:
        raise ValueError("say why")
    token = _excused.set(reason)
    try:
        yield
    finally:
        _excused.reset(token)


def tenant_tables() -> frozenset[str]:
    """Return the tables of all tenant models, the probes' among them."""
    return frozenset(model._meta.db_table for model in apps.get_models() if is_tenant(model))


class Guard:
    """A wrapper for `connection.execute_wrappers`."""

    def __init__(self) -> None:
        self.tables: frozenset[str] = frozenset()

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Execute the statement if it names the county."""
        if not _excused.get():
            self.tables = self.tables or tenant_tables()
            if faults := unnamed(str(sql), self.tables):
                found.append(f"{', '.join(faults)}: {sql}")
                raise UnnamedJurisdiction(found[-1])
        return execute(sql, params, many, context)


guard = Guard()


def install() -> None:
    """Guard every connection of this process, those of other threads as well."""
    connection_created.connect(_guard_connection, dispatch_uid="query guard")


def _guard_connection(connection: Any, **_: Any) -> None:
    if guard not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, guard)
