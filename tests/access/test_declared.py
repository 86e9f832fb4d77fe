"""Every address says who may use it, and the matrix of the tests agrees."""

import pytest
from django.urls import URLPattern

from credit_platform.web.access import access, declared
from tests.access.matrix import MATRIX, patterns


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda pattern: str(pattern.name))
def test_every_url_declares_who_may_use_it(pattern: URLPattern) -> None:
    assert declared(pattern.callback), f"{pattern.pattern} is closed to everybody: declare @access"
    assert pattern.name, f"{pattern.pattern} has no name"


def test_every_url_stands_in_the_matrix() -> None:
    assert {pattern.name for pattern in patterns()} == MATRIX.keys()


@pytest.mark.parametrize("pattern", list(patterns()), ids=lambda pattern: str(pattern.name))
def test_the_matrix_agrees_with_the_views(pattern: URLPattern) -> None:
    assert declared(pattern.callback) == MATRIX[str(pattern.name)].roles


def test_no_role_is_no_declaration() -> None:
    with pytest.raises(ValueError, match="at least one role"):
        access()


def test_a_view_without_declaration_is_closed() -> None:
    assert declared(lambda request: None) == frozenset()
