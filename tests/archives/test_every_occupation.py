"""Every occupation walked through the pages' own forms: opened, saved, judged, submitted, confirmed."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from agencies.models import Membership
from archives.models import RecordPart
from archives.schema.members import MEMBERS
from archives.schema.occupations import Occupation
from archives.schema.registry import registry
from archives.states import Status
from credit_platform.tenancy.context import acting
from tests.archives.flow import FILLED, consented
from tests.factories import JurisdictionFactory, Unit, id_number
from tests.schema.samples import a_value

ALL = list(registry)
SPECIAL = {"practice_no": {"lawyer": "14101201011123456"}}


def code_of(occupation: object) -> str:
    return getattr(occupation, "code", str(occupation))


@pytest.fixture
def unit(platform: Any, request: pytest.FixtureRequest) -> Unit:
    occupation: type[Occupation] = request.param
    place = JurisdictionFactory(code="410522", name="安阳县", office_name="县信用办")
    group = (1, occupation.code, occupation.label)
    return Unit(place, occupation.department, "责任单位", ("第一单位", "第二单位"), group)


def filled(occupation: type[Occupation]) -> dict[str, str]:
    """A complete form as a browser posts it, with a value in every box of the occupation's own."""
    own = {
        name: SPECIAL.get(name, {}).get(occupation.code) or a_value(field)
        for section in occupation.own_sections().values()
        if not section.repeats
        for name, field in section.fields.items()
    }
    return {**FILLED, **own}


def controls(html: str) -> set[str]:
    """The names of what can be filled in on a page."""
    form = re.search(r'<form[^>]*id="record-form".*?</form>', html, re.DOTALL)
    assert form
    return set(re.findall(r'<(?:input|select|textarea)[^>]*\bname="([a-z_]+)"', form[0]))


@pytest.mark.req("AY-02", "AY-03", "AY-04", "AY-09", "AY-12", "AY-N1", "GZ-06")
@pytest.mark.parametrize(("unit", "occupation"), [(o, o) for o in ALL], indirect=["unit"], ids=code_of)
def test_from_the_opening_to_the_seal(
    unit: Unit, occupation: type[Occupation], client_as: Callable[[Membership], Client]
) -> None:
    year = timezone.localdate().year
    number = id_number()
    if occupation.code == MEMBERS:
        consented(unit.responsibility, by=unit.clerk, name="欧阳·测试", number=number)
    clerk, reviewer = client_as(unit.clerk), client_as(unit.reviewer)

    answer = clerk.post(
        "/archives/open/",
        {
            "responsibility": unit.responsibility.pk,
            "year": year,
            "employer": unit.employer.pk,
            "name": "欧阳·测试",
            "document_type": "111",
            "document_number": number,
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    address = answer["Location"]

    page = clerk.get(address)
    form = page.context["form"]
    wanted = {name for name, field in form.fields.items() if not field.disabled}
    assert wanted <= controls(page.content.decode()), "every box can be filled in"
    post = filled(occupation)
    assert set(post) <= wanted | {"determination"}
    assert f"（{occupation.label}）信用信息记录表" in page.content.decode()

    blank = clerk.post(address, {"action": "submit_for_review", "revision": page.context["revision"]})
    assert blank.status_code == 422
    assert "还不能提交" in blank.content.decode()

    revision = blank.context["revision"]
    for name in wanted:
        judged = clerk.post(f"{address}validate/?field={name}", post | {"revision": revision})
        assert judged.status_code == 200
        assert "is-err" not in judged.content.decode(), (name, judged.content.decode())
    nonsense = clerk.post(f"{address}validate/?field=phone", post | {"phone": "无", "revision": revision})
    assert "is-err" in nonsense.content.decode()

    saved = clerk.post(address, post | {"action": "save", "revision": revision})
    assert saved.status_code == 302, saved.context["problems"]
    page = clerk.get(address)
    handed = clerk.post(address, post | {"action": "submit_for_review", "revision": page.context["revision"]})
    assert handed.status_code == 302, handed.context["problems"]

    page = reviewer.get(address)
    assert page.context["form"] is None
    confirmed = reviewer.post(address, {"action": "seal", "revision": page.context["revision"]})
    assert confirmed.status_code == 302, confirmed.context["problems"]

    with acting(unit.agency.jurisdiction_id, "job"):
        part = RecordPart.objects.get()
    assert (part.status, part.current_version, part.determination) == (Status.SEALED, 1, "trustworthy")
    sealed = reviewer.get(f"{address}versions/1/").content.decode()
    assert "欧阳·测试" in sealed
    for name in wanted - {"determination", "phone"}:
        shown = occupation.fields()[name].masked(occupation.fields()[name].parse(post.get(name)))
        assert not shown or shown.splitlines()[0] in sealed, name

    printed = reviewer.get(f"{address}versions/1/print/")
    assert printed["Content-Type"] == "application/pdf"
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.content)).pages)
    paper = "".join(paper.split())
    for shown in (f"{occupation.label}（从业人员）信用档案", "欧阳·测试", "查验码"):
        assert shown in paper
