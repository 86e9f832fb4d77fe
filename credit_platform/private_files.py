"""Files with personal data: encrypted at rest, outside the web root, reached by name through a checked view only.

A file is a header line and frames of at most 64 KiB, each SM4-GCM with the file's name, its number and whether it is
the last as authenticated data: frames cannot be swapped, dropped or moved to another file unnoticed.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from credit_platform import crypto

FRAME = 64 * 1024
_NAME = re.compile(r"[0-9a-f][0-9a-f-]{7,63}(\.[a-z0-9]{1,8})?")
_HEADER = b"credit-private/1\n"


class Missing(FileNotFoundError):
    """The file is not in the store."""


def path_of(name: str) -> Path:
    """Return where a file lies. Raises ValueError for a name that is not one of ours (a UUID with an extension)."""
    if not _NAME.fullmatch(name):
        raise ValueError("not the name of a private file")
    root: Path = settings.PRIVATE_FILES
    return root / name.split(".")[0][-2:] / name


def store(name: str, chunks: Iterable[bytes]) -> None:
    """Write a file whole or not at all; an existing one of that name is replaced. Raises OSError (disk full …)."""
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with partial.open("wb") as file:
            file.write(_HEADER)
            for number, (frame, last) in enumerate(_frames(chunks)):
                sealed = crypto.encrypt_bytes(frame, purpose=_purpose(name, number, last))
                file.write(len(sealed).to_bytes(4, "big") + sealed)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def read(name: str) -> Iterator[bytes]:
    """Yield the plain content frame by frame. Raises `Missing`, or `crypto.Undecipherable` on any damage."""
    path = path_of(name)
    try:
        file = path.open("rb")
    except FileNotFoundError as error:
        raise Missing(name) from error
    with file:
        if file.read(len(_HEADER)) != _HEADER:
            raise crypto.Undecipherable("not a private file")
        number, sealed = 0, _next_frame(file)
        while sealed is not None:
            following = _next_frame(file)
            yield crypto.decrypt_bytes(sealed, purpose=_purpose(name, number, following is None))
            number, sealed = number + 1, following
        if number == 0:
            raise crypto.Undecipherable("a private file without content")


def read_all(name: str) -> bytes:
    """Return the whole plain content; see `read`."""
    return b"".join(read(name))


def discard(name: str) -> None:
    """Remove a file; nothing happens when it is not there."""
    path_of(name).unlink(missing_ok=True)


def written_before(moment: dt.datetime) -> Iterator[list[str]]:
    """Yield the names of the files that were last written before a moment, folder by folder."""
    for folder in _folders():
        yield [path.name for path in _older(folder, moment) if _NAME.fullmatch(path.name)]


def discard_broken_off(moment: dt.datetime) -> None:
    """Remove what writers that were killed before a moment left behind."""
    for folder in _folders():
        for path in _older(folder, moment):
            if path.suffix == ".part":
                path.unlink(missing_ok=True)


def _folders() -> list[Path]:
    root: Path = settings.PRIVATE_FILES
    return sorted(one for one in root.iterdir() if one.is_dir()) if root.is_dir() else []


def _older(folder: Path, moment: dt.datetime) -> Iterator[Path]:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # it went meanwhile
            if path.is_file() and path.stat().st_mtime < moment.timestamp():
                yield path


def _purpose(name: str, number: int, last: bool) -> str:
    return f"file:{name}:{number}:{'last' if last else 'more'}"


def _frames(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut into frames, telling which is the last; an empty file is one empty frame."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > FRAME:
            yield bytes(held[:FRAME]), False
            del held[:FRAME]
    yield bytes(held), True


def _next_frame(file: BinaryIO) -> bytes | None:
    size = file.read(4)
    if not size:
        return None
    length = int.from_bytes(size, "big")
    if len(size) < 4 or length > FRAME + 1024:
        raise crypto.Undecipherable("a private file is damaged")
    frame = file.read(length)
    if len(frame) != length:
        raise crypto.Undecipherable("a private file is damaged")
    return frame
