"""The names under which values leave for a platform, of all groups and kinds together."""

from __future__ import annotations

from collections.abc import Mapping

from archives.schema.kinds import kinds
from archives.schema.occupations import Occupation
from archives.schema.registry import registry
from archives.schema.sections import Section

REQUIRED = frozenset({"XM", "ZJLX", "ZJHM", "XYZK", "XXZL", "XXYJ", "FSRQ"})
"""Names without which no platform can tell whom and what a record is about: they always go (delivery contract)."""
ON_DEMAND: Mapping[str, tuple[str, str]] = {"ZZMM": ("identity", "political_status")}
"""Names that leave only where a platform's own catalogue names them, with section and field (政治面貌, AY-F08)."""
_SOURCE_UNIT = {"CF": "CF_SJLY", "XK": "XK_LYDW"}
"""What the 双公示 forms call the unit that the data come from."""


def form_names(form: str) -> dict[str, str]:
    """Return the names that a 双公示 form (CF, XK) has for person and source, by what stands there."""
    of_person = {what: f"{form}_XDR_{end}" for what, end in _OF_PERSON.items()}
    return {**of_person, "source": _SOURCE_UNIT[form]}


def push_labels() -> dict[str, str]:
    """Return every name that a payload may have, with the words for it: those of the first box that has the name."""
    found = {"XXZL": "信息种类", "XXYJ": "信息依据"}
    sections: list[type[Section]] = [section for group in registry for section in group.sections.values()]
    sections += [kind.section for kind in kinds]
    for field in (field for section in sections for field in section.fields.values()):
        if field.push:
            found.setdefault(field.push, field.label)
    for form in sorted({kind.section.public_form for kind in kinds} - {""}):
        found |= {name: f"{_FORMS[form]}{_IN_WORDS[what]}" for what, name in form_names(form).items()}
    for name, (section, box) in ON_DEMAND.items():
        found[name] = Occupation.sections[section].fields[box].label
    return found


_OF_PERSON = {"name": "MC", "class": "LB", "document_type": "ZJLX", "document_number": "ZJHM"}
_FORMS = {"CF": "行政处罚的", "XK": "行政许可的"}
_IN_WORDS = {
    "name": "相对人姓名",
    "class": "相对人类别",
    "document_type": "相对人证件类型",
    "document_number": "相对人证件号码",
    "source": "数据来源单位",
}
