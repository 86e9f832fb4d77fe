"""The rules of a pack as sentences for the pages: what holds, by which clause, taken over from whom, since when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from agencies.packparameters import PARAMETERS
from agencies.packparents import Entry, Pack
from agencies.packtargets import catalogue_words
from agencies.packwords import validity_text, value_text
from agencies.packwriters import whole_of
from archives.schema.composed import CONTENTS
from archives.schema.kinds import kinds

SECTIONS = {
    "place": "辖区",
    "parameters": "参数",
    "targets": "报送平台",
    "identity_services": "身份核验服务",
    "waves": "批次",
    "agencies": "责任单位",
    "responsibilities": "责任分工",
}
BY_THE_OFFICE = "由信用工作机构开放"
"""What is said of a wave without a day."""
Rule = Mapping[str, str]
"""`key` (stable), `section`, `name`, `text`, `clause`, `parent` (name of the place it is taken over from, or ""), and
`ours` (what the document does not say and the place has set itself, or "")."""
_SAID = ("name", "text", "clause", "ours")
"""What makes a rule another one."""


def rules_of(pack: Pack) -> list[dict[str, str]]:
    """Return every rule of a pack in the order of its sections."""
    return [*_of_place(pack), *_of_parameters(pack), *_of_lists(pack)]


def since(rule: Rule, history: Iterable[Any]) -> dt.datetime | None:
    """Return since when a rule holds as it stands: the first of the unbroken run of loadings, the latest first, that
    have it with the same name, words and clause. None: no loading has it."""
    found = None
    for loaded in history:
        same = next((one for one in loaded.rules if one["key"] == rule["key"]), None)
        if same is None or any(same.get(name, "") != rule[name] for name in _SAID):
            break
        found = loaded.loaded_at
    return found


def _of_place(pack: Pack) -> Iterator[dict[str, str]]:
    place = pack.place
    follows = ""
    if place.get("parent"):
        parent = f"{place['parent']}.toml"
        follows = f"；参照{pack.places[parent]}执行"
        if pack.left_out:
            follows += f"，不设{'、'.join(pack.left_out)}"
    texts = {
        "name": f"{place['name']}（{place['code']}）{follows}",
        "office_name": place["office_name"],
        "site_name": place["site_name"],
    }
    names = {"name": "名称", "office_name": "信用工作机构", "site_name": "系统名称"}
    for key, text in texts.items():
        yield _rule(f"place:{key}", "place", names[key], text, place["clause"])


def _of_parameters(pack: Pack) -> Iterator[dict[str, str]]:
    for name, rule in pack.data["parameters"].items():
        parent = pack.parent_of("parameters", name)
        words = validity_text if name == "validity" else value_text
        told = PARAMETERS[name].label, words(rule["value"]), rule["clause"], parent, rule.get("ours", "")
        yield _rule(f"parameters:{name}", "parameters", *told)


def _of_lists(pack: Pack) -> Iterator[dict[str, str]]:
    agencies = {entry["code"]: entry["name"] for entry in pack.data["agencies"]}
    for section in ("targets", "identity_services", "waves", "agencies", "responsibilities"):
        for index, entry in enumerate(pack.data[section]):
            key, name, text = _told(section, entry, agencies)
            parent, ours = pack.parent_of(section, index), entry.get("ours", "")
            yield _rule(f"{section}:{key}", section, name, text, entry["clause"], parent, ours)


def _told(section: str, entry: Entry, agencies: Mapping[str, str]) -> tuple[str, str, str]:
    if section == "waves":
        opens = entry.get("opens")
        return str(entry["number"]), entry["name"], f"{opens} 起" if opens else BY_THE_OFFICE
    if section != "responsibilities":
        told = _ended(entry, agencies) or (catalogue_words(entry) if section == "targets" else "")
        return entry["code"], entry["name"], told or "有效"
    parts = [agencies[entry["agency"]]]
    if entry.get("sections"):
        parts.append("牵头" if entry.get("lead", True) else "参与填报")
    if entry.get("undecided"):
        parts.append("建档对象待定")
    if entry.get("encouraged"):
        parts.append("鼓励建档，不计入应建")
    if entry.get("wave"):
        parts.append(f"第 {entry['wave']} 批")
    if entry.get("opens"):
        parts.append(f"{entry['opens']} 起")
    parts += filter(None, [_ended(entry, agencies)])
    if entry.get("contents"):
        parts.append(f"档案内容：{'、'.join(CONTENTS[one] for one in entry['contents'])}")
    for name, words in (("sections", "栏目"), ("kinds", "条目种类")):
        if entry.get(name):
            parts.append(f"{words}：{'、'.join(_label(entry, name, one) for one in entry[name])}")
    return f"{entry['occupation']}:{entry['agency']}", entry["label"], "；".join(parts)


def _label(entry: Entry, name: str, code: str) -> str:
    return kinds.get(code).label if name == "kinds" else whole_of(entry).sections[code].label


def _ended(entry: Entry, agencies: Mapping[str, str]) -> str:
    if not entry.get("ended"):
        return ""
    successor = agencies.get(entry.get("successor", ""), "")
    return f"{entry['ended']} 终止" + (f"，由{successor}承接" if successor else "")


def _rule(
    key: str, section: str, name: str, text: str, clause: str, parent: str = "", ours: str = ""
) -> dict[str, str]:
    told = {"key": key, "section": section, "name": name, "text": text, "clause": clause}
    return {**told, "parent": parent, "ours": ours}
