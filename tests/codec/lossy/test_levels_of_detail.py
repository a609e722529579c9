"""Levels of detail: the first levels of a stream alone, and no more bytes than they take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from test_guessed_levels import sphere

import octavox as ov
from octavox.codec.errors import CorruptStreamError, InputError
from octavox.codec.stream import level_ends
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.reader import StreamReader


def cells_of(coords: np.ndarray, below: int) -> np.ndarray:
    """Distinct cells `below` levels above voxels, sorted by x, y, z."""
    return np.unique(coords >> below, axis=0)


@pytest.mark.parametrize(
    ("codec", "slices"),
    [
        ("octree", None),
        ("octree", 3),
        ("multiscale", None),
        ("multiscale", 3),
        pytest.param("voxeldnn", None, marks=pytest.mark.slow),  # it has no slices
    ],
)
def test_every_level_has_the_cells_of_the_cloud(codec: str, slices: int | None) -> None:
    coords = sphere(50, points=8000)
    options = ov.CodecOptions(codec=codec, slices=slices)
    data = ov.encode(ov.PointCloud(coords), options=options).data
    depth = ov.decode(data).header.depth
    for level in range(1, depth + 1):
        found = ov.decode(data, lod=level)
        below = depth - level
        wanted = cells_of(coords, below)
        assert found.report.lod == found.voxels.depth == level and found.report.points == len(wanted)
        assert np.array_equal(np.unique(found.voxels.coords, axis=0), wanted)
        middles = (wanted << below) + ((1 << below) >> 1)
        assert np.array_equal(np.unique(found.cloud.coords, axis=0), middles)
        assert np.allclose(found.voxels.positions, found.cloud.positions)
    assert ov.decode(data, lod=depth + 5).report.lod == depth


def test_levels_of_coordinates_with_a_scale_lie_where_the_points_do() -> None:
    coords = sphere(40) / 100 + 500_000.25
    data = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec="octree")).data
    found = ov.decode(data, lod=5)
    assert np.allclose(found.voxels.positions, found.cloud.positions, atol=1e-6)
    away = np.abs(found.cloud.positions[:, None] - coords[None, ::50]).max(-1).min(1)
    assert away.max() < 0.2


def test_a_prefix_is_read_and_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("octavox.codec.pipeline.LEVELS_FROM", 1)
    coords = sphere(100, points=60_000)
    for slices in (1, 2):
        data = ov.encode(
            ov.PointCloud(coords), options=ov.CodecOptions(codec="multiscale", slices=slices)
        ).data
        depth = ov.decode(data).header.depth
        read = [ov.decode(data, lod=level).report.bytes for level in range(1, depth + 1)]
        assert read == sorted(read) and read[-3] < read[-1] / 3
        for level in range(1, depth + 1):
            assert len(ov.decode(data, lod=level).cloud) == len(cells_of(coords, depth - level))
    path = tmp_path / "a.ovx"
    ov.save_stream(path, data)
    entry = StreamReader(ov.codec.files.source.open_source(path)).slices[0]
    for at, noticed in ((entry.first_byte + 3, True), (entry.first_byte + entry.length - 2, False)):
        damaged = bytearray(data)
        damaged[at] ^= 4
        if noticed:
            with pytest.raises(CorruptStreamError, match="checksum"):
                ov.decode(bytes(damaged), lod=depth - 2)
        else:
            assert len(ov.decode(bytes(damaged), lod=depth - 2).cloud) == len(cells_of(coords, 2))


def test_what_a_slice_says_of_its_levels_comes_back() -> None:
    payload = bytes(range(256)) * 4
    packed = level_ends.pack_levels(payload, [9, 20, 20, 300, 1030])
    found = level_ends.parse_levels(packed, "levels 0", 0)
    assert {k: end for k, (end, _) in found.items()} == {1: 9, 2: 20, 3: 20, 4: 300}
    for end, crc in found.values():
        assert level_ends.checked_prefix(payload[:end], crc, "slice 0", 0) == payload[:end]


@pytest.mark.parametrize(("lod", "words"), [(0, "levels"), (-3, "levels"), (2.5, "whole number")])
def test_levels_that_are_none(lod: object, words: str) -> None:
    data = ov.encode(ov.PointCloud(sphere(10)), options=ov.CodecOptions(codec="octree")).data
    with pytest.raises(InputError, match=words):
        ov.decode(data, lod=lod)  # type: ignore[arg-type]


def test_levels_are_of_the_whole_stream() -> None:
    data = ov.encode(ov.PointCloud(sphere(10)), options=ov.CodecOptions(codec="octree")).data
    with pytest.raises(InputError, match="lod"):
        ov.decode(data, lod=2, slices=[0])


def test_levels_of_a_lossy_stream_end_where_guesses_begin() -> None:
    coords = sphere(50)
    data = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec="octree"), drop_levels=2).data
    header = ov.decode(data).header
    found = ov.decode(data, lod=header.depth)
    assert found.report.lod == header.coded_depth == header.depth - 2
    assert np.array_equal(np.unique(found.voxels.coords, axis=0), cells_of(coords, 2))


def test_the_chunk_is_one_that_older_readers_pass_over() -> None:
    assert Kind.LEVELS >= 64


@pytest.mark.parametrize("codec", ["octree", "multiscale"])
@pytest.mark.parametrize("dropped", [0.5, 1.5])
def test_a_level_that_is_coded_in_part_has_its_guesses(codec: str, dropped: float) -> None:
    coords = sphere(50, points=8000)
    data = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec=codec), drop_levels=dropped).data
    header = ov.decode(data).header
    found = ov.decode(data, lod=header.coded_depth).voxels.coords
    assert len(found) == header.coded_points
    below = int(dropped)
    shared = set(map(tuple, found.tolist())) & set(map(tuple, (coords >> below).tolist()))
    assert 0.6 * len(found) < len(shared) < len(found)  # some are wrong guesses
    parents = ov.decode(data, lod=header.coded_depth - 1).voxels.coords
    assert np.array_equal(np.unique(found >> 1, axis=0), np.unique(parents, axis=0))
    assert np.array_equal(np.unique(parents, axis=0), cells_of(coords, below + 1))


@pytest.mark.parametrize("codec", ["octree", "multiscale"])
@pytest.mark.parametrize("dropped", [0.5, 1.5])
def test_every_level_of_a_stream_that_is_guessed_in_part(codec: str, dropped: float) -> None:
    """Also the level that is coded in part, whose guesses are those of the whole stream."""
    coords = sphere(24, points=8000)
    data = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec=codec), drop_levels=dropped).data
    whole = ov.decode(data)
    codes, depth = ov.morton_encode(whole.voxels.coords), whole.header.depth
    coded = depth - int(dropped)
    levels = ov.stream_levels(data)
    assert (levels.codec, levels.level, levels.depth) == (codec, "lossy", depth)
    assert len(levels.bytes) == coded
    for level in range(1, coded + 1):
        found = ov.decode(data, lod=level)
        nodes = np.unique(codes >> 3 * (depth - level))
        assert np.array_equal(ov.morton_encode(found.voxels.coords), nodes)
        assert found.report.bytes == levels.bytes[level - 1]


@pytest.mark.parametrize(("dropped", "kinds"), [(0.5, {0, 1}), (1.0, {1}), (1.5, {1, 2}), (2.0, {2})])
def test_a_decoder_says_which_voxels_are_guesses(dropped: float, kinds: set[int]) -> None:
    coords = sphere(24, points=8000)
    back = ov.decode(ov.encode(ov.PointCloud(coords), drop_levels=dropped).data)
    assert len(back.guessed) == len(back.voxels) and set(np.unique(back.guessed).tolist()) == kinds
    ours, theirs = ov.morton_encode(coords), ov.morton_encode(back.voxels.coords)
    wrong = ~np.isin(theirs, ours)
    assert wrong.any() and not wrong[back.guessed == 0].any()
    sure = np.isin(theirs >> 3, ours >> 3)  # the node above a voxel that is a guess by one level was coded
    assert sure[back.guessed == 1].all()
    assert ov.decode(ov.encode(ov.PointCloud(coords)).data).guessed is None
    assert (
        ov.stream_levels(ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec="voxeldnn")).data)
        is None
    )
