"""The canonical JSON of a payload, written out by hand (RFC 8785 as the contract limits it), and its SM3."""

from delivery.simulator.signatures import sm3

_SHORT_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}
_ESCAPES = str.maketrans({chr(code): f"\\u{code:04x}" for code in range(0x20)} | _SHORT_ESCAPES)


def canonical(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return f'"{value.translate(_ESCAPES)}"'
        case list():
            return f"[{','.join(map(canonical, value))}]"
        case dict():
            members = (f"{canonical(name)}:{canonical(value[name])}" for name in sorted(value))
            return "{" + ",".join(members) + "}"
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def digest(payload: dict[str, object]) -> str:
    return sm3(canonical(payload).encode("utf-8")).hex()
