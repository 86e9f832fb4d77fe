"""帮助: every chapter opens for everybody, names what the product shows, and its pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from agencies.models import Role
from manual.chapters import CHAPTERS, Chapter, chapters_for
from tests.factories import County

ROOT = Path(settings.BASE_DIR)
OWN = ROOT / "templates" / "manual"
CODE = ("accounts", "agencies", "archives", "delivery", "oversight", "notices")


def sources() -> str:
    """Everything that the product may show, but for the manual itself."""
    pages = [page for page in (ROOT / "templates").rglob("*.html") if OWN not in page.parents]
    code = [file for folder in CODE for file in (ROOT / folder).rglob("*.py")]
    return "\n".join(file.read_text() for file in [*pages, *code])


def texts() -> dict[str, str]:
    return {page.stem: page.read_text() for page in (OWN / "chapters").glob("*.html")}


def test_every_word_of_a_button_or_menu_is_one_that_the_product_shows() -> None:
    shown = sources()
    quoted = {(name, word) for name, text in texts().items() for word in re.findall(r"<q>(.*?)</q>", text)}
    assert len(quoted) > 40
    assert sorted((name, word) for name, word in quoted if word not in shown) == []


def test_every_picture_is_there_and_small() -> None:
    named = {
        name for text in texts().values() for name in re.findall(r'picture.html" with name="([\w-]+)"', text)
    }
    there = {file.stem for file in (ROOT / "static" / "manual").glob("*.webp")}
    assert named == there
    assert max(file.stat().st_size for file in (ROOT / "static" / "manual").glob("*.webp")) <= 90_000


def test_every_link_within_a_chapter_leads_somewhere() -> None:
    for name, text in texts().items():
        ids = set(re.findall(r'<h2 id="([\w-]+)"', text))
        assert ids == set(re.findall(r'href="#([\w-]+)"', text)), name


def test_every_role_has_a_chapter_that_comes_first() -> None:
    for role in Role:
        assert role in chapters_for(role)[0].roles
    assert chapters_for("") == CHAPTERS
    assert {chapter.slug for chapter in CHAPTERS} == set(texts())


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.slug)
def test_a_chapter_opens_for_everybody(
    chapter: Chapter, county: County, client_as: Any, client: Client
) -> None:
    for reader in (client, client_as(county.education.filler), client_as(county.officer)):
        page = reader.get(f"/help/{chapter.slug}/")
        assert page.status_code == 200
        assert chapter.title in page.content.decode()
    index = client_as(county.education.reviewer).get("/help/").content.decode()
    assert index.index("审核确认") < index.index("所属单位填报")
    assert client.get("/help/nothing/").status_code == 404
