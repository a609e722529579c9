"""The frame before on the grid of the next, and the motion of its blocks."""

from __future__ import annotations

from dataclasses import replace

import inter_reference
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inter_fixtures import random_inter_file
from ovx_reader import Bad
from ovx_reader import Lattice as Told
from sample_clouds import make_sphere

from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import BINARY, DECIMAL, FRACTION, INTEGER, REGULAR, Lattice
from octavox.codec.cloud.morton import morton_decode, morton_encode, sort_unique
from octavox.codec.codecs.geometry.inter.codec import (
    FEWER_BITS,
    TRIAL_POINTS,
    ReferenceCodec,
    inter_network,
    trial_part,
)
from octavox.codec.codecs.geometry.inter.motion import LARGEST, find_motion, moved
from octavox.codec.codecs.geometry.inter.network import InterNetwork, Reference
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.params import MIN_TABLE_BITS, Params, table_bits_for
from octavox.codec.errors import CorruptStreamError, WeightsError
from octavox.codec.inter.frame import MOST_DEPTH, ReferenceFrame
from octavox.codec.inter.motion_chunk import Motion, pack_motion, parse_motion
from octavox.codec.job import JobContext
from octavox.codec.models.inter_weights import load_inter
from octavox.codec.options import CodecOptions


def voxels(seed: int, count: int, depth: int) -> np.ndarray:
    """(n,) sorted Morton codes of a clump and of voxels anywhere."""
    rng = np.random.default_rng(seed)
    edge = 1 << depth
    clump = rng.integers(0, min(edge, 40), (count, 3)) + rng.integers(0, max(edge - 40, 1), 3)
    some = np.concatenate([clump, rng.integers(0, edge, (count // 4 + 1, 3))])
    return morton_encode(sort_unique(np.minimum(some, edge - 1), depth), depth)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 200), st.integers(1, 12))
def test_blocks_move_as_the_document_says(seed: int, count: int, depth: int) -> None:
    codes, rng = voxels(seed, count, depth), np.random.default_rng(seed)
    blocks = np.unique(codes >> 15)
    vectors = rng.integers(-LARGEST, LARGEST + 1, (len(blocks), 3)).astype(np.int16) // rng.integers(1, 60)
    found, rows = moved(codes, vectors, depth)
    assert (np.diff(found) > 0).all()
    cells = [tuple(c) for c in morton_decode(codes).tolist()]
    by_block = dict(
        zip(map(tuple, morton_decode(blocks).tolist()), map(tuple, vectors.tolist()), strict=True)
    )
    told = inter_reference.moved_reference(dict(zip(cells, cells)), by_block, depth)
    if len(found):
        places = map(tuple, morton_decode(found).tolist())
        assert dict(zip(places, (cells[row] for row in rows), strict=True)) == told
    else:
        assert told == dict(zip(cells, cells))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1 << 30), st.integers(1, 300), st.integers(1, 14))
def test_vectors_that_an_encoder_finds(seed: int, count: int, depth: int) -> None:
    before, now = voxels(seed, count, depth), voxels(seed + 1, count, depth)
    vectors = find_motion(before, now)
    blocks = len(np.unique(before >> 15))
    assert vectors.shape == (blocks, 3) and np.abs(vectors).max() <= LARGEST
    used = frozenset({0, 2})
    payload = pack_motion(Motion(used, vectors), 3)
    back = parse_motion(payload, 0, 3, blocks)
    assert back.slices == used and np.array_equal(back.vectors, vectors)
    cells = {tuple(c): tuple(c) for c in morton_decode(before).tolist()}
    uses, told = inter_reference.motion_of(payload, 3, cells)
    assert uses == [True, False, True] and list(told.values()) == [tuple(v) for v in vectors.tolist()]
    for wrong in (blocks + 1, max(blocks - 1, 0)):
        with pytest.raises(CorruptStreamError):
            parse_motion(payload, 0, 3, wrong)


