"""Bits by octree level: they add up to those of the blocks, and both sides count the same."""

from __future__ import annotations

import json

import numpy as np
import pytest
from command_line import run

from octavox import codec
from octavox.codec import morton_encode
from octavox.codec.codecs.geometry.octree.codec import CODEC
from octavox.codec.job import JobContext


def cloud(depth: int = 6, n: int = 900) -> codec.VoxelCloud:
    coords = np.unique(np.random.default_rng(4).integers(0, 1 << depth, (n, 3)), axis=0)
    return codec.VoxelCloud(coords[np.argsort(morton_encode(coords))].astype(np.int32), depth)


@pytest.mark.parametrize("name", ["octree", "multiscale"])
@pytest.mark.parametrize("slices", [1, 3])
def test_levels_add_up_to_the_geometry(name, slices) -> None:
    options = codec.CodecOptions(codec=name, slices=slices)
    made = codec.encode(cloud(), options=options)
    bits = made.report.bits
    assert len(bits.levels) == 6 and min(bits.levels) > 0
    assert np.isclose(sum(bits.levels), bits.occupancy + bits.flags, rtol=1e-9)
    assert codec.decode(made.data).report.bits.levels == bits.levels
    assert codec.info(made.data, blocks=True).bits.levels == bits.levels


def test_they_are_what_a_decoder_reads() -> None:
    """Up to each level a decoder reads the bits of the levels, and at most a few bytes in advance."""
    coded = CODEC.encode(cloud(), codec.CodecOptions(codec="octree", slices=1), JobContext(None, None))
    (ends,), upto = coded.level_ends, np.cumsum(coded.level_bits)
    assert len(ends) == len(upto) == 6
    ahead = [8 * end - bits for end, bits in zip(ends, upto, strict=True)]
    assert all(-8 < bits <= 128 for bits in ahead), ahead


def test_the_first_level_by_hand() -> None:
    """The root's children are the first eight symbols; a cloud of depth 1 holds nothing else."""
    points = codec.VoxelCloud(np.array([[0, 0, 0], [1, 1, 1]], np.int32), 1)
    bits = codec.encode(points, options=codec.CodecOptions(codec="octree")).report.bits
    assert len(bits.levels) == 1
    assert bits.levels[0] == bits.occupancy + bits.flags


def test_codecs_that_code_by_block_have_none() -> None:
    small = cloud(3, 40)
    assert codec.encode(small, options=codec.CodecOptions(codec="voxeldnn")).report.bits.levels == ()


def test_the_command_line_tells_them(tmp_path, capsys) -> None:
    path = tmp_path / "a.ovx"
    made = codec.encode(cloud(), options=codec.CodecOptions(codec="octree"))
    path.write_bytes(made.data)
    assert run("info", "--json", "--blocks", path) == 0
    assert json.loads(capsys.readouterr().out)["bits"]["levels"] == list(made.report.bits.levels)
    assert run("info", "--blocks", path) == 0
    table = capsys.readouterr().out.split("of the geometry\n")[1].splitlines()
    assert [int(line.split()[0]) for line in table[:6]] == [1, 2, 3, 4, 5, 6]
