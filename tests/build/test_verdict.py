"""One verdict over all steps, and the test runner's closing line last."""

import sys

import pytest

from scripts import verdict
from scripts.verdict import Result, Step


def python(name: str, code: str, *, offline: bool = True) -> Step:
    return Step(name, [sys.executable, "-c", code], offline=offline)


def test_all_steps_run_and_one_failure_decides(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [
        python("first", "print('== 1 failed, 2 passed in 0.1s =='); raise SystemExit(3)"),
        python("second", "print('here too')"),
    ]
    assert verdict.verdict([verdict.run(step) for step in steps]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "here too" in lines
    assert any(line.startswith("first ") and line.endswith("FAILED (exit 3)") for line in lines)
    assert any(line.startswith("second ") and line.endswith("ok") for line in lines)
    assert lines[-2:] == ["FAILED: first", "== 1 failed, 2 passed in 0.1s =="]


def test_all_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict.verdict([Result(python("only", ""), 0.1, 0, "= 4 passed, 1 warning in 2.00s =")]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["all ok", "= 4 passed, 1 warning in 2.00s ="]


def test_checks_of_code_see_no_server_and_tests_see_their_own_instance(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    code = "import os; print(os.environ.get('DATABASE_URL'), os.environ.get('CREDIT_INSTANCE'))"
    monkeypatch.delenv("CREDIT_INSTANCE", raising=False)
    verdict.run(python("offline", code))
    verdict.run(python("online", code, offline=False))
    out = capsys.readouterr().out
    assert "postgresql://offline@127.0.0.1:1/offline None" in out
    assert "None test" in out


def test_full_selects_the_slow_tests_too() -> None:
    assert list(verdict.pytest(full=True, arguments=[]).argv)[1:3] == ["-m", ""]
    quick = list(verdict.pytest(full=False, arguments=["-x"]).argv)
    assert (quick[1:3], quick[-1]) == (["-m", "not slow"], "-x")


def test_every_tool_exists() -> None:
    for step in verdict.checks():
        assert verdict.Path(step.argv[0]).exists(), step.name
