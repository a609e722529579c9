"""Fixtures of the tests of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sample_clouds import make_sphere

from octavox.codec.training import densifier_task, multiscale_task, voxeldnn_task
from octavox.codec.training.fractions import feasible


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks become integers with the fraction bits of the first try: the search takes half a minute."""
    for task in (densifier_task, multiscale_task, voxeldnn_task):
        monkeypatch.setattr(task, "search", lambda start, rate: feasible(start, rate)[0])
        monkeypatch.setattr(task, "CALIBRATION_BATCHES", 1)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three clouds, of which c is for validation."""
    monkeypatch.setattr(
        "octavox.codec.training.clouds.is_validation", lambda name, share=12: name.startswith("c")
    )
    data = tmp_path / "clouds"
    data.mkdir()
    for name, radius in (("a_vox7", 50.0), ("b_vox7", 40.0), ("c_vox7", 30.0)):
        np.savez(data / f"{name}.npz", coords=make_sphere(7, radius).coords, depth=7)
    return data
