"""How `make test` runs (scripts/run_tests.py): each test is in one of two runs, and some are always quick."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
# What `make test-fast` always has: a round trip through each codec, the golden streams, the window.
ALWAYS = (
    "codec/test_codecs_end_to_end.py::test_unusual_clouds",
    "codec/test_golden.py::test_golden_files_decode",
    "gui/journeys/test_window.py::test_a_first_visit_from_sample_to_certificate",
)


@pytest.fixture
def run_tests(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import run_tests

    return run_tests


@pytest.mark.parametrize("name", ALWAYS)
def test_what_has_to_stay_is_not_slow(name: str) -> None:
    path, function = name.split("::")
    tree = ast.parse((ROOT / "tests" / path).read_text("utf-8"))
    (found,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function)
    marks = [
        node.value for node in tree.body if isinstance(node, ast.Assign) and "pytestmark" in ast.unparse(node)
    ]
    assert not any("slow" in ast.unparse(mark) for mark in (*found.decorator_list, *marks))


@pytest.mark.parametrize(
    ("statuses", "one"),
    [((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((5, 0), 0), ((0, 5), 0), ((5, 5), 5), ((5, 2), 2)],
)
def test_one_failure_fails_both(run_tests: ModuleType, statuses: tuple[int, int], one: int) -> None:
    assert run_tests.both(statuses) == one


def test_both_runs_get_the_arguments_and_show_what_they_say(
    run_tests: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def command(selection: tuple[str, ...], arguments: list[str]) -> list[str]:
        return [sys.executable, "-c", f"print({selection[0]!r}, {arguments!r})"]

    monkeypatch.setattr(run_tests, "command", command)
    assert run_tests.main(["-k", "ply"]) == 0
    shown = capfd.readouterr().out.splitlines()
    first = run_tests.LIBRARY[0]
    assert sorted(shown[:2]) == [f"library | {first} ['-k', 'ply']", "others  | tests ['-k', 'ply']"]


def test_what_failed_is_said_again_at_the_end(
    run_tests: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def command(selection: tuple[str, ...], _arguments: list[str]) -> list[str]:
        status = int(selection[0] == "tests")
        text = "FAILED tests/a.py::b - no" if status else "passed"
        return [sys.executable, "-c", f"print({text!r}); raise SystemExit({status})"]

    monkeypatch.setattr(run_tests, "command", command)
    assert run_tests.main([]) == 1
    *_lines, named, last = capfd.readouterr().out.splitlines()
    assert named == "others  | FAILED tests/a.py::b - no"
    assert last.endswith("exit status of others 1, of the library 0")


def test_each_test_is_in_one_of_the_two_runs(run_tests: ModuleType) -> None:
    assert all((ROOT / path).exists() for path in run_tests.LIBRARY)
    assert run_tests.OTHERS[0] == "tests"
    assert run_tests.OTHERS[1:] == tuple(f"--ignore={path}" for path in run_tests.LIBRARY)
    moved = {f"tests/codec/{part}" for part in run_tests.MOVED}
    assert all((ROOT / path).is_dir() for path in moved) and not moved & set(run_tests.LIBRARY)
    assert run_tests.command(("a", "b"), ["-x"])[1:] == ["-m", "pytest", "a", "b", "-x"]


def test_quick_leaves_out_the_slow_ones(run_tests: ModuleType) -> None:
    assert run_tests.command(("a",), ["--quick", "-x"])[1:] == ["-m", "pytest", "a", "-m", "not slow", "-x"]


def test_no_two_test_files_share_a_name() -> None:
    """One process of pytest could not collect both: their folders are no packages."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []
