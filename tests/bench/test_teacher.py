"""The teacher: what it is given is the codec's own, and it sees only what a decoder knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from sample_clouds import make_sphere

from bench import teacher, teacher_data
from bench.teacher_net import Teacher
from octavox import codec
from octavox.codec.training.clouds import TrainingCloud

EDGE = 12
OCTANTS = np.stack(np.unravel_index(np.arange(8), (2, 2, 2)), 1)


@pytest.fixture(scope="module")
def sphere() -> codec.VoxelCloud:
    return make_sphere(6, 25.0)


@pytest.fixture(scope="module")
def coded(sphere: codec.VoxelCloud) -> teacher_data.CodedCloud:
    return teacher_data.coded_cloud(TrainingCloud("sphere", np.asarray(sphere.coords), sphere.depth))


def whole(level: teacher_data.CodedLevel) -> list[teacher_data.Patch]:
    found = [teacher_data.patch_of(level, low, EDGE) for low in teacher_data.tiles(level, EDGE)]
    return [patch for patch in found if patch is not None]


def test_the_bits_of_levels_are_those_of_the_stream(sphere, coded) -> None:
    data = codec.encode(sphere, options=codec.CodecOptions(codec="multiscale")).data
    assert coded.points == len(sphere) and coded.bits <= 8 * len(data)
    finest, above = (teacher_data.codec_bits(level) for level in coded.levels)
    assert 0 < above < finest and finest + above < coded.bits
    for level in coded.levels:
        own = 2 * level.nodes[:, None].astype(np.int64) + OCTANTS
        wanted = np.unique(np.asarray(sphere.coords) >> level.below, axis=0)
        assert np.array_equal(np.unique(own[level.occupied], axis=0), wanted)


def test_every_child_that_costs_anything_is_in_one_patch(coded) -> None:
    for level in coded.levels:
        wanted = level.coded & (np.abs(level.logit) < teacher_data.SURE)
        patches = whole(level)
        assert sum(len(patch.bit) for patch in patches) == wanted.sum() > 0
        assert sum(float(patch.bit.sum()) for patch in patches) == level.occupied[wanted].sum()


def test_a_child_is_given_what_precedes_it_and_nothing_else(coded) -> None:
    level = coded.levels[0]
    voxels = {tuple(v) for v in (2 * level.nodes[:, None].astype(np.int64) + OCTANTS)[level.occupied]}
    nodes = {tuple(v) for v in level.nodes.astype(np.int64)}
    low = teacher_data.tiles(level, EDGE)[3]
    patch = teacher_data.patch_of(level, low, EDGE)
    assert patch is not None
    own = level.nodes.astype(np.int64)
    margin = teacher_data.MARGIN
    there = own[((own >= low - margin) & (own < low + EDGE + margin)).all(1)]
    octant = np.repeat(np.arange(8), patch.each)
    for child in range(0, len(patch.bit), 7):
        place = 2 * there[int(patch.node[child])] + OCTANTS[octant[child]]
        around = [tuple(place + step) for step in teacher_data.BEFORE]
        assert all(one < tuple(place) for one in around)  # raster order: the order of coding
        assert patch.before[child].tolist() == [one in voxels for one in around]
        assert bool(patch.bit[child]) == (tuple(place) in voxels)
    for row in range(0, len(there), 11):
        around = [tuple(there[row] + step) in nodes for step in teacher_data.AROUND]
        assert patch.around[row].bool().tolist() == around
        near = [tuple(there[i - 1]) if i else None for i in patch.near[row].tolist()]
        wanted = [tuple(there[row] + step) for step in teacher_data._box(1)]
        assert all(found in (None, one) for found, one in zip(near, wanted, strict=True))
        assert near[13] == tuple(there[row])


@pytest.fixture
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.slow
def test_it_begins_at_the_codec_and_learns(coded, one_thread, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(teacher, "EDGE", EDGE)
    level = coded.levels[0]
    patch = whole(level)[0]
    with torch.no_grad():
        assert torch.equal(Teacher()(patch), patch.logit)
    assert teacher.saved_bits(Teacher(), level, 3) == 0
    folder, run = tmp_path / "coded", tmp_path / "run"
    for name in ("a", "b", "c", "d", "e", "f"):  # some of them are for validation
        folder.mkdir(exist_ok=True)
        teacher_data.write_coded(
            folder, teacher_data.CodedCloud(name, coded.points, coded.bits, coded.levels)
        )
    back = teacher_data.read_coded(folder / "a.npz")
    assert (back.points, back.bits) == (coded.points, coded.bits)
    assert all(np.array_equal(x.trace, y.trace) for x, y in zip(back.levels, coded.levels, strict=True))
    run.mkdir()
    monkeypatch.setattr(teacher, "VALIDATE", 2)
    monkeypatch.setattr(teacher, "VALIDATION_PATCHES", 1)
    teacher.train(teacher.Run(run, folder, 4), 1e9)
    rows = [json.loads(line) for line in (run / teacher.LOG).read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4]
    again = teacher.Run(run, folder, 4)
    assert again.step == 4
    kept, halved = again.average.state_dict(), teacher.load(run).state_dict()
    assert all(torch.allclose(kept[name], halved[name], atol=2e-3) for name in kept)
    learned, every = teacher.load(run), len(teacher_data.tiles(level, EDGE))
    saved = teacher.saved_bits(learned, level, every)
    nats = sum(teacher.plain_nats(patch) for patch in whole(level))
    took = sum(teacher.nats(learned, patch).item() for patch in whole(level))
    assert saved == pytest.approx((nats - took) / np.log(2), rel=1e-3, abs=1e-3) and saved != 0
    assert nats / np.log(2) == pytest.approx(teacher_data.codec_bits(level, teacher_data.SURE), rel=1e-5)
