"""The examples in the public docstrings run, and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest
from sample_clouds import ROOT

FOLDER = ROOT / "codec"
PAGES = [path for path in sorted(FOLDER.rglob("*.py")) if ">>> " in path.read_text("utf-8")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(FOLDER).as_posix())
def test_examples_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parts = page.relative_to(FOLDER).with_suffix("").parts
    name = ".".join(("octavox.codec", *(part for part in parts if part != "__init__")))
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0 and found.failed == 0


def test_the_library_has_examples() -> None:
    assert len(PAGES) >= 4
