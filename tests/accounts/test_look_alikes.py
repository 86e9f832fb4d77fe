"""Names that look or fold alike are one name for the lock-out and for the account, or none."""

from typing import Any

import pytest
from django.test import Client

from tests.factories import PASSWORD, County

pytestmark = pytest.mark.django_db


def sign_in(browser: Client, username: str, password: str) -> Any:
    return browser.post("/sign-in/", {"username": username, "password": password})


@pytest.mark.parametrize(
    ("name", "alike"), [("ms.clerk", "mſ.clerk"), ("fill.two", "fıll.two"), ("ms.clerk", "ＭＳ.clerk")]
)
def test_a_locked_name_has_no_second_spelling(
    county: County, client: Client, platform: Any, name: str, alike: str
) -> None:
    user = county.education.clerk.user
    user.username = name
    user.save(update_fields=["username"])
    for _ in range(5):
        sign_in(client, name, "Wrong-password-1")
    answer = sign_in(client, alike, PASSWORD)
    assert answer.status_code == 422
    assert not client.session.get("_auth_user_id")


def test_full_width_letters_are_the_same_name(county: County, client: Client, platform: Any) -> None:
    user = county.education.clerk.user
    user.username = "weijian"
    user.save(update_fields=["username"])
    assert sign_in(client, " ＷＥＩＪＩＡＮ ", PASSWORD).status_code == 302
