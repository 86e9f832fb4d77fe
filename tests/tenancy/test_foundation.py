"""The foundation that the other tests stand on does what they take for granted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test import Client

from agencies.education.occupations import Teacher
from agencies.models import Agency
from credit_platform import settings as site
from credit_platform.tenancy.context import acting
from oversight.packs import load_pack
from tests.factories import PASSWORD, County, UserFactory, actor, id_number
from tests.roles import as_owner, reserve_database


def test_made_up_numbers_are_valid_and_nobodys() -> None:
    section = Teacher.sections["identity"]
    for nth in (0, 17, 11999):
        number = id_number(nth)
        values, problems = section.parse(
            {"name": "张某", "document_type": "111", "document_number": number}, stage="draft", year=2026
        )
        assert values["document_number"] == number
        assert [p for p in problems if p.severity == "error" and p.field == "document_number"] == []
        assert number[14:17] == "000"
    assert id_number() != id_number()


@pytest.mark.django_db
def test_passwords_of_the_site_are_argon2(settings: Any) -> None:
    """Everything else here uses a quick hasher; this is the real one."""
    settings.PASSWORD_HASHERS = site.PASSWORD_HASHERS
    user = UserFactory(username="real", display_name="真")
    assert user.password.startswith("argon2$argon2id$")
    assert check_password(PASSWORD, user.password)
    assert not check_password(PASSWORD.lower(), user.password)


@pytest.mark.django_db(transaction=True)
def test_owner_and_back(settings: Any) -> None:
    users = []
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        users.append(cursor.fetchone()[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        users.append(cursor.fetchone()[0])
    assert users == [settings.OWNER_DATABASE.username, settings.DATABASE_SITE_ROLE]
    Agency.objects.count()


def test_two_runs_get_two_databases(tmp_path: Any) -> None:
    first, first_lock = reserve_database("test_x", tmp_path)
    second, second_lock = reserve_database("test_x", tmp_path)
    assert (first, second) == ("test_x", "test_x_2")
    first_lock.close()
    third, third_lock = reserve_database("test_x", tmp_path)
    assert third == "test_x"
    second_lock.close()
    third_lock.close()


@pytest.mark.django_db
@pytest.mark.urls("tests.tenancy.urls")
def test_everybody_signs_in_through_the_page(
    county: County, operator: Any, client_as: Callable[..., Client]
) -> None:
    units = (county.education, county.health)
    members = [
        one
        for unit in units
        for one in (unit.admin, unit.clerk, unit.reviewer, unit.filler, unit.second_filler)
    ]
    for who in (*members, county.officer, operator):
        assert client_as(who).session["_auth_user_id"] == str(getattr(who, "user_id", who.pk))


@pytest.mark.django_db
def test_members_handle_their_groups(county: County, actor_of: Callable[..., Any]) -> None:
    assert actor_of(county.education.clerk).occupations == {"teacher"}
    assert actor_of(county.health.filler).occupations == {"doctor"}
    assert actor_of(county.education.admin).occupations == set()
    assert actor(county.officer).kind == "office"


@pytest.mark.django_db
def test_the_pack_of_anyang_loads_beside_other_counties(other_county: County) -> None:
    assert load_pack("anyang", apply=True)
    assert load_pack("anyang", apply=True) == []
    assert Agency.objects.filter(jurisdiction__code="410522").count() == 16
    with acting(other_county.id, "office"):
        assert Agency.objects.filter(jurisdiction_id=other_county.id).count() == 2
