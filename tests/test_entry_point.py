"""What `octavox` does with words that are no command."""

from __future__ import annotations

from pathlib import Path

import pytest

from octavox import __main__ as entry_point


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The command lines that are run; in a folder with two files."""
    found: list[list[str]] = []

    def run(args: list[str]) -> int:
        found.append(args)
        return 0

    monkeypatch.setattr(entry_point, "_command_line", run)
    monkeypatch.chdir(tmp_path)
    for name in ("a.ply", "b.ply"):
        Path(name).write_bytes(b"")
    return found


@pytest.mark.parametrize("names", [["a.ply"], ["a.ply", "b.ply"]])
def test_files_open_in_the_window(asked: list[list[str]], names: list[str]) -> None:
    assert entry_point._run(names) == 0
    assert asked == [["gui", "--", *names]]


def test_other_words_are_a_command_line(asked: list[list[str]]) -> None:
    assert entry_point._run(["a.ply", "lost.ply"]) == 0
    assert asked == [["a.ply", "lost.ply"]]


def test_a_file_that_is_not_there(asked: list[list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert entry_point._run(["lost.ply"]) == 2
    assert asked == [] and "lost.ply" in capsys.readouterr().err
