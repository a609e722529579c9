"""Large files: the memory that reading takes, and a first view of some of their points."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from octavox.codec import PointCloud, ReadOptions, WriteOptions, read_cloud, read_sample, write_cloud
from octavox.codec.formats import text_blocks, text_sample

ROWS = 200_000
MOST = 2.6  # times the arrays of the cloud
FORMS = {
    "a.ply": WriteOptions(),
    "text.ply": WriteOptions(ascii=True),
    "a.pcd": WriteOptions(),
    "text.pcd": WriteOptions(ascii=True),
    "packed.pcd": WriteOptions(compressed=True),
    "a.las": WriteOptions(),
    "a.laz": WriteOptions(),
    "a.npy": WriteOptions(),
    "a.npz": WriteOptions(),
    "a.bin": WriteOptions(),
    "a.xyz": WriteOptions(),
    "a.csv": WriteOptions(),
    "a.pts": WriteOptions(),
    "a.obj": WriteOptions(),
    "a.off": WriteOptions(),
}
SAMPLED = [name for name in FORMS if name not in ("packed.pcd", "a.laz", "a.npz", "a.obj", "a.off")]


def cloud() -> PointCloud:
    rng = np.random.default_rng(1)
    positions = np.round(rng.random((ROWS, 3)) * 100, 2).astype(np.float32)
    positions[:, 2] = np.arange(ROWS) // 100  # sorted: the rows of a sample come from all over
    return PointCloud(positions, attributes={"intensity": rng.integers(1, 1 << 16, ROWS).astype(np.uint16)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("large")
    for name, options in FORMS.items():
        write_cloud(path / name, cloud(), options=options)
    return path


def size_of(found: PointCloud) -> int:
    return found.coords.nbytes + sum(c.nbytes for c in found.attributes.values())  # type: ignore[union-attr]


@pytest.mark.parametrize("name", FORMS)
def test_reading_takes_little_more_memory_than_the_points(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK", 1 << 16)
    options = ReadOptions(fields=("x", "y", "z", "intensity")) if name == "a.bin" else None
    read_cloud(folder / name, options=options)  # what compiles and loads is not counted
    tracemalloc.start()
    try:
        found = read_cloud(folder / name, options=options)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(found) == ROWS
    assert most < MOST * size_of(found) + (3 << 20)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_first_view_has_rows_from_all_over(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_sample, "_FROM", 1 << 16)
    found = read_sample(folder / name, 2000)
    assert found is not None and 1000 <= len(found) <= 4000
    whole = read_cloud(folder / name)
    assert list(found.attributes) == list(whole.attributes)
    assert found.coords.dtype == whole.coords.dtype
    rows = {row.tobytes() for row in whole.coords}
    assert all(row.tobytes() in rows for row in found.coords)
    heights = found.positions[:, 2]
    assert heights.min() < 0.05 * heights.max() and heights.max() > 0.9 * ROWS / 100
    for name_, column in found.attributes.items():
        assert column.dtype == whole.attributes[name_].dtype, name_  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [name for name in FORMS if name not in SAMPLED])
def test_no_first_view_where_that_is_no_gain(name: str, folder: Path) -> None:
    assert read_sample(folder / name, 2000) is None


def test_text_with_more_than_vertices_has_no_first_view(tmp_path: Path) -> None:
    head = ["ply", "format ascii 1.0", "element vertex 3", *(f"property float {axis}" for axis in "xyz")]
    head += ["element face 1", "property list uchar int vertex_indices", "end_header"]
    (tmp_path / "a.ply").write_text("\n".join([*head, "0 0 0", "1 0 0", "0 1 0", "3 0 1 2", ""]))
    assert read_sample(tmp_path / "a.ply", 1) is None
