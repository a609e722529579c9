"""The check of a machine with a GPU: what it says without one; its parts, the CPU in the GPU's place."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from bench import gpu
from octavox import codec


def has_gpu() -> bool:
    return not gpu.missing()


@pytest.mark.skipif(has_gpu(), reason="needs a machine without a GPU")
def test_without_a_gpu_it_says_so_and_checks_nothing(capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gpu, "parity", lambda *given: pytest.fail("it checks"))
    assert gpu.main([]) == gpu.NO_GPU == 3
    out, err = capfd.readouterr()
    assert out == "" and err.startswith("No GPU: ") and err.endswith(" Nothing was checked.\n")


@pytest.fixture
def in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """The CPU stands for the GPU."""
    monkeypatch.setattr(gpu, "missing", lambda: "")
    monkeypatch.setattr(gpu, "GPU", "cpu")


def said(monkeypatch: pytest.MonkeyPatch, differences: list[str]) -> None:
    monkeypatch.setattr(gpu, "parity", lambda device, codecs, clouds: (7, list(differences)))
    monkeypatch.setattr(gpu, "figures", lambda device, points, rounds: [])


def test_a_difference_is_the_exit_code(in_its_place, monkeypatch, capsys) -> None:
    said(monkeypatch, [])
    assert gpu.main([]) == 0
    assert capsys.readouterr().out.endswith("The GPU gives what the CPU gives.\n")
    said(monkeypatch, ["case 3: 1 threads, cuda: another stream"])
    assert gpu.main([]) == 1
    assert "CPU and GPU: 7 comparisons, 1 differences\n" in capsys.readouterr().out


def test_training_goes_on_from_the_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def octavox(*words: object) -> SimpleNamespace:
        asked.append(words)
        (tmp_path / "log.jsonl").write_text('{"step": 50, "bits": 0.5}\n')
        return SimpleNamespace()

    monkeypatch.setattr(gpu, "octavox", octavox)
    rows = gpu.training(Path("clouds"), tmp_path, 10, "cuda")
    (tmp_path / "checkpoint.pt").write_bytes(b"state")
    gpu.training(Path("clouds"), tmp_path, 10, "cuda")
    assert rows == [{"step": 50, "bits": 0.5}]
    first, again = asked
    assert first[-2:] == ("--start", gpu.WEIGHTS) and "--start" not in again
    assert again[: len(again)] == first[: len(again)] and first[first.index("--device") + 1] == "cuda"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A file of a few voxels."""
    path = tmp_path / "small.ply"
    coords = np.stack(np.unravel_index(np.arange(400), (20, 20)), 1)
    codec.write_ply(path, codec.PointCloud(np.column_stack([coords, coords.sum(1) // 5])))
    return path


@pytest.mark.slow
def test_times_take_turns_and_give_a_ratio(small: Path) -> None:
    row = gpu.times(small, "octree", 1, "cpu", 1)
    for what in ("encode", "decode"):
        assert row["ratios"][what] == round(row["gpu"][what] / row["cpu"][what], 3) > 0


@pytest.mark.slow
def test_parity_compares_and_finds_what_fails() -> None:
    assert gpu.parity("cpu", ["octree"], 1, small=True) == (3 * 5, [])
    compared, wrong = gpu.parity("abacus", ["multiscale"], 0, small=True)
    assert compared == 2 * 5 and any("abacus" in words for words in wrong)


@pytest.mark.slow
def test_the_shipped_weights_give_one_stream(small: Path) -> None:
    assert gpu.same_with(gpu.WEIGHTS, "cpu", small) == []
