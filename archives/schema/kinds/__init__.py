"""信用信息条目: the kinds of dated fact and their first catalogue."""

from archives.schema.kinds.common import adverse_kind
from archives.schema.kinds.declaration import Basis, Cadence, Category, ItemKind, Polarity, Source
from archives.schema.kinds.registry import KindRefused, KindRegistry, UnknownKind, kinds, register_kind

__all__ = [
    "Basis",
    "Cadence",
    "Category",
    "ItemKind",
    "KindRefused",
    "KindRegistry",
    "Polarity",
    "Source",
    "UnknownKind",
    "adverse_kind",
    "kinds",
    "register_kind",
]
