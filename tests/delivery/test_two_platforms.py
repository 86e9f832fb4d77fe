"""Two platforms of one place with different answers and different catalogues (ZD-10, AY-15): 张店区 and 淄博市."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from guardian.shortcuts import assign_perm

from agencies import packfile
from agencies.models import Agency, Employer, Jurisdiction, Membership, Responsibility, Role
from agencies.packfile import PackError
from archives.models import Outbox, RecordPart, Version
from archives.occupations import occupations_of
from archives.payloads import Payload, version_payload
from archives.platforms import platform_of
from archives.schema.pushed import REQUIRED
from archives.services.records import start_correction
from archives.states import Delivery
from credit_platform.tenancy.context import acting
from delivery import services
from delivery.health import target_health
from delivery.models import Batch
from delivery.services import deliver
from oversight.packs import load_pack
from tests.agencies.test_places import clerk_of
from tests.archives.flow import (
    acting_as,
    at_once,
    confirm,
    events,
    fresh,
    hand_on,
    opened,
    rows_of,
    save,
    sealed,
)
from tests.archives.item_flow import fresh_item, item_sealed, revoked
from tests.delivery.processes import SECRET, Simulator
from tests.factories import UserFactory

PLACE = 370303
DISTRICT, CITY = "zhangdian", "zibo"
NAMES = {DISTRICT: "张店区公共信用信息平台", CITY: "淄博市公共信用信息平台"}
OWN_FIELDS = {"XB", "GZDW", "JLMC", "CF_WSH", "CF_XDR_MC", "CF_JDRQ"}
OWN_CATALOGUE = f"""kinds = ["award", "administrative_penalty"]
fields = {json.dumps(sorted(OWN_FIELDS))}
catalogue_clause = "ZD-28"
"""
"""As a platform that takes two kinds and some fields would have it; no document of the place has such a list."""


@dataclasses.dataclass
class Office:
    """区教育体育局 with a school and its members, as the steps of a record want them."""

    responsibility: Responsibility
    employer: Employer
    filler: Membership
    clerk: Membership
    reviewer: Membership
    officer: Membership

    @property
    def agency(self) -> Agency:
        return self.responsibility.agency


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: Jurisdiction) -> Path:
    """A folder with the pack of the place, to be changed."""
    folder = tmp_path / "packs"
    folder.mkdir()
    for path in packfile.FOLDER.glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(packfile, "FOLDER", folder)
    return folder


def with_catalogue(folder: Path, lines: str = OWN_CATALOGUE) -> None:
    """Give the city's platform a catalogue of its own."""
    path = folder / f"{DISTRICT}.toml"
    text = path.read_text("utf-8")
    line = f'name = "{NAMES[CITY]}"\n'
    assert text.count(line) == 1
    path.write_text(text.replace(line, line + lines), "utf-8")


@pytest.fixture
def office(packs: Path) -> Office:
    load_pack(DISTRICT, apply=True)
    group = Responsibility.objects.select_related("agency", "jurisdiction").get(
        jurisdiction_id=PLACE, occupation="teacher"
    )
    school = Employer.objects.create(jurisdiction_id=PLACE, agency=group.agency, name="第一小学")
    user = UserFactory(username="filler", display_name="孙填报")
    filler = Membership.objects.create(
        user=user, jurisdiction_id=PLACE, agency=group.agency, employer=school, role=Role.FILLER
    )
    assign_perm("agencies.handle_responsibility", user, group)
    officer = Membership.objects.create(
        user=UserFactory(username="officer", display_name="钱信用"), jurisdiction_id=PLACE, role=Role.OFFICER
    )
    return Office(group, school, filler, clerk_of(group), clerk_of(group, Role.REVIEWER), officer)


@pytest.fixture
def platforms(tmp_path: Path) -> Iterator[dict[str, Simulator]]:
    """Both platforms, each a process with store, key and faults of its own."""
    started = {}
    for code in (DISTRICT, CITY):
        folder = tmp_path / code
        folder.mkdir()
        keys = f"{code}:{SECRET.hex()}:{PLACE}"
        started[code] = Simulator(folder, "--allow-faults", "--read-timeout", "5", keys=keys).start()
    yield started
    for one in started.values():
        one.stop()


