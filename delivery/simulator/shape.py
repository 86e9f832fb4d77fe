"""Whether a JSON value is a credit-batch/1, and where not: from the contract's words, not its schema file."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import cast

from delivery.contract import (
    BATCH_CONTRACT,
    INVALID_BATCH,
    KINDS,
    MAX_INTEGER,
    MAX_PAYLOAD_FIELDS,
    MAX_POINTERS,
    MAX_RECORDS,
    MAX_TEXT,
    Batch,
    Pointer,
)
from delivery.simulator.answers import Refusal

_LARGEST_VERSION = 2**31 - 1
_LARGEST_LIST = 500
_PUSH_NAME = re.compile("[A-Z][A-Z0-9_]{0,39}")
_SECTION = re.compile("[a-z][a-z0-9_]{0,39}")
_MOST_SECTIONS = 40
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

Check = Callable[[object], str | None]
Place = tuple[str, str]
"""Pointer and problem."""


@dataclass(frozen=True, slots=True)
class Record:
    record_id: str
    version: int
    kind: str
    group_code: str
    year: int
    agency_code: str
    payload: dict[str, object]
    digest: str
    lead: bool = True
    """False: a part of somebody else's record, which holds no determination."""
    group_label: str = ""
    agency_name: str = ""


@dataclass(frozen=True, slots=True)
class SentBatch:
    batch_id: str
    jurisdiction: str
    records: tuple[Record, ...]


def read_batch(content: object) -> SentBatch:
    """The batch in a JSON value; raises Refusal(422) with pointers to everything that is wrong."""
    places: list[Pointer] = []
    for pointer, problem in _batch_problems(content):
        places.append({"pointer": pointer, "problem": problem})
        if len(places) == MAX_POINTERS:
            break
    if places:
        message = "批次不符合报送约定，请按所列位置改正后重新报送。"
        raise Refusal(422, INVALID_BATCH, message, places)
    batch = cast(Batch, content)
    return SentBatch(
        batch["batch_id"],
        batch["sender"]["jurisdiction"],
        tuple(
            Record(
                record_id=record["record_id"],
                version=record["version"],
                kind=record["kind"],
                group_code=record["group"]["code"],
                year=record["year"],
                agency_code=record["agency"]["code"],
                group_label=record["group"]["label"],
                agency_name=record["agency"]["name"],
                payload=cast("dict[str, object]", record["payload"]),
                digest=record["digest"],
                lead=record["part"]["lead"] if "part" in record else True,
            )
            for record in batch["records"]
        ),
    )


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _exactly(expected: str) -> Check:
    return lambda value: None if value == expected else f"应为 {expected}"


def _one_of(expected: Sequence[str]) -> Check:
    return lambda value: None if value in expected else f"应为 {'、'.join(expected)} 之一"


def _matching(pattern: str, hint: str) -> Check:
    shape = re.compile(pattern)
    return lambda value: None if isinstance(value, str) and shape.fullmatch(value) else f"应为{hint}"


def _between(low: int, high: int) -> Check:
    def check(value: object) -> str | None:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return None if whole and low <= cast(int, value) <= high else f"应为 {low} 至 {high} 的整数"

    return check


def _name(value: object) -> str | None:
    return (
        None
        if isinstance(value, str) and 1 <= len(value) <= 100 and _encodable(value)
        else "应为 1 至 100 字的文本"
    )


def _yes_or_no(value: object) -> str | None:
    return None if isinstance(value, bool) else "应为 true 或 false"


def _section_names(value: object) -> str | None:
    names = value if isinstance(value, list) else []
    fit = all(isinstance(name, str) and _SECTION.fullmatch(name) for name in names)
    if fit and 1 <= len(names) <= _MOST_SECTIONS and len(set(names)) == len(names):
        return None
    return f"应为 1 至 {_MOST_SECTIONS} 个栏目代码的数组，不重复"


