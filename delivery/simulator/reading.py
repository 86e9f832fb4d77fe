"""From the bytes of a request to a JSON value: bounded in size and depth, strict where JSON is vague."""

import json
import zlib

from delivery.contract import INVALID_BATCH, MAX_BODY_BYTES, MAX_DEPTH, TOO_LARGE, UNSUPPORTED_MEDIA, Pointer
from delivery.simulator.answers import Refusal

_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class _Unwelcome(ValueError):
    """JSON that is legal but not admitted by the contract."""


def unpack(body: bytes, encoding: str) -> bytes:
    """The document inside a body, at most MAX_BODY_BYTES of it; a gzip bomb is cut off at that size."""
    if encoding in {"", "identity"}:
        return body
    if encoding != "gzip":
        raise Refusal(415, UNSUPPORTED_MEDIA, "Content-Encoding 只支持 gzip 或不压缩，请改用其中之一。")
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    try:
        document = inflater.decompress(body, MAX_BODY_BYTES + 1)
    except zlib.error:
        raise _invalid("", "不是完好的 gzip 数据") from None
    if len(document) > MAX_BODY_BYTES:
        raise Refusal(413, TOO_LARGE, f"解压后超过 {MAX_BODY_BYTES // 2**20} MiB，请拆成多个批次报送。")
    if not inflater.eof or inflater.unused_data:
        raise _invalid("", "gzip 数据不完整或其后另有内容")
    return document


def parse(document: bytes) -> object:
    """The JSON value of a document; repeated names, fractions and deep nesting are refused."""
    try:
        content = json.loads(
            document.decode("utf-8"),
            object_pairs_hook=_without_repeats,
            parse_float=_no_fraction,
            parse_constant=_no_fraction,
        )
    except RecursionError:
        raise _too_deep() from None
    except _Unwelcome as unwelcome:
        raise _invalid("", str(unwelcome)) from None
    except ValueError:
        raise _invalid("", "不是 UTF-8 编码的 JSON") from None
    _check_depth(content)
    return content


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise _Unwelcome("同一对象内有重复的名称")
    return content


def _no_fraction(_text: str) -> object:
    raise _Unwelcome("数值只能是整数，小数请以文本报送")


def _check_depth(content: object) -> None:
    level = [content]
    for _ in range(MAX_DEPTH):
        level = [child for value in level for child in _children(value)]
    if any(isinstance(value, dict | list) for value in level):
        raise _too_deep()


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _too_deep() -> Refusal:
    return _invalid("", f"嵌套超过 {MAX_DEPTH} 层")


def _invalid(pointer: str, problem: str) -> Refusal:
    place: Pointer = {"pointer": pointer, "problem": problem}
    return Refusal(422, INVALID_BATCH, f"批次不符合报送约定：{problem}。请改正后重新报送。", [place])
