"""Without the extras, every codec and coder works, and what needs an extra says which."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from core_only import DEPENDENCIES
from sample_clouds import ROOT

from octavox.codec.codecs.registry import attribute_coder_infos, codec_names
from octavox.codec.formats import cloud_suffixes

PROGRAM = ROOT / "tests" / "support" / "core_only.py"


@pytest.mark.slow
@pytest.mark.timeout(900)  # on a new machine it compiles everything
def test_the_library_needs_nothing_but_its_dependencies(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), "--blocked"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=880,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(codec_names()) <= set(found["round trips"])
    named = {f"{word} {info.name}" for info in attribute_coder_infos() for word in ("encode", "decode")}
    assert set(found["coders"]) == named
    assert len(found["archives"]) == len(set(cloud_suffixes(writing=True)) - {".e57", ".gz"}) + 1
    assert set(found["refusals"]) == {"gui", "open3d", "rendered", "e57", "batch", "torch"}
    assert set(found["loaded"]) <= DEPENDENCIES


def test_the_program_lists_the_dependencies_of_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    part = text[text.index("\ndependencies = [") : text.index("[project.urls]")]
    named = {line.strip(' ",').split(">=")[0] for line in part.splitlines() if line.startswith("    ")}
    assert named | {"llvmlite"} == DEPENDENCIES  # numba brings llvmlite
