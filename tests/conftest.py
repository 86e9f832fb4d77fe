"""Database, counties, people: what the tests of every part share."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from xdist.scheduler import LoadScopeScheduling

from accounts.models import User
from accounts.services import MEMBERSHIP
from agencies.models import Jurisdiction, Membership
from credit_platform.actors import Actor
from tests.factories import PASSWORD, County, PlatformFactory, UserFactory, actor, make_county
from tests.roles import connection_as, reserve_database, sign_in
from tests.tenancy import query_guard

query_guard.install()


# --- several processes ---------------------------------------------------------------------------------------------


class OneDemonstration(LoadScopeScheduling):
    """What needs the one demonstration stays in one process; all other tests go wherever there is time.

    Groups by mark (`--dist loadgroup`) are lost with the pytest that we have.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "e2e" if nodeid.startswith("tests/e2e/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneDemonstration:
    return OneDemonstration(config, log)


# --- the database: made by the owner of the tables, used by the restricted role ------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> Iterator[None]:
    name, lock = reserve_database(f"test_{connection.settings_dict['NAME']}", settings.LOCAL_DIR)
    connection.settings_dict["TEST"]["NAME"] = name
    sign_in(connection, settings.OWNER_DATABASE)
    yield
    lock.close()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        sign_in(connection, settings.SITE_DATABASE)
    yield
    with django_db_blocker.unblock():
        sign_in(connection, settings.OWNER_DATABASE)


@pytest.fixture
def owner_connection(db: None) -> Iterator[BaseDatabaseWrapper]:
    """A second connection, as the owner of the tables, whose one transaction is rolled back."""
    second = connection_as(connection, settings.OWNER_DATABASE)
    second.set_autocommit(False)
    with second.cursor() as cursor:
        cursor.execute("SET lock_timeout = '5s'")
    yield second
    second.rollback()
    second.close()


@pytest.fixture(autouse=True)
def every_query_names_the_county() -> Iterator[None]:
    query_guard.found.clear()
    yield
    assert not query_guard.found, f"without the county: {query_guard.found}"


# --- counties, people ----------------------------------------------------------------------------------------------


@pytest.fixture
def platform(db: None) -> Jurisdiction:
    """The reserved jurisdiction under which is journalled what belongs to no county."""
    return PlatformFactory()


@pytest.fixture
def county(platform: Jurisdiction) -> County:
    """县教育局 and 县卫健委 with their employers, groups and members, in one county."""
    return make_county("410522", "安阳县", "县信用办")


@pytest.fixture
def other_county(platform: Jurisdiction) -> County:
    """A second county of the same build: what happens in one must not be seen in the other."""
    return make_county("360702", "章贡区", "区信用办")


@pytest.fixture
def operator(platform: Jurisdiction) -> User:
    """The account of the platform operator, who has no tenant data."""
    return UserFactory(username="operator", display_name="运维员", is_operator=True)


@pytest.fixture
def actor_of() -> Callable[[Membership], Actor]:
    """Turn a membership into its actor, with the groups that the member handles."""
    return actor


@pytest.fixture
def client_as() -> Callable[..., Client]:
    """Return a browser signed in through the sign-in page, working in this membership (or as this user)."""

    def signed_in(who: Membership | User) -> Client:
        user = who.user if isinstance(who, Membership) else who
        browser = Client()
        answer = browser.post("/sign-in/", {"username": user.username, "password": PASSWORD})
        assert answer.status_code == 302, "the sign-in page refused"
        if isinstance(who, Membership):
            session = browser.session
            session[MEMBERSHIP] = who.pk
            session.save()
        return browser

    return signed_in
