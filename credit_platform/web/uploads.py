"""Files that a browser sends: limits hold while they arrive, and nothing is left behind.

Only a view that says `@takes_files(limit)` gets any; from others' requests, and from those who are not signed in, files
are thrown away unread. What arrives lies in memory or, beyond a mebibyte, in a file without a name, which the system
frees even when the process is killed.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

V = TypeVar("V", bound=Callable[..., Any])
MOST_FILES = 20
_IN_MEMORY = 1024 * 1024
_FRAME = 1024 * 1024  # what the other fields and the frame of the request may take


def takes_files(limit: int) -> Callable[[V], V]:
    """Declare that a view takes at most `MOST_FILES` files of at most `limit` bytes each."""

    def declare(view: V) -> V:
        view.takes_files = limit  # type: ignore[attr-defined]
        return view

    return declare


def oversized(request: HttpRequest) -> list[str]:
    """Return the names of the files that were longer than the view takes; they are not in `request.FILES`."""
    return list(getattr(request, "oversized_files", ()))


class LimitedUploadHandler(FileUploadHandler):
    """Keeps a file while it is short enough; the rest of a longer one is read and forgotten."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.file: Any = io.BytesIO()  # Django closes it, whatever it is
        self._limit = self._kept = 0

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django's name
        content_length: int,
        boundary: str,
        encoding: Any = None,
    ) -> None:
        """Learn the limit of the view. Raises `RequestDataTooBig` for a body that no number of files explains."""
        view = getattr(getattr(self.request, "resolver_match", None), "func", None)
        signed_in = getattr(getattr(self.request, "user", None), "is_authenticated", False)
        self._limit = getattr(view, "takes_files", 0) if signed_in else 0
        if content_length > MOST_FILES * self._limit + 2 * _FRAME:
            raise RequestDataTooBig("the body is longer than the files that this address takes")

    def new_file(self, *args: Any, **options: Any) -> None:
        """Begin a file, where this address takes any."""
        super().new_file(*args, **options)
        if not self._limit:
            raise SkipFile
        self.file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  # closed with the request
        self._kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, or forget the file when it grew too long."""
        self._kept += len(raw_data)
        if self._kept > self._limit:
            self.file.close()
            names: list[str] = [*oversized(self.request), self.file_name or ""]  # type: ignore[arg-type]
            self.request.oversized_files = names  # type: ignore[union-attr]
            raise SkipFile
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile:
        """Hand over a whole file; it is closed with the request."""
        self.file.seek(0)
        kept, self.file = self.file, io.BytesIO()
        return UploadedFile(
            file=kept,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )

    def upload_interrupted(self) -> None:
        """The browser went away in the middle of a file."""
        self.file.close()
