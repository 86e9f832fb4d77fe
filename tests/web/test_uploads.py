"""Files as they arrive: limits hold before anything is kept, and only where a view takes files at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from credit_platform.web.uploads import MOST_FILES, LimitedUploadHandler, oversized, takes_files

LIMIT = 300_000


@takes_files(LIMIT)
def view(request: Any) -> None:
    """A view that takes files."""


def posted(*files: SimpleUploadedFile, signed_in: bool = True, func: Any = view) -> Any:
    request: Any = RequestFactory().post("/", {"files": list(files), "word": "a"})
    request.resolver_match = SimpleNamespace(func=func)
    request.user = SimpleNamespace(is_authenticated=signed_in)
    request.upload_handlers = [LimitedUploadHandler(request)]
    return request


def test_several_files_arrive_whole() -> None:
    request = posted(SimpleUploadedFile("a.pdf", b"a" * LIMIT), SimpleUploadedFile("b.pdf", b"b"))
    assert request.POST["word"] == "a"
    assert [file.read() for file in request.FILES.getlist("files")] == [b"a" * LIMIT, b"b"]
    assert oversized(request) == []


def test_one_byte_too_many_is_told_by_name_and_the_others_are_kept() -> None:
    request = posted(SimpleUploadedFile("long.pdf", b"a" * (LIMIT + 1)), SimpleUploadedFile("b.pdf", b"b"))
    assert [file.name for file in request.FILES.getlist("files")] == ["b.pdf"]
    assert oversized(request) == ["long.pdf"]


@pytest.mark.parametrize("options", [{"signed_in": False}, {"func": lambda request: None}])
def test_nobody_else_leaves_files(options: dict[str, Any]) -> None:
    request = posted(SimpleUploadedFile("a.pdf", b"a"), **options)
    assert request.POST["word"] == "a"
    assert not request.FILES


def test_a_body_that_no_number_of_files_explains_is_not_read() -> None:
    request = posted(SimpleUploadedFile("a.pdf", b"a"))
    request.META["CONTENT_LENGTH"] = str(MOST_FILES * LIMIT + 3 * 1024 * 1024)
    with pytest.raises(RequestDataTooBig):
        _ = request.FILES


def test_files_are_closed_with_the_request() -> None:
    request = posted(SimpleUploadedFile("a.pdf", b"a" * 2000))
    (file,) = request.FILES.getlist("files")
    request.close()
    assert file.closed