@pytest.mark.parametrize("threads", [2, 5])
def test_vectors_do_not_depend_on_the_threads(threads: int) -> None:
    reference = voxels(3, 9_000, 10)
    vectors = np.array([[4, -3, 2], [-6, 1, 0]], np.int16)[np.arange(len(np.unique(reference >> 15))) % 2]
    current = moved(reference, vectors, 10)[0]
    found = find_motion(reference, current, threads)
    assert found.any()
    assert np.array_equal(found, find_motion(reference, current))


def test_slices_that_all_have_a_reference_have_fewer_counters() -> None:
    codes = voxels(5, 9_000, 9)
    network = inter_network(CodecOptions())
    codec = ReferenceCodec(network, Reference(codes), 9)
    net = codec.network(CodecOptions())
    alone = table_bits_for(len(codes), True)
    plain = Params(alone, NETWORK_LEARNING)
    fewer = max(alone - FEWER_BITS, MIN_TABLE_BITS)
    assert codec.fitted(plain, net, [codes]) == replace(plain, table_bits=fewer, few=True)
    assert fewer < alone and codec.referring == {0}
    elsewhere = ReferenceCodec(network, Reference(voxels(6, 3_000, 9)), 9, referring={1})
    assert elsewhere.fitted(plain, net, [codes, codes]) == plain


def test_a_moved_cloud_is_found() -> None:
    shell = morton_decode(morton_encode(make_sphere(6, 20.0).coords, 7)) + 20
    before, now = (morton_encode(sort_unique(c, 7), 7) for c in (shell, shell + np.array([9, -4, 2])))
    assert np.isin(moved(before, find_motion(before, now), 7)[0], now).mean() > 0.9


LATTICES = [
    (Lattice(INTEGER, 0, 1), Lattice(INTEGER, -7, 1), 7),
    (Lattice(INTEGER, -9, 3), Lattice(INTEGER, 0, 3), -3),
    (Lattice(INTEGER, -8, 3), Lattice(INTEGER, 0, 3), None),
    (Lattice(INTEGER, 0, 1), Lattice(INTEGER, 0, 2), None),
    (Lattice(INTEGER, 0, 1), Lattice(DECIMAL, 0, 1, 0), None),
    (Lattice(INTEGER, 1 << 41, 1), Lattice(INTEGER, 0, 1), None),
    (Lattice(DECIMAL, 25, 5, 2), Lattice(DECIMAL, 5, 5, 2), 4),
    (Lattice(DECIMAL, 25, 5, 2), Lattice(DECIMAL, 5, 5, 3), None),
    (Lattice(BINARY, 12, 4, 3), Lattice(BINARY, 0, 4, 3), 3),
    (Lattice(FRACTION, 12, 4, 255), Lattice(FRACTION, 0, 4, 255), 3),
    (Lattice(REGULAR, origin=1.0, scale=0.5), Lattice(REGULAR, origin=-0.25, scale=0.5), 2),  # 2.5: to even
    (Lattice(REGULAR, origin=1.26, scale=0.5), Lattice(REGULAR, origin=-0.25, scale=0.5), 3),
    (Lattice(REGULAR, origin=1.0, scale=0.5), Lattice(REGULAR, origin=1.0, scale=0.25), None),
    (Lattice(REGULAR, origin=1e30, scale=0.5), Lattice(REGULAR, origin=1.0, scale=0.5), None),
    (Lattice(REGULAR, origin=1e308, scale=1e-5), Lattice(REGULAR, origin=-1e308, scale=1e-5), None),
]


@pytest.mark.parametrize(("own", "other", "cells"), LATTICES)
def test_cells_between_two_grids(own: Lattice, other: Lattice, cells: int | None) -> None:
    depth, names = 12, (np.dtype(np.float64),) * 3
    frame = ReferenceFrame(np.array([[20, 30, 40]], np.int32), Grid((own,) * 3, depth, names))
    placed = frame.on(Grid((other,) * 3, depth, names), depth)
    told = [Told(a.kind, a.base, a.step, a.places, a.origin, a.scale) for a in (own, other)]
    if cells is None:
        assert placed is None
        with pytest.raises(Bad):
            inter_reference.cells_between(*told)
        return
    assert placed is not None
    assert morton_decode(placed.codes).tolist() == [[20 + cells, 30 + cells, 40 + cells]]
    assert inter_reference.cells_between(*told) == cells


