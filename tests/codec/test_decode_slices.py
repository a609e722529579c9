"""Decoding some slices of a stream: the very voxels and blocks that the whole decode has there."""

from __future__ import annotations

from dataclasses import replace

import forge
import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere

from octavox import codec
from octavox.codec.cli.main import main
from octavox.codec.codecs.geometry.multiscale.codec import CODEC as MULTISCALE
from octavox.codec.codecs.geometry.octree import codec as octree_codec
from octavox.codec.codecs.geometry.octree.codec import CODEC as OCTREE
from octavox.codec.codecs.registry import get_codec
from octavox.codec.job import JobContext


@pytest.fixture(params=["octree", "multiscale", "voxeldnn"])
def stream(request, monkeypatch) -> bytes:
    """A stream of several slices."""
    monkeypatch.setattr(OCTREE, "slice_points", 2_000)
    monkeypatch.setattr(MULTISCALE, "slice_points", 2_000)
    for name in ("ONE_SLICE", "SLICE_BLOCKS"):
        monkeypatch.setattr(f"octavox.codec.codecs.geometry.voxeldnn.codec.{name}", 10)
    rng = np.random.default_rng(3)
    corners = rng.integers(0, 12, (45, 1, 3)) * 64
    points = (corners + rng.integers(0, 9, (45, 120, 3))).reshape(-1, 3)
    cloud, _ = codec.voxelize(codec.PointCloud(points.astype(np.int64)), depth=10)
    return codec.encode(cloud, options=codec.CodecOptions(codec=request.param, max_level=1)).data


def count(data: bytes) -> int:
    return sum(section.name.startswith("slice") for section in codec.info(data).sections)


def test_slices_alone_are_those_of_the_whole(stream: bytes) -> None:
    whole, slices = codec.decode(stream), count(stream)
    assert slices > 1
    owner = whole.blocks.slice
    for wanted in ([0], [slices - 1], [slices - 1, 0, 0], list(range(slices))):
        part = codec.decode(stream, slices=wanted)
        rows = np.isin(owner, wanted)
        assert np.array_equal(part.blocks.origin, whole.blocks.origin[rows])
        assert np.array_equal(part.blocks.bits, whole.blocks.bits[rows])
        inside = np.zeros(len(whole.cloud), bool)
        for low, size in zip(whole.blocks.origin[rows], whole.blocks.size[rows]):
            inside |= np.all((whole.cloud.coords >= low) & (whole.cloud.coords < low + size), axis=1)
        assert np.array_equal(part.cloud.coords, whole.cloud.coords[inside])
        assert part.report.points == len(part.cloud)
        assert part.report.bytes < whole.report.bytes
        bits = part.report.bits
        owned = bits.occupancy + bits.flags + sum(bits.side.values())
        assert abs(bits.total - owned) < 0.001 * bits.total + 16 * len(set(wanted))


def test_damage_elsewhere_does_not_matter(stream: bytes) -> None:
    entries = [e for e in forge.parse(stream).entries if e.name.startswith("slice")]
    broken = bytearray(stream)
    broken[entries[1].first_byte] ^= 1
    with pytest.raises(codec.CorruptStreamError):
        codec.decode(bytes(broken))
    with pytest.raises(codec.CorruptStreamError):
        codec.decode(bytes(broken), slices=[1])
    part = codec.decode(bytes(broken), slices=[0])
    assert np.array_equal(part.cloud.coords, codec.decode(stream, slices=[0]).cloud.coords)


@pytest.mark.parametrize("wrong", [[-1], [99], [0, 99]])
def test_a_slice_that_is_not_there_is_named(stream: bytes, wrong: list[int]) -> None:
    with pytest.raises(codec.InputError) as error:
        codec.decode(stream, slices=wrong)
    assert error.value.field == "slices"


def test_no_slices_are_no_voxels(stream: bytes) -> None:
    part = codec.decode(stream, slices=[])
    assert len(part.cloud) == len(part.blocks) == 0


@pytest.mark.parametrize("name", ["octree", "multiscale"])
def test_slices_that_overlap_are_refused_at_the_second(monkeypatch, name: str) -> None:
    """Not when all are decoded: a small file can repeat one slice many times."""
    points = make_sphere(6, 20.0)
    options = codec.CodecOptions(codec=name, threads=1)
    coder = get_codec(name)
    stream = coder.encode(points, options, JobContext()).stream
    many = replace(stream, points=50 * stream.points, sections=50 * stream.sections, wanted=None)
    decoded = []
    original = octree_codec.decode_slice
    monkeypatch.setattr(octree_codec, "decode_slice", lambda *a: decoded.append(1) or original(*a))
    with pytest.raises(codec.CorruptStreamError, match="overlap") as error:
        coder.decode(many, options, JobContext())
    assert error.value.field == "slice 1"
    assert len(decoded) == 2


def test_encode_takes_a_number_of_slices(tmp_path, capsys) -> None:
    sample, stream = ROOT / "resources" / "samples" / "spot_vox8.ply", tmp_path / "sample.ovx"
    whole = codec.encode(codec.read_cloud(sample)).data
    assert count(whole) == 1
    assert main(["encode", str(sample), "-o", str(stream), "--slices", "4"]) == 0
    assert count(stream.read_bytes()) == 4
    assert len(whole) < stream.stat().st_size < 1.2 * len(whole)
    assert main(["verify", str(sample), str(stream)]) == 0
    assert main(["decode", str(stream), "-o", str(tmp_path / "part.ply"), "--slice", "3"]) == 0
    assert main(["encode", str(sample), "-o", str(stream), "--slices", "1000"]) == 2
    assert "1000 slices" in capsys.readouterr().err
