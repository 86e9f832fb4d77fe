"""No file that builds or checks the project says where packages come from."""

from pathlib import Path

import pytest

from scripts.check_addresses import CHECKOUT, offences, problems


def test_this_checkout_names_none() -> None:
    assert list(problems(CHECKOUT)) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url " + "x",
        "--extra-index-url=x",
        "-r x --find-links /opt",
        "PIP_INDEX_URL=x make demo",
        "uv pip install --default-index x",
        "django @ https://example.org/django.whl",
        "RUN pip install git+ssh://git.example.org/x",
        "curl http://10.1.2.3/simple",
        "  source: https://user:word@packages.example.org/",
        "[[tool.uv.index]]",
        "index_url = 1",
    ],
)
def test_refused(line: str) -> None:
    assert list(offences(line, hooks=False))


@pytest.mark.parametrize(
    "line",
    [
        "django==5.2.19 \\",
        "    --hash=sha256:0123456789abcdef",
        "DATABASE_URL=postgresql://offline@127.0.0.1:1/offline",
        "curl http://127.0.0.1:8000/",
        "CREDIT_PLATFORM_URLS: county=http://simulator:8700",
        "  - repo: elsewhere",
    ],
)
def test_allowed(line: str) -> None:
    assert not list(offences(line, hooks=False))


def test_hooks_are_local() -> None:
    assert not list(offences("  - repo: local", hooks=True))
    assert list(offences("  - repo: elsewhere", hooks=True))


def test_file_and_line_are_named(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text("a==1\n--find-links x\n")
    (tmp_path / "Makefile").write_text("all:\n")
    assert [problem.partition(": ")[0] for problem in problems(tmp_path)] == ["requirements/base.txt:2"]