def run(
    platforms: dict[str, Simulator], code: str, wrapped: Callable[[Any], Any] = lambda client: client
) -> int:
    client = platforms[code].client(key_id=code, timeout=(2.0, 20.0))
    return deliver(jurisdiction_id=PLACE, target=code, client=wrapped(client))


def states(head: Any) -> dict[tuple[str, int], str]:
    """What became of each version at each platform, as the outbox has it."""
    name = "part_id" if isinstance(head, RecordPart) else "item_id"
    with acting(PLACE, "job"):
        rows = Outbox.objects.filter(**{name: head.pk}).values_list("target", "version__number", "state")
        return {(target, number): state for target, number, state in rows}


def held(simulator: Simulator) -> dict[str, int]:
    """The versions that stand at a platform, by record."""
    return dict(simulator.rows("SELECT record_id, version FROM records"))


def payloads(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """What a platform was told, by kind of fact; the yearly record under its own name."""
    rows = simulator.rows("SELECT kind, payload FROM versions")
    told = [(kind, json.loads(payload)) for kind, payload in rows]
    return {payload.get("XXZL", kind): payload for kind, payload in told}


def corrected(unit: Office, part: RecordPart, **changes: str) -> Version:
    with acting_as(unit.clerk) as who:
        start_correction(part=fresh(part), reason="学历代码有误", revision=None, actor=who)
    save(fresh(part), by=unit.clerk, **changes)
    return confirm(hand_on(fresh(part), by=unit.clerk), by=unit.reviewer)


@pytest.fixture
def spoilt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The city gets a wrong code of 学历 in every first version; the district gets it right."""
    real = services.version_payload

    def spoil(**what: Any) -> Payload:
        payload = real(**what)
        if what["platform"].code == CITY and what["version"].number == 1:
            return dataclasses.replace(payload, payload=payload.payload | {"XL": "XX"})
        return payload

    monkeypatch.setattr(services, "version_payload", spoil)


# --- different answers ---------------------------------------------------------------------------------------------


@pytest.mark.req("ZD-10", "AY-15", "AY-23")
@pytest.mark.parametrize("order", [(DISTRICT, CITY), (CITY, DISTRICT)], ids=["district first", "city first"])
def test_one_accepts_one_turns_away_and_the_correction_reaches_both(
    order: tuple[str, str], office: Office, platforms: dict[str, Simulator], spoilt: None, client_as: Any
) -> None:
    part = sealed(office).part
    assert [run(platforms, code) for code in order] == [1, 1]
    assert states(part) == {(DISTRICT, 1): "accepted", (CITY, 1): "rejected"}
    assert fresh(part).delivery == Delivery.REJECTED, "whichever answered last"
    assert (held(platforms[DISTRICT]), held(platforms[CITY])) == ({str(part.pk): 1}, {})

    clerk: Client = client_as(office.clerk)
    (queue,) = clerk.get("/").context["queues"]
    assert (queue["title"], queue["count"]) == ("平台退回", 1)
    assert f"{NAMES[CITY]}：不在代码表内：学历" in queue["items"][0]["detail"]
    page = clerk.get(f"/records/{part.pk}/").content.decode()
    assert f"<b>平台退回</b>{NAMES[CITY]}：不在代码表内：学历" in page, "at the box it speaks of"
    assert NAMES[DISTRICT] not in page

    corrected(office, part, education="31")
    assert fresh(part).delivery == Delivery.PENDING
    assert [run(platforms, code) for code in order] == [1, 1]
    assert states(part) == {
        (DISTRICT, 1): "accepted",
        (CITY, 1): "rejected",
        (DISTRICT, 2): "accepted",
        (CITY, 2): "accepted",
    }
    assert held(platforms[DISTRICT]) == held(platforms[CITY]) == {str(part.pk): 2}
    assert fresh(part).delivery == Delivery.ACCEPTED
    assert clerk.get("/").context["queues"] == []
    with acting_as(office.officer) as who:
        assert {(one.name, one.rejected, one.due) for one in target_health(who)} == {
            (name, 0, 0) for name in NAMES.values()
        }
    assert [run(platforms, code) for code in order] == [0, 0], "nothing is sent twice"


@pytest.mark.req("ZD-10")
def test_while_one_platform_is_down_the_record_is_not_called_received(
    office: Office, platforms: dict[str, Simulator]
) -> None:
    part, item = sealed(office).part, None
    item = item_sealed(part, unit=office)
    platforms[CITY].kill()
    assert [run(platforms, code) for code in (DISTRICT, CITY)] == [1, 1]
    for head in (fresh(part), fresh_item(item)):
        assert states(head) == {(DISTRICT, 1): "accepted", (CITY, 1): "pending"}
        assert head.delivery == Delivery.PENDING
    platforms[CITY].start()
    due_again()
    assert run(platforms, CITY) == 1
    assert (fresh(part).delivery, fresh_item(item).delivery) == (Delivery.ACCEPTED, Delivery.ACCEPTED)


@pytest.mark.req("ZD-10")
def test_both_reasons_are_told_when_both_turn_it_away(
    office: Office, platforms: dict[str, Simulator], spoilt: None, client_as: Any
) -> None:
    part = sealed(office).part
    platforms[DISTRICT].faults(reject_records=[str(part.pk)])
    for code in (DISTRICT, CITY):
        run(platforms, code)
    clerk: Client = client_as(office.clerk)
    (queue,) = clerk.get("/").context["queues"]
    page = clerk.get(f"/records/{part.pk}/").content.decode()
    for words in (f"{NAMES[DISTRICT]}：未关联到档案主体", f"{NAMES[CITY]}：不在代码表内：学历"):
        assert words in queue["items"][0]["detail"]
        assert words in page


@pytest.mark.req("ZD-10")
def test_an_item_turned_away_by_one_is_sent_again_to_that_one(
    office: Office, platforms: dict[str, Simulator], client_as: Any
) -> None:
    item = item_sealed(opened(office), unit=office)
    platforms[CITY].faults(reject_records=[str(item.pk)])
    for code in (DISTRICT, CITY):
        run(platforms, code)
    assert fresh_item(item).delivery == Delivery.REJECTED
    assert f"{NAMES[CITY]}：" in client_as(office.clerk).get(f"/items/{item.pk}/").content.decode()
    platforms[CITY].faults(reject_records=[])
    with acting(PLACE, "job"):
        batch = Batch.objects.get(target=CITY)
    assert client_as(office.officer).post(f"/delivery/{batch.pk}/").status_code == 302
    assert [run(platforms, code) for code in (DISTRICT, CITY)] == [0, 1]
    assert fresh_item(item).delivery == Delivery.ACCEPTED
    assert held(platforms[DISTRICT]) == held(platforms[CITY]) == {str(item.pk): 1}


def test_two_platforms_that_answer_at_once(
    transactional_db: None, office: Office, platforms: dict[str, Simulator], spoilt: None
) -> None:
    parts = [sealed(office, part=opened(office, name=f"王{n}")).part for n in "一二三四五六"]
    for simulator in platforms.values():
        simulator.faults(delay_before_ms=300)
    assert at_once(partial(run, platforms, DISTRICT), partial(run, platforms, CITY)) == [1, 1]
    assert {fresh(part).delivery for part in parts} == {Delivery.REJECTED}
    assert {state for part in parts for (code, _), state in states(part).items() if code == DISTRICT} == {
        "accepted"
    }


# --- a job that is killed between the two --------------------------------------------------------------------------


def due_again() -> None:
    """Let the pause between two attempts be over."""
    with acting(PLACE, "job"):
        Batch.objects.filter(status__in=("open", "unknown")).update(next_attempt_at=timezone.now())


@pytest.mark.req("ZD-10", "AY-15")
@pytest.mark.parametrize(
    ("fault", "arrived"),
    [({"delay_before_ms": 15_000}, 0), ({"delay_after_commit_ms": 15_000}, 1)],
    ids=["before the city has it", "after the city has it"],
)
def test_a_job_killed_between_the_two_loses_nothing_and_repeats_nothing(
    transactional_db: None,
    fault: dict[str, int],
    arrived: int,
    office: Office,
    platforms: dict[str, Simulator],
) -> None:
    part = sealed(office).part
    platforms[CITY].faults(**fault)
    job = started(lambda: [run(platforms, code) for code in (DISTRICT, CITY)])
    wait_for(lambda: [row.attempts for row in rows_of(Batch, PLACE, target=CITY)] == [1])
    wait_for(lambda: platforms[CITY].count("batches") == arrived)
    os.kill(job, signal.SIGKILL)
    os.waitpid(job, 0)
    assert states(part) == {(DISTRICT, 1): "accepted", (CITY, 1): "pending"}
    assert fresh(part).delivery == Delivery.PENDING

    platforms[CITY].kill()  # with what it had not committed
    platforms[CITY].start()
    assert platforms[CITY].count("batches") == arrived
    due_again()
    assert [run(platforms, code) for code in (DISTRICT, CITY)] == [0, 1]
    assert states(part) == {(DISTRICT, 1): "accepted", (CITY, 1): "accepted"}
    assert fresh(part).delivery == Delivery.ACCEPTED
    for simulator in platforms.values():
        assert (simulator.count("batches"), held(simulator)) == (1, {str(part.pk): 1})


def started(work: Callable[[], Any]) -> int:
    """Do some work in a process of its own, with its own connection; return its id."""
    connection.close()
    process = os.fork()
    if process == 0:
        try:
            work()
        finally:
            os._exit(0)
    return process


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


# --- different catalogues ------------------------------------------------------------------------------------------


@pytest.mark.req("ZD-10", "ZD-28", "AY-20")
def test_each_platform_gets_the_kinds_and_fields_of_its_catalogue_under_their_names(
    packs: Path, office: Office, platforms: dict[str, Simulator]
) -> None:
    with_catalogue(packs)
    load_pack(DISTRICT, apply=True)
    part = sealed(office).part
    for kind in ("award", "administrative_penalty", "training", "discipline"):
        item_sealed(part, kind, unit=office)
    assert [run(platforms, code) for code in (DISTRICT, CITY)] == [1, 1]
    whole, some = payloads(platforms[DISTRICT]), payloads(platforms[CITY])
    assert set(whole) == {"annual-record", "award", "administrative_penalty", "training"}
    assert set(some) == {"annual-record", "award", "administrative_penalty"}
    assert set().union(*some.values()) <= OWN_FIELDS | REQUIRED
    penalty = some["administrative_penalty"]
    assert {name for name in penalty if name not in REQUIRED} == {"CF_WSH", "CF_XDR_MC", "CF_JDRQ"}
    assert (penalty["CF_WSH"], penalty["CF_XDR_MC"]) == ("安市监罚〔2026〕7 号", part.name)
    assert some["award"]["JLMC"] == "优秀教师"
    assert {"LXDH", "XL"} <= whole["annual-record"].keys() - some["annual-record"].keys()
    assert {"CF_CFJG", "CF_NR", "CF_SJLY"} <= whole["administrative_penalty"].keys() - penalty.keys()
    assert not any("ZZMM" in payload for payload in (*whole.values(), *some.values()))


@pytest.mark.req("ZD-10", "AY-F08")
def test_political_affiliation_leaves_only_for_the_platform_whose_catalogue_names_it(
    packs: Path, office: Office, platforms: dict[str, Simulator]
) -> None:
    with_catalogue(packs, 'fields = ["XB", "ZZMM"]\ncatalogue_clause = "ZD-28"\n')
    load_pack(DISTRICT, apply=True)
    version = sealed(office)
    with acting(PLACE, "job"):
        parameters = Jurisdiction.objects.get(id=PLACE).parameters
        told = {
            code: version_payload(
                version=Version.objects.select_related("part").get(pk=version.pk),
                occupations=occupations_of(PLACE),
                platform=platform_of(parameters, code),
            ).payload
            for code in (DISTRICT, CITY)
        }
    assert "ZZMM" not in told[DISTRICT]
    assert told[CITY].keys() == {"XB", "ZZMM", "XM", "ZJLX", "ZJHM", "XYZK"}
    assert told[CITY]["ZZMM"] == "01"
    for code in (DISTRICT, CITY):
        run(platforms, code)
    assert states(version.part) == {(DISTRICT, 1): "accepted", (CITY, 1): "rejected"}, "R405 of the simulator"


@pytest.mark.req("ZD-10")
def test_a_catalogue_that_shrinks_takes_back_what_it_no_longer_names(
    packs: Path, office: Office, platforms: dict[str, Simulator]
) -> None:
    part = opened(office)
    there = item_sealed(part, "training", unit=office)
    run(platforms, CITY)
    waits = item_sealed(part, "training", unit=office, course="法治培训")
    with_catalogue(packs)
    load_pack(DISTRICT, apply=True)
    assert run(platforms, CITY) == 0, "what waits is no longer for it"
    assert run(platforms, DISTRICT) == 1
    assert states(waits) == {(DISTRICT, 1): "accepted", (CITY, 1): "untaken"}
    assert fresh_item(waits).delivery == Delivery.ACCEPTED
    assert [event.data["target"] for event in events(PLACE, verb="item.untaken")] == [CITY]
    never = item_sealed(part, "training", unit=office, course="安全培训")
    assert {target for target, _ in states(never)} == {DISTRICT}
    revoked(there, unit=office)
    run(platforms, CITY)
    assert held(platforms[CITY]) == {str(there.pk): 2}
    ((kind,),) = platforms[CITY].rows("SELECT kind FROM versions WHERE version = 2")
    assert kind == "item-withdrawal"
    assert str(waits.pk) not in held(platforms[CITY])


# --- what a pack may say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        ('kinds = ["gossip"]\ncatalogue_clause = "ZD-28"\n', "kinds", "'gossip' is no kind"),
        ('kinds = ["discipline"]\ncatalogue_clause = "ZD-28"\n', "kinds", "'discipline' never leaves"),
        ('kinds = [7]\ncatalogue_clause = "ZD-28"\n', "kinds", "kinds is not a list of texts in quotes"),
        ('kinds = "award"\ncatalogue_clause = "ZD-28"\n', "kinds", "kinds is not a list of names"),
        ('fields = ["BZ"]\ncatalogue_clause = "ZD-28"\n', "fields", "nothing leaves under the name 'BZ'"),
        ('fields = ["XB"]\n', "fields", "names their catalogue_clause"),
        ('fields = ["XB"]\ncatalogue_clause = "ZD-99"\n', "fields", "names their catalogue_clause"),
        ('catalogue_clause = "ZD-28"\n', "catalogue_clause", "without kinds or fields"),
    ],
)
def test_a_catalogue_that_cannot_be_is_told_with_file_and_line(
    lines: str, key: str, words: str, packs: Path
) -> None:
    with_catalogue(packs, lines)
    text = (packs / f"{DISTRICT}.toml").read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(text, 1) if NAMES[CITY] in line)
    line = next(number for number, one in enumerate(text[start:], start + 1) if one.startswith(key))
    with pytest.raises(PackError) as fault:
        load_pack(DISTRICT, apply=False)
    assert words in str(fault.value)
    assert str(fault.value).startswith(f"{DISTRICT}.toml:{line}: [targets] ")


def test_the_difference_names_the_platform_and_what_its_catalogue_takes(packs: Path, office: Office) -> None:
    with_catalogue(packs)
    (digest, change) = load_pack(DISTRICT, apply=False)
    assert list(digest.fields) == ["pack_digest"]
    assert str(change).startswith(f"changed catalogue of {NAMES[CITY]} (kinds: None → ['award', ")
    assert "catalogue" not in Jurisdiction.objects.get(id=PLACE).parameters["platforms"][CITY]
    load_pack(DISTRICT, apply=True)
    assert load_pack(DISTRICT, apply=False) == []
    loaded = Jurisdiction.objects.get(id=PLACE).loaded_packs.latest("loaded_at")
    rule = next(one for one in loaded.rules if one["key"] == f"targets:{CITY}")
    assert rule["text"].startswith("接收条目：表彰奖励、行政处罚；接收字段：")
    assert rule["text"].endswith("目录依据 ZD-28")
    for words in ("性别（XB）", "行政处罚的相对人姓名（CF_XDR_MC）", "奖励名称（JLMC）"):
        assert words in rule["text"]


def test_a_place_with_one_platform_that_takes_all_has_nothing_to_tell_apart(packs: Path) -> None:
    load_pack("anyang", apply=True)
    assert "platforms" not in Jurisdiction.objects.get(code="410522").parameters
