"""The part of JSON Schema that the published schemas use; anything else in a schema is an error here."""

import json
import re
from pathlib import Path
from typing import Any

import delivery.contract

FOLDER = Path(delivery.contract.__file__).parent
_NOTES = {"$schema", "$id", "title", "description", "$defs"}
_TYPES = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def load(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{name}.schema.json").read_text("utf-8"))


def conforms(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> bool:
    root = root if root is not None else schema
    return all(_holds(key, rule, value, schema, root) for key, rule in schema.items() if key not in _NOTES)


def _holds(key: str, rule: Any, value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    match key:
        case "$ref":
            return conforms(value, root["$defs"][rule.removeprefix("#/$defs/")], root)
        case "type":
            return _TYPES[rule](value)
        case "const":
            return value == rule
        case "enum":
            return value in rule
        case "anyOf":
            return any(conforms(value, option, root) for option in rule)
        case "minimum" | "maximum":
            number = _TYPES["integer"](value)
            return not number or (value >= rule if key == "minimum" else value <= rule)
        case "pattern" | "minLength" | "maxLength":
            return not isinstance(value, str) or _text_holds(key, rule, value)
        case "items" | "minItems" | "maxItems":
            return not isinstance(value, list) or _list_holds(key, rule, value, root)
        case (
            "required"
            | "properties"
            | "additionalProperties"
            | "propertyNames"
            | "minProperties"
            | "maxProperties"
        ):
            return not isinstance(value, dict) or _object_holds(key, rule, value, schema, root)
    raise AssertionError(f"unknown keyword {key}")


def _text_holds(key: str, rule: Any, value: str) -> bool:
    if key == "pattern":
        return re.search(rule.replace("$", r"\Z") if rule.endswith("$") else rule, value) is not None
    return len(value) >= rule if key == "minLength" else len(value) <= rule


def _list_holds(key: str, rule: Any, value: list[Any], root: dict[str, Any]) -> bool:
    if key == "items":
        return all(conforms(child, rule, root) for child in value)
    return len(value) >= rule if key == "minItems" else len(value) <= rule


def _object_holds(
    key: str, rule: Any, value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]
) -> bool:
    match key:
        case "required":
            return all(name in value for name in rule)
        case "properties":
            return all(conforms(value[name], child, root) for name, child in rule.items() if name in value)
        case "additionalProperties":
            others = [child for name, child in value.items() if name not in schema.get("properties", {})]
            return not others if rule is False else all(conforms(child, rule, root) for child in others)
        case "propertyNames":
            return all(conforms(name, rule, root) for name in value)
        case "minProperties":
            return len(value) >= rule
    return len(value) <= rule
