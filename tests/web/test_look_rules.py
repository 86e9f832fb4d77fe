"""Rules of the design brief that a machine can keep: budgets, baseline, tokens, no inline code."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
STYLES = sorted((ROOT / "static" / "ds").glob("*.css"))
TEMPLATES = sorted(page for page in (ROOT / "templates").rglob("*.html") if "print" not in page.parts)
"""Pages. What is printed carries its styles with it: nothing is fetched when a PDF is made."""
SCRIPT = ROOT / "static" / "ds" / "app.js"


def without_comments(style):
    return re.sub(r"/\*.*?\*/", "", style.read_text(), flags=re.S)


def test_styles_and_script_stay_within_their_budgets():
    assert sum(style.stat().st_size for style in STYLES) <= 40 * 1024
    assert SCRIPT.stat().st_size <= 6 * 1024


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_styles_keep_to_chromium_86(style):
    text = without_comments(style)
    newer = r":has\(|:is\(|:where\(|@layer|@container|@import|color-mix|oklch|aspect-ratio|\binset:|^\s*&"
    assert not re.search(newer, text, flags=re.M)
    assert not re.search(r"\{[^{}]*\{[^{}]*\{", text), "nested rules"


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_one_declaration_a_line_and_no_sizes_of_type_in_pixels(style):
    text = without_comments(style)
    assert not re.search(r";[ \t]*[a-z-]+:", text)
    assert not re.search(r"font(-size)?:[^;]*\dpx", text)


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_colours_are_tokens(style):
    defined_elsewhere = re.sub(r"--[\w-]+:[^;]+;", "", without_comments(style))
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|:\s*(black|white|red)\b", defined_elsewhere)


def test_every_token_used_is_defined():
    defined = {name for style in STYLES for name in re.findall(r"(--[\w-]+):", style.read_text())}
    used = {name for style in STYLES for name in re.findall(r"var\((--[\w-]+)", style.read_text())}
    assert used <= defined


def test_every_style_is_linked():
    head = (ROOT / "templates" / "ds" / "head.html").read_text()
    assert {style.name for style in STYLES} == set(re.findall(r"ds/([\w-]+\.css)", head))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: str(template.relative_to(ROOT)))
def test_templates_have_nothing_inline(template):
    text = template.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: str(template.relative_to(ROOT)))
def test_icons_are_hidden_from_screen_readers_and_nothing_is_shouted(template):
    text = template.read_text()
    for icon in re.findall(r"\{% lucide [^%]+%\}", text):
        assert 'aria_hidden="true"' in icon, icon
    assert "！" not in text


def test_partials_document_themselves():
    for template in (ROOT / "templates" / "ds").glob("*.html"):
        assert template.read_text().startswith("{% comment %}"), template.name


def test_the_script_evaluates_nothing():
    assert not re.search(r"\beval\(|new Function|innerHTML|setTimeout\(\s*[\"']", SCRIPT.read_text())