def test_what_leaves_the_cube_is_gone_and_deep_frames_have_no_reference() -> None:
    names, plain = (np.dtype(np.int32),) * 3, Lattice(INTEGER)
    coords = np.array([[0, 0, 0], [5, 6, 7], [90, 2, 3]], np.int32)
    frame = ReferenceFrame(coords, Grid((plain,) * 3, 7, names))
    placed = frame.on(Grid((Lattice(INTEGER, 1, 1),) * 3, 6, names), 6)
    assert placed is not None and placed.rows.tolist() == [1]
    assert morton_decode(placed.codes).tolist() == [[4, 5, 6]]
    assert frame.on(Grid((Lattice(INTEGER, 100, 1),) * 3, 6, names), 6) is None
    assert frame.on(Grid((plain,) * 3, MOST_DEPTH, names), MOST_DEPTH) is not None
    assert frame.on(Grid((plain,) * 3, MOST_DEPTH + 1, names), MOST_DEPTH + 1) is None


def test_a_torch_device_writes_the_same_slices(tmp_path) -> None:
    """Here torch on the CPU stands for the GPU: the integers are the same on any device."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_inter_file())
    weights, cloud = load_inter(path), make_sphere(5, 11.0)
    reference = Reference(morton_encode(make_sphere(5, 10.0).coords, 5))
    compiled, torch = (InterNetwork(weights, device) for device in ("cpu", "cpu:0"))
    coders = [ReferenceCodec(network, reference, 5, {0}) for network in (compiled, torch)]
    one, two = (coder.encode(cloud, CodecOptions(), JobContext()).stream for coder in coders)
    assert one == two
    for coder in coders:
        assert np.array_equal(coder.decode(one, CodecOptions(), JobContext()).coords, cloud.coords)
    other = ReferenceCodec(compiled, Reference(morton_encode(cloud.coords, 5)), 5, {0})
    with pytest.raises(CorruptStreamError):
        other.decode(one, CodecOptions(), JobContext())


def test_weights_that_could_leave_the_exact_integers_are_refused(tmp_path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_inter_file()[:-8])
    with pytest.raises(WeightsError):
        load_inter(path)


def test_a_trial_takes_whole_blocks_from_the_middle() -> None:
    codes = np.sort(np.random.default_rng(1).choice(1 << 30, 400_000, replace=False))
    part = trial_part(codes)
    assert len(part) == TRIAL_POINTS
    assert np.isin(part, codes).all() and codes[0] < part[0] and part[-1] < codes[-1]
    assert np.array_equal(trial_part(codes[:100]), codes[:100])


def test_vectors_are_looked_for_where_some_blocks_gain() -> None:
    """A frame that moved is found; one that stands still, but for new noise, keeps all blocks at rest."""
    rng = np.random.default_rng(3)
    x, y = np.meshgrid(np.arange(200), np.arange(200), indexing="ij")
    z = 60 + 20 * np.sin(x / 17) * np.cos(y / 23)
    flat = np.stack([x.ravel() + 20, y.ravel() + 20, np.rint(z + rng.normal(0, 0.3, z.shape)).ravel()], 1)
    again = np.stack([x.ravel() + 20, y.ravel() + 20, np.rint(z + rng.normal(0, 0.3, z.shape)).ravel()], 1)
    way = np.array([3, 5, -2])
    codes, noisy, gone = (np.unique(morton_encode(c.astype(int), 9)) for c in (flat, again, flat + way))
    assert not find_motion(codes, noisy).any()
    assert (find_motion(codes, gone) == way).all(1).mean() > 0.9
