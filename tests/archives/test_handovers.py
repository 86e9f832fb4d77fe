"""交接: groups and open matters pass to a successor, and nothing is left with nobody."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pytest
from guardian.shortcuts import assign_perm

from agencies.models import Membership, Role
from archives.models import Job, RecordPart
from archives.services.handover import Handover, hand_over, open_handover
from archives.services.jobs import run_job
from archives.services.prints import queue_print
from audit.lifecycle import Refused
from audit.models import Event
from credit_platform.celery import app
from tests.archives.flow import acting_as, events, fresh, in_review, opened, rows_of, save, sealed, submitted
from tests.archives.item_flow import written
from tests.factories import County, Unit, UserFactory, actor


def member(unit: Unit, role: Role, name: str = "吴接手", *, employer: Any = None, **more: Any) -> Membership:
    """Another member, without groups."""
    user = more.get("user") or UserFactory(username=f"new.{role.value}.{unit.agency.pk}", display_name=name)
    place = {"jurisdiction": unit.agency.jurisdiction, "agency": unit.agency, "employer": employer}
    return Membership.objects.create(user=user, role=role, **place)


def done(
    unit: Unit, leaver: Membership, successor: Membership, *, end: bool = False, by: Any = None
) -> Event:
    with acting_as(by or unit.admin) as who:
        return hand_over(leaver=leaver, successor=successor, end=end, actor=who)


def shown(unit: Unit, leaver: Membership, successor: Membership) -> Handover:
    with acting_as(unit.admin) as who:
        return open_handover(leaver=leaver, successor=successor, actor=who)


def text_of(answer: Any) -> str:
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    return re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))


def test_everything_of_a_clerk_passes(county: County) -> None:
    unit = county.education
    draft = save(opened(unit, by=unit.clerk, name="李草稿", employer=unit.employer), by=unit.clerk).part
    opened(unit, name="赵草稿")
    submitted(unit, part=opened(unit, name="钱提交"))
    in_review(unit, part=opened(unit, name="孙审核"))
    written(draft, by=unit.clerk)
    sealed(unit, part=opened(unit, name="周确认"))
    opened(county.health, name="卫别家")
    successor = member(unit, Role.CLERK)
    (group,) = shown(unit, unit.clerk, successor).groups
    counted = (group.people, group.drafts, group.own_drafts, group.submitted, group.in_review, group.items)
    assert counted == (5, 2, 1, 1, 1, 1)
    event = done(unit, unit.clerk, successor, end=True)
    assert actor(successor).occupations == {"teacher"}
    assert actor(unit.clerk).occupations == frozenset()
    assert Membership.objects.get(pk=unit.clerk.pk).ended_at is not None
    with acting_as(successor) as who:
        assert RecordPart.objects.visible_to(who).count() == 5
    assert event.data["groups"][0]["people"] == 5
    assert len(event.data["parts"]) == 4
    assert [e.verb for e in events(county.id) if e.verb in ("handover.done", "membership.ended")] == [
        "handover.done",
        "membership.ended",
    ]


def test_a_filler_hands_over_the_own_employers_people(county: County) -> None:
    unit = county.education
    opened(unit, name="李一小")
    opened(unit, by=unit.second_filler, name="赵二小", employer=unit.second_employer)
    successor = member(unit, Role.FILLER, employer=unit.employer)
    (group,) = shown(unit, unit.filler, successor).groups
    assert (group.people, group.own_drafts) == (1, 1)
    done(unit, unit.filler, successor)
    with acting_as(successor) as who:
        assert [part.name for part in RecordPart.objects.visible_to(who)] == ["李一小"]
    assert Membership.objects.get(pk=unit.filler.pk).ended_at is None


def test_a_group_without_reviewer_or_clerk_is_told(county: County) -> None:
    unit = county.education
    successor = member(unit, Role.CLERK)
    assert shown(unit, unit.clerk, successor).warnings == [
        "交接后，“教师”没有审核人。请在“人员与权限”中安排。"
    ]
    assert unit.reviewer
    assert shown(unit, unit.clerk, successor).warnings == []


def test_a_reviewer_who_wrote_what_waits_is_told(county: County) -> None:
    unit = county.education
    in_review(unit)
    successor = member(unit, Role.REVIEWER, user=unit.clerk.user)
    assert shown(unit, unit.reviewer, successor).warnings == [
        "“教师”有 1 份待审核记录由 王经办 填写或经办过，须由另一位审核人确认。"
    ]


def test_whoever_stays_in_another_role_keeps_the_groups(county: County) -> None:
    unit = county.education
    assert unit.reviewer
    member(unit, Role.REVIEWER, user=unit.clerk.user)
    successor = member(unit, Role.CLERK)
    with pytest.raises(Refused) as refusal:
        done(unit, unit.clerk, successor)
    assert refusal.value.code == "other_role"
    done(unit, unit.clerk, successor, end=True)
    assert actor(unit.clerk).occupations == {"teacher"}


def test_refusals(county: County) -> None:
    unit = county.education
    clerk, reviewer = unit.clerk, unit.reviewer
    successor = member(unit, Role.CLERK)
    idle, chief = member(unit, Role.CLERK, user=UserFactory(username="idle", display_name="闲")), unit.admin
    ended = member(unit, Role.CLERK, user=UserFactory(username="gone", display_name="走"))
    Membership.objects.filter(pk=ended.pk).update(ended_at="2026-01-01T00:00:00Z")
    ended.refresh_from_db()
    own = member(unit, Role.CLERK, user=chief.user)
    wrong: list[tuple[str, Membership, Membership, Membership]] = [
        ("not_permitted", clerk, successor, reviewer),
        ("not_permitted", clerk, successor, county.officer),
        ("foreign", clerk, county.health.clerk, chief),
        ("foreign", county.health.clerk, clerk, chief),
        ("ended", clerk, ended, chief),
        ("same", clerk, clerk, chief),
        ("own", clerk, own, chief),
        ("own", own, clerk, chief),
        ("nothing", idle, successor, chief),
        ("role", clerk, reviewer, chief),
        ("role", unit.filler, unit.second_filler, chief),
    ]
    for code, leaver, taker, by in wrong:
        with pytest.raises(Refused) as refusal:
            done(unit, leaver, taker, by=by)
        assert refusal.value.code == code, code
    assert events(county.id, verb="handover.done") == []
    assert actor(clerk).occupations == {"teacher"}


def test_through_the_pages(county: County, client_as: Any) -> None:
    unit = county.education
    part = fresh(opened(unit, name="李草稿"))
    successor = member(unit, Role.CLERK)
    admin = client_as(unit.admin)
    ids = {"leaver": unit.clerk.pk, "successor": successor.pk}
    assert f"/handovers/new/?leaver={unit.clerk.pk}" in admin.get("/members/").content.decode()
    page = admin.get("/handovers/new/", ids).content.decode()
    assert "确认交接" in page
    assert part.name not in page
    wrong = admin.get("/handovers/new/", ids | {"successor": county.health.clerk.pk})
    assert wrong.status_code == 422
    assert "不在本单位任职" in wrong.content.decode()
    answer = admin.post("/handovers/new/", ids)
    assert answer.status_code == 302
    address = answer["Location"]
    assert "移交事项" in admin.get(address).content.decode()
    assert "吴接手" in admin.get("/handovers/").content.decode()
    printed = text_of(admin.get(f"{address}list.pdf"))
    assert "移交人（签字）" in printed
    assert "接收人（签字）" in printed
    assert part.name not in printed, "the administrator keeps no records"
    taker = client_as(successor)
    assert part.name in text_of(taker.get(f"{address}list.pdf"))
    assert "吴接手" in taker.get("/handovers/").content.decode()
    (look,) = events(county.id, verb="handover.printed")
    assert look.data == {"ids": [str(part.id)]}
    for stranger in (unit.reviewer, county.health.clerk, county.health.admin):
        assert client_as(stranger).get(address).status_code == 404
    assert client_as(unit.clerk).post("/handovers/new/", ids).status_code == 403


def test_a_second_group_passes_too(county: County) -> None:
    unit = county.education
    other = county.health.responsibility
    assign_perm("agencies.handle_responsibility", unit.clerk.user, other)  # of another agency: never passes
    successor = member(unit, Role.CLERK)
    done(unit, unit.clerk, successor)
    assert not successor.user.has_perm("agencies.handle_responsibility", other)


@pytest.mark.req("AY-18")
@pytest.mark.parametrize("end", [False, True], ids=["group", "membership"])
def test_what_was_asked_for_in_the_background_does_not_leave_with_the_leaver(
    county: County, client_as: Any, monkeypatch: pytest.MonkeyPatch, end: bool
) -> None:
    monkeypatch.setattr(app, "send_task", lambda *_, **__: None)
    unit = county.education
    opened(unit)
    with acting_as(unit.clerk) as who:
        waiting, printed = (queue_print(filters=chosen, actor=who) for chosen in ({}, {"status": "draft"}))
    run_job(jurisdiction_id=county.id, job_id=printed.pk)
    clerk = client_as(unit.clerk)
    assert clerk.get(f"/jobs/{printed.pk}/result/").status_code == 200
    done(unit, unit.clerk, member(unit, Role.CLERK), end=end)
    run_job(jurisdiction_id=county.id, job_id=waiting.pk)
    (late,) = rows_of(Job, county.id, id=waiting.pk)
    assert (late.state, late.result) == ("failed", "")
    assert clerk.get(f"/jobs/{printed.pk}/result/").status_code != 200
    assert f"/jobs/{printed.pk}/result/" not in clerk.get("/jobs/").content.decode()