_UUID_CHECK = _matching(_UUID.pattern, "小写、带连字符的 UUID")
_BATCH: Mapping[str, Check] = {
    "contract": _exactly(BATCH_CONTRACT),
    "batch_id": _UUID_CHECK,
    "created_at": _matching(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})",
        "带时区的时间（RFC 3339）",
    ),
}
_SENDER: Mapping[str, Check] = {"jurisdiction": _matching("[0-9]{6}", "六位行政区划代码"), "name": _name}
_RECORD: Mapping[str, Check] = {
    "record_id": _UUID_CHECK,
    "version": _between(1, _LARGEST_VERSION),
    "kind": _one_of(KINDS),
    "year": _between(1949, 2100),
    "digest": _matching("[0-9a-f]{64}", "64 位小写十六进制的 SM3 摘要"),
}
_GROUP: Mapping[str, Check] = {"code": _matching("[a-z][a-z0-9_-]{0,63}", "人群代码"), "label": _name}
_PART: Mapping[str, Check] = {"lead": _yes_or_no, "sections": _section_names}
_AGENCY: Mapping[str, Check] = {
    "code": _matching("[0-9A-Za-z][0-9A-Za-z._-]{0,63}", "单位代码"),
    "name": _name,
}


def _batch_problems(content: object) -> Iterator[Place]:
    if not isinstance(content, dict):
        yield "", "应为对象"
        return
    yield from _members(content, "", _BATCH, {"sender", "records"})
    if "sender" in content:
        yield from _object(content["sender"], "/sender", _SENDER)
    if "records" not in content:
        return
    records = content["records"]
    if not isinstance(records, list) or not 1 <= len(records) <= MAX_RECORDS:
        yield "/records", f"应为 1 至 {MAX_RECORDS} 条记录的数组"
        return
    seen: set[tuple[object, object]] = set()
    for index, record in enumerate(records):
        yield from _record_problems(record, f"/records/{index}")
        yield from _repeat_problems(record, f"/records/{index}", seen)


def _record_problems(record: object, at: str) -> Iterator[Place]:
    if not isinstance(record, dict):
        yield at, "应为对象"
        return
    yield from _members(record, at, _RECORD, {"group", "agency", "payload"}, {"part"})
    if "part" in record:
        yield from _object(record["part"], f"{at}/part", _PART)
    if "group" in record:
        yield from _object(record["group"], f"{at}/group", _GROUP)
    if "agency" in record:
        yield from _object(record["agency"], f"{at}/agency", _AGENCY)
    if "payload" in record:
        if isinstance(record["payload"], dict) and record["payload"]:
            yield from _value_problems(record["payload"], f"{at}/payload")
        else:
            yield f"{at}/payload", "应为非空对象"


def _repeat_problems(record: object, at: str, seen: set[tuple[object, object]]) -> Iterator[Place]:
    match record:
        case {"record_id": str(record_id), "version": int(version)}:
            if (record_id, version) in seen:
                yield at, "同一批次内同一记录的同一版本重复"
            seen.add((record_id, version))


def _object(content: object, at: str, checks: Mapping[str, Check]) -> Iterator[Place]:
    if isinstance(content, dict):
        yield from _members(content, at, checks, set())
    else:
        yield at, "应为对象"


def _members(
    content: dict[str, object],
    at: str,
    checks: Mapping[str, Check],
    nested: set[str],
    optional: Set[str] = frozenset(),
) -> Iterator[Place]:
    for name in sorted(checks.keys() | nested):
        if name not in content:
            yield f"{at}/{name}", "缺少此项"
        elif name in checks and (problem := checks[name](content[name])):
            yield f"{at}/{name}", problem
    if content.keys() - checks.keys() - nested - optional:
        # Their names aren't repeated: whoever put them there may have put a person's data into a name.
        yield at, "含约定以外的项"


def _value_problems(value: object, at: str) -> Iterator[Place]:
    match value:
        case dict():
            if len(value) > MAX_PAYLOAD_FIELDS:
                yield at, f"多于 {MAX_PAYLOAD_FIELDS} 项"
            for name, child in value.items():
                if _PUSH_NAME.fullmatch(name):
                    yield from _value_problems(child, f"{at}/{name}")
                else:
                    yield at, "含不合约定的项名，应为大写字母、数字和下划线"
        case list():
            if len(value) > _LARGEST_LIST:
                yield at, f"多于 {_LARGEST_LIST} 个元素"
            for index, child in enumerate(value):
                yield from _value_problems(child, f"{at}/{index}")
        case str():
            if len(value) > MAX_TEXT or not _encodable(value):
                yield at, f"文本超过 {MAX_TEXT} 字或含无效字符"
        case int() if abs(value) > MAX_INTEGER:
            yield at, "整数过大"


def _encodable(text: str) -> bool:
    """Half of a surrogate pair can be written in JSON but is no character."""
    return not any("\ud800" <= character <= "\udfff" for character in text)
