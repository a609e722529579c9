"""Levels that the decoder guesses: the same voxels everywhere, and what reports say of them is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import upsampler_reference
from forge import with_chunk

import octavox as ov
from octavox.codec.certificate import voxel_digest
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.upsampling.nearest import distance
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError, InputError
from octavox.codec.files.source import open_source
from octavox.codec.job import JobContext
from octavox.codec.lossy.levels import level_counts, regrown, thinned
from octavox.codec.stream.chunks import Kind
from octavox.codec.stream.header import NO_WEIGHTS
from octavox.codec.stream.reader import StreamReader
from octavox.resources import FOLDER

CODECS = ("octree", "multiscale", "voxeldnn")


def sphere(radius: int, seed: int = 1, points: int = 30_000) -> np.ndarray:
    """Unique voxels (N, 3) int32 of a sphere with some noise."""
    rng = np.random.default_rng(seed)
    v = rng.normal(size=(points, 3))
    v *= (radius + 0.3 * rng.normal(size=(points, 1))) / np.linalg.norm(v, axis=1, keepdims=True)
    return np.unique(np.round(v + radius + 3).astype(np.int32), axis=0)


def brute_d1(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """(MSE, Hausdorff) of two sets of voxels, by all distances."""
    squared = ((a[:, None].astype(np.int64) - b[None]) ** 2).sum(-1)
    forth, back = squared.min(1), squared.min(0)
    return max(forth.mean(), back.mean()), float(np.sqrt(max(forth.max(), back.max())))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("levels", [1, 2, 4])
def test_the_decoder_has_the_voxels_that_the_encoder_measured(codec: str, levels: int) -> None:
    coords = sphere(24, points=6000)
    cloud = ov.PointCloud(coords)
    result = ov.encode(cloud, options=ov.CodecOptions(codec=codec), drop_levels=levels)
    back = ov.decode(result.data)
    assert result.report.level == back.report.level == "lossy"
    assert np.array_equal(result.voxels.coords, back.voxels.coords)
    assert voxel_digest(back.voxels.coords)[:16] == back.header.guess.digest.hex()
    mse, most = brute_d1(coords, back.cloud.coords)
    said = result.report.lossy
    assert said.levels == levels
    assert mse <= said.d1_mse <= mse * (1 + 1e-6)
    assert most <= said.hausdorff <= most * (1 + 1e-6)
    certificate = ov.verify(cloud, result.data)
    assert certificate.kept and not certificate.identical
    assert certificate.lossy.d1_mse == pytest.approx(mse, rel=1e-12)
    assert result.report.points == len(back.cloud) == back.blocks.points.sum()


@pytest.mark.parametrize("levels", [0.5, 2])
@pytest.mark.parametrize("slices", [1, 3])
def test_the_bytes_and_voxels_are_those_of_any_number_of_threads(slices: int, levels: float) -> None:
    cloud = ov.PointCloud(sphere(140))
    found = [
        ov.encode(
            cloud, options=ov.CodecOptions(codec="octree", threads=threads, slices=slices), drop_levels=levels
        )
        for threads in (1, 2, 5)
    ]
    assert len({one.data for one in found}) == 1
    voxels = [ov.decode(found[0].data, options=ov.CodecOptions(threads=t)).voxels for t in (1, 3)]
    assert np.array_equal(voxels[0].coords, voxels[1].coords)


def test_a_fresh_process_decodes_the_same(tmp_path: Path) -> None:
    result = ov.encode(ov.PointCloud(sphere(30)), options=ov.CodecOptions(codec="octree"), drop_levels=1)
    stream = tmp_path / "a.ovx"
    ov.save_stream(stream, result.data)
    program = (
        "import sys, octavox as ov; from octavox.codec.certificate import voxel_digest;"
        "print(voxel_digest(ov.decode(sys.argv[1]).voxels.coords))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program, str(stream)], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == voxel_digest(result.voxels.coords)


def test_slices_come_back_alone() -> None:
    cloud = ov.PointCloud(sphere(140))
    result = ov.encode(cloud, options=ov.CodecOptions(codec="octree", slices=4), drop_levels=1)
    whole = ov.decode(result.data)
    parts = [ov.decode(result.data, slices=[k]).voxels.coords for k in range(4)]
    assert sum(map(len, parts)) == len(whole.voxels)
    together = np.concatenate(parts)
    order = np.argsort(morton_encode(together))
    assert np.array_equal(together[order], whole.voxels.coords)


def test_a_region_has_the_points_of_the_whole_that_lie_in_it() -> None:
    result = ov.encode(
        ov.PointCloud(sphere(140)), options=ov.CodecOptions(codec="octree", slices=4), drop_levels=2
    )
    whole, box = ov.decode(result.data).cloud.coords, (0.0, 0.0, 0.0, 120.0, 140.0, 150.0)
    inside = whole[((whole >= box[:3]) & (whole <= box[3:])).all(1)]
    found = ov.decode(result.data, region=box).cloud.coords
    assert len(found) and np.array_equal(found, inside)


def test_sparse_clouds_are_not_guessed() -> None:
    coords = np.unique(np.random.default_rng(1).integers(0, 1 << 12, (2000, 3)).astype(np.int32), axis=0)
    result = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec="octree"), drop_levels=3)
    guess = ov.decode(result.data).header.guess
    assert guess.weights_id == NO_WEIGHTS and not result.report.lossy.guessed
    offset = np.abs(ov.decode(result.data).cloud.coords.astype(int) % 8 - 4)
    assert offset.max() == 0


def test_properties_are_those_of_the_nearest_originals() -> None:
    coords = sphere(30)
    half = (coords[:, 0] > 33).astype(np.uint8)
    cloud = ov.PointCloud(
        coords, attributes={"red": 200 * half, "label": half.astype(np.int16), "t": coords[:, 1].astype("f8")}
    )
    back = ov.decode(ov.encode(cloud, options=ov.CodecOptions(codec="octree"), drop_levels=1).data).cloud
    assert list(back.attributes) == ["red", "label", "t"]
    far = np.abs(back.coords[:, 0] - 33.5) > 3
    right = (back.coords[:, 0] > 33).astype(int)
    assert np.array_equal(back.attributes["label"][far], right[far])
    assert np.array_equal(back.attributes["red"][far], 200 * right[far])
    assert np.abs(back.attributes["t"] - back.coords[:, 1]).max() <= 3


def test_more_levels_take_fewer_bytes_and_are_farther_away() -> None:
    cloud = ov.PointCloud(sphere(100, points=100_000))
    found = [
        ov.encode(cloud, options=ov.CodecOptions(codec="octree"), drop_levels=k).report for k in (1, 2, 3)
    ]
    assert [r.bytes for r in found] == sorted((r.bytes for r in found), reverse=True)
    assert [r.lossy.d1_mse for r in found] == sorted(r.lossy.d1_mse for r in found)


def test_more_points_than_the_source_had_come_back_where_that_is_nearer() -> None:
    """Of three levels, guesses alone miss more voxels than they invent."""
    coords = sphere(100, points=100_000)
    voxels = ov.voxelize(ov.PointCloud(coords))[0]
    for source in (ov.PointCloud(coords), voxels):
        result = ov.encode(source, options=ov.CodecOptions(codec="octree"), drop_levels=3)
        back = ov.decode(result.data)
        assert len(coords) < len(back.cloud) == back.report.points <= 1.15 * len(coords)
        info = ov.info(result.data)
        assert info.input_points == result.report.input_points == back.report.input_points == len(coords)
        assert info.merged == 0 and ov.verify(source, result.data).kept
    base = thinned(voxels, 3)
    rows, job, options = [slice(0, len(base))], JobContext(), ov.CodecOptions()
    as_many = regrown(base.coords, rows, 3, level_counts(voxels, base, rows, 3), options, job)
    assert len(as_many.coords) == len(coords)
    assert distance(voxels.coords, as_many.coords, 16, job).mse > 1.01 * result.report.lossy.d1_mse


def test_levels_and_records_exclude_each_other() -> None:
    for keep in ("records", "file"):
        with pytest.raises(InputError, match="levels"):
            ov.encode(ov.PointCloud(sphere(10)), drop_levels=1, keep=keep)
    with pytest.raises(InputError, match="drop levels"):
        ov.encode(ov.PointCloud(sphere(10)), drop_levels=5)


@pytest.mark.parametrize("coords", [np.zeros((0, 3), np.int32), np.array([[5, 6, 7]], np.int32)])
def test_clouds_of_none_and_one_point(coords: np.ndarray) -> None:
    result = ov.encode(ov.PointCloud(coords), options=ov.CodecOptions(codec="octree"), drop_levels=2)
    assert len(ov.decode(result.data).cloud) == len(coords)


def test_every_flipped_bit_is_an_error_or_changes_nothing() -> None:
    result = ov.encode(ov.PointCloud(sphere(8, points=300)), drop_levels=2)
    voxels = result.voxels.coords
    for byte in range(len(result.data)):
        damaged = bytearray(result.data)
        damaged[byte] ^= 1 << (byte % 8)
        try:
            found = ov.decode(bytes(damaged)).voxels.coords
        except ov.OctavoxError:
            continue
        assert np.array_equal(found, voxels)


@pytest.mark.parametrize("change", [-1, 1, 1 << 20])
def test_wrong_counts_with_a_right_checksum_are_refused(change: int) -> None:
    result = ov.encode(ov.PointCloud(sphere(20)), options=ov.CodecOptions(codec="octree"), drop_levels=1)
    data = with_chunk(result.data, Kind.GUESS, varint(max(result.report.points + change, 0)))
    with pytest.raises(CorruptStreamError) as error:
        ov.decode(data)
    assert "guess" in (error.value.field or "")


def test_a_decoder_made_from_the_document_finds_the_same_voxels() -> None:
    coords = sphere(9, points=900)
    result = ov.encode(
        ov.PointCloud(coords), options=ov.CodecOptions(codec="octree", threads=1), drop_levels=2
    )
    stream = StreamReader(open_source(result.data))
    assert stream.header.guess.weights_id != NO_WEIGHTS
    base = ov.decode(result.data, lod=stream.header.coded_depth).voxels.coords
    payload = ByteReader(stream.payload(stream.part(Kind.GUESS, 0, 0)))
    counts = [payload.varint("count") for _ in range(2)]
    cells = [(int(x), int(y), int(z)) for x, y, z in base]
    found = upsampler_reference.guessed(FOLDER / "weights" / "upsampler.safetensors", cells, counts)
    assert np.array_equal(np.array(found), result.voxels.coords)
