"""What somebody reads who gets hold of database and files without the keys: no document number, no telephone, no
evidence (LL-22)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from agencies.models import Membership
from archives.services.roster import enrol
from credit_platform.tenancy.context import acting
from credit_platform.tenancy.models import TenantModel
from delivery.services import make_batch
from tests.archives.flow import FILLED, acting_as, attached, opened, sealed
from tests.archives.item_flow import item_sealed, put_apart
from tests.factories import County, id_number
from tests.web import samples

SECRET = b"EVIDENCE OF NOBODY"


@pytest.fixture
def lived(county: County, client_as: Callable[[Membership], Client]) -> str:
    """A person who has been through everything; the number."""
    unit, number, today = county.education, id_number(), timezone.localdate()
    part = opened(unit, number=number)
    attached(part, by=unit.filler, content=samples.pdf(b"%%" + SECRET))
    item_sealed(part, "administrative_penalty", unit=unit)
    put_apart(part, by=unit.filler)
    sealed(unit, part=part)
    with acting_as(unit.clerk) as who:
        enrol(
            responsibility=unit.responsibility,
            employer=unit.employer,
            raw={"name": "王小明", "document_number": number},
            joined_on=today,
            actor=who,
            today=today,
        )
    assert make_batch(jurisdiction_id=county.id, target="county") == 2
    clerk = client_as(unit.clerk)
    assert clerk.post("/archives/find/", {"text": number}).status_code in (200, 302)
    why = {"names": ["document_number", "phone"], "code": "contact", "text": "通知本人补交材料"}
    assert number in clerk.post(f"/records/{part.pk}/unmask/", why).content.decode()
    return number


@pytest.mark.req("LL-22", "AY-18")
def test_database_and_files_hold_no_number_in_the_clear(lived: str, county: County) -> None:
    words = (lived, lived[6:14] + lived[14:], FILLED["phone"])
    filled = 0
    for model in apps.get_models():
        text = written_in(model, county)
        filled += bool(text)
        assert [word for word in words if word in text] == [], model.__name__
    assert filled > 20
    for path in files():
        content = path.read_bytes()
        assert SECRET not in content
        assert lived.encode() not in content


def written_in(model: type[Any], county: County) -> str:
    """Every value of every row of the county, as the database has it."""
    with acting(county.id, "job"):
        if issubclass(model, TenantModel):
            manager = getattr(model, "of_all_time", model.objects)
            return "".join(str(sorted(row.items())) for row in manager.values())
        if issubclass(model, Session):
            return "".join(str(row.get_decoded()) for row in model.objects.all())
        return "".join(str(row) for row in model._base_manager.values())


def files() -> list[Path]:
    """What is kept outside of the database."""
    found = [path for path in Path(settings.PRIVATE_FILES).rglob("*") if path.is_file()]
    assert found
    return found
