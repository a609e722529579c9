"""The multiscale network: compiled loops, matrix products and training graph give the same integers."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from multiscale_fixtures import float_net, levels_of, random_file, random_level, random_sets, rounded
from sample_clouds import make_sphere

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.multiscale import predictor as predictors
from octavox.codec.codecs.geometry.multiscale import trunk
from octavox.codec.codecs.geometry.multiscale.device import level_batch
from octavox.codec.codecs.geometry.multiscale.head import (
    LevelPrior,
    begin_child,
    child_logit,
    new_level_prior,
)
from octavox.codec.codecs.geometry.multiscale.network import CompiledMultiscale, head_of
from octavox.codec.codecs.geometry.octree import slice_coder
from octavox.codec.codecs.geometry.octree.levels import NO_REMAINING_CODES, Nodes
from octavox.codec.codecs.geometry.octree.neighbours import NeighbourSearch, find_neighbours
from octavox.codec.codecs.geometry.octree.predictor import Predictor
from octavox.codec.codecs.geometry.octree.slice_coder import SliceJob, SliceSettings
from octavox.codec.coding.kernels.jit import njit
from octavox.codec.coding.kernels.memory import aligned
from octavox.codec.coding.logistic import STRETCH_LIMIT
from octavox.codec.errors import WeightsError
from octavox.codec.models import trunk as shared_trunk
from octavox.codec.models.multiscale_integer import IntegerMultiscale
from octavox.codec.models.multiscale_weights import check_level, load_multiscale, multiscale_bytes


def clouds() -> list[VoxelCloud]:
    rng = np.random.default_rng(3)
    scattered = np.unique(rng.integers(0, 128, (400, 3)).astype(np.int32), axis=0)
    full = np.stack(np.meshgrid(*[np.arange(8, dtype=np.int32)] * 3, indexing="ij"), -1).reshape(-1, 3)
    return [make_sphere(6, 22.0), VoxelCloud(scattered, 7), VoxelCloud(full, 3)]


@njit
def logits_of(prior, nodes, octants, before, near, out):  # type: ignore[no-untyped-def]
    """out (8, n): the logits of both children of each visit."""
    for v in range(nodes.size):
        for z in range(2):
            i, k = nodes[v], octants[v] + z
            begin_child(prior, z, i, k, before[k, i], near[k, i] & 0xFFF)
            out[k, i] = child_logit(prior, z, k, near[k, i] >> 12)


def nodes_at(key: np.ndarray) -> Nodes:
    """Of a level where none was coded directly."""
    nothing = np.empty(0, np.int32)
    return Nodes(key, nothing, nothing, NO_REMAINING_CODES)


def visits_of(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(4 n,) node and lower child of each visit, by sorting: plane, x, row, y, node."""
    nodes, x, y = (v.reshape(-1) for v in np.meshgrid(np.arange(len(key)), (0, 1), (0, 1), indexing="ij"))
    plane, row = key[nodes] >> 42, (key[nodes] >> 21) & (1 << 21) - 1
    order = np.lexsort((nodes, y, row, x, plane))
    return nodes[order], (4 * x + 2 * y)[order]


def context_words(causal: torch.Tensor) -> tuple[np.ndarray, np.ndarray]:
    """(8, N) words `before` and `near` of `begin_child` of the 62 causal bits, and the two of its row."""
    bits = causal.numpy().astype(np.int64)
    words = np.zeros((2, *bits.shape[:2]), np.int64)
    for i in range(62):
        if i < 60:
            row, column = divmod(i, 5)
            place = 6 * row + column
        else:
            place = 72 + i - 60
        words[int(place >= 60)] |= bits[:, :, i] << (place % 60)
    return words[0], words[1]


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 50, 51, 10**6])
@pytest.mark.parametrize("which", range(3))
def test_compiled_loops_equal_matrix_products(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int, part: int
) -> None:
    """Whatever part of a level the trunk takes at a time, and in a thread of its own."""
    monkeypatch.setattr(trunk, "PART_NODES", part)
    monkeypatch.setattr(predictors, "SMALL", 0 if part in (50, 51) else 10**6)
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    weights, cloud = load_multiscale(path), clouds()[which]
    net, predictor = IntegerMultiscale(weights), CompiledMultiscale(weights).predictor(threaded=part != 51)
    features = None
    spread = []
    for level in levels_of(cloud).levels:
        features = net.trunk(level, features)
        logits = net.head(level, features).numpy()
        cells = np.unique(cloud.coords.astype(np.int64) >> (level.below + 1), axis=0)
        key = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
        prior = predictor.level(level.below, nodes_at(key), NeighbourSearch(key))
        words, found = context_words(level.causal), np.zeros(logits.shape, np.int64)
        nodes, octants = visits_of(key)
        for first in range(0, len(nodes), 70):
            visits = slice(first, first + 70)
            predictor.ensure(int(nodes[visits].max()) + 1)
            logits_of(prior, nodes[visits], octants[visits], *words, found)
        assert np.array_equal(found, logits)
        spread.append(found.std())
    predictor.close()
    assert max(spread) > 50  # weights that say something


@pytest.mark.slow
@pytest.mark.parametrize(("most", "kind"), [(4000, np.int16), (20000, np.int32)])
def test_rows_of_children_take_as_many_bits_as_they_need(most: int, kind: type) -> None:
    """Same logits either way; those of wide weights come from a variant of their own."""
    level = random_level(1, causal=most)
    head = head_of(level)
    assert head.causal.dtype == kind
    rng, n = np.random.default_rng(5), 200
    features = rng.integers(0, 256, (n, 32)).astype(np.uint8)
    prior = new_level_prior(head, aligned(features))
    causal = torch.from_numpy(rng.integers(0, 2, (8, n, 62)))
    found = np.zeros((8, n), np.int64)
    for octant in range(0, 8, 2):
        logits_of(prior, np.arange(n), np.full(n, octant), *context_words(causal), found)
    hidden = np.einsum("nc,och->onh", features.astype(np.int64), level.features.astype(np.int64))
    hidden += level.features_bias[:, None] + causal.numpy() @ level.causal.astype(np.int64)
    hidden = np.clip(hidden >> level.hidden_shift[:, None], 0, 255)
    inner = np.clip((hidden @ level.inner.astype(np.int64) + level.inner_bias) >> level.inner_shift, 0, 255)
    logits = (inner @ level.logit.astype(np.int64))[:, :, 0] + level.logit_bias
    assert np.array_equal(found, np.clip(logits >> level.logit_shift[0], -STRETCH_LIMIT, STRETCH_LIMIT))
    assert found.std() > 50


@pytest.mark.slow
def test_training_graph_equals_integer_graph_to_the_bit(tmp_path: Path) -> None:
    sets = random_sets()
    path = tmp_path / "w.safetensors"
    path.write_bytes(multiscale_bytes(sets, {}))
    levels = levels_of(make_sphere(6, 22.0)).levels
    exact = IntegerMultiscale(load_multiscale(path)).logits(levels)
    with torch.no_grad():
        found = float_net(sets)(levels, rounded)
    for ours, theirs in zip(found, exact, strict=True):
        units = torch.floor(ours * 256 + 0.5).clamp(-3071, 3071)
        assert torch.equal(units.int(), theirs)


def test_weights_that_could_lose_exactness_are_refused() -> None:
    level = random_level(0)
    check_level(level)
    with pytest.raises(WeightsError, match=r"2\^24.*conv"):
        check_level(replace(level, conv=np.full_like(level.conv, 127)))
    for name in ("around", "features", "inner", "logit"):
        bias = np.full_like(getattr(level, f"{name}_bias"), 1 - (1 << 24))
        for value in (bias, np.full_like(bias, -(1 << 31))):
            with pytest.raises(WeightsError, match=rf"2\^24.*{name}"):
                check_level(replace(level, **{f"{name}_bias": value}))
    with pytest.raises(WeightsError, match="shift above 23"):
        check_level(replace(level, logit_shift=np.array([24], np.uint8)))
    with pytest.raises(WeightsError, match="expected int8"):
        check_level(replace(level, seed=level.seed.astype(np.int16)))


def test_weights_file_round_trip_and_damage(tmp_path: Path) -> None:
    data, path = random_file(), tmp_path / "w.safetensors"
    path.write_bytes(data)
    back = load_multiscale(path)
    assert multiscale_bytes(back.sets, back.metadata) == data
    path.write_bytes(data[:-1])
    with pytest.raises(WeightsError, match=r"w\.safetensors"):
        load_multiscale(path)
    with pytest.raises(WeightsError, match="cannot read"):
        load_multiscale(tmp_path / "none")
    from voxeldnn_fixtures import random_layers

    from octavox.codec.models.weights import weights_bytes

    path.write_bytes(weights_bytes(random_layers(0), {}))
    with pytest.raises(WeightsError, match=r"missing.*0\.around"):
        load_multiscale(path)


@pytest.mark.parametrize("which", range(3))
def test_levels_for_a_device_are_those_of_training(which: int) -> None:
    cloud = clouds()[which]
    coarser = np.empty(0, np.int64)
    for level in levels_of(cloud).levels:
        cells = np.unique(cloud.coords.astype(np.int64) >> (level.below + 1), axis=0)
        key = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
        found = level_batch(level.below, key, find_neighbours(key), coarser)
        assert found.below == level.below
        assert torch.equal(found.around, level.around)
        assert torch.equal(found.near, level.near)
        assert torch.equal(found.octant, level.octant)
        if level.below < cloud.depth - 1:  # the root has no parent, and its entry is not looked at
            assert torch.equal(found.parent, level.parent)
        coarser = key


@pytest.mark.slow
def test_batches_of_a_device_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    levels = levels_of(clouds()[0]).levels
    whole = IntegerMultiscale(load_multiscale(path)).logits(levels)
    monkeypatch.setattr(shared_trunk, "BATCH", 7)
    for a, b in zip(whole, IntegerMultiscale(load_multiscale(path)).logits(levels), strict=True):
        assert torch.equal(a, b)


@pytest.mark.slow
def test_settings_of_the_program_around_change_no_integer(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    levels = levels_of(clouds()[0]).levels
    net = IntegerMultiscale(load_multiscale(path))
    right = net.logits(levels)
    torch.set_float32_matmul_precision("medium")
    try:
        with torch.autocast("cpu", torch.bfloat16):
            found = net.logits(levels)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision("highest")
    for a, b in zip(right, found, strict=True):
        assert torch.equal(a, b)


class Sparing:
    """Tells the coder nothing of a node's features that it did not ask for. neighbours: but who they are."""

    def __init__(self, inner: Predictor, neighbours: bool) -> None:
        self.inner, self.neighbours, self.walk = inner, neighbours, inner.walk
        self.mixing, self.prediction = inner.mixing, inner.prediction
        self.all = self.told = np.empty(0, np.uint8)
        self.asked: list[float] = []

    def level(self, below: int, nodes: Nodes, near: NeighbourSearch) -> LevelPrior:
        if self.neighbours:
            near.until(len(nodes.key))
        prior = self.inner.level(below, nodes, near)
        self.all, self.told = prior.features, np.full_like(prior.features, 77)
        return prior._replace(features=self.told)

    def ensure(self, nodes: int) -> None:
        self.inner.ensure(nodes)
        self.told[: 32 * nodes] = self.all[: 32 * nodes]
        self.asked.append(nodes / (len(self.all) // 32))

    def close(self) -> None:
        self.inner.close()


def test_the_coder_asks_for_every_node_that_it_comes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    net, cloud = CompiledMultiscale(load_multiscale(path)), make_sphere(6, 25.0)
    monkeypatch.setattr(slice_coder, "STEP_VISITS", 200)
    monkeypatch.setattr(trunk, "PART_NODES", 20)
    codes = morton_encode(cloud.coords, 6)

    settings = SliceSettings(6, 14)

    def payload(predictor: Predictor) -> bytes:
        return slice_coder.encode_slice(codes, settings, SliceJob(0, lambda *news: None, predictor))[0]

    sparing = Sparing(net.predictor(threaded=False), neighbours=False)
    knowing = Sparing(net.predictor(threaded=False), neighbours=True)
    assert payload(sparing) == payload(knowing) == payload(net.predictor(threaded=True))
    assert min(sparing.asked) < 0.1  # and not for all at once


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(1, 60, 60), (60, 1, 60), (60, 60, 1), (3600, 1, 1)])
def test_a_part_of_the_trunk_is_small_whatever_the_shape(
    monkeypatch: pytest.MonkeyPatch, shape: tuple[int, int, int]
) -> None:
    """So that a cancel is heard, and the coder need not wait, where one plane holds the whole level."""
    monkeypatch.setattr(trunk, "PART_NODES", 50)
    x, y, z = (v.reshape(-1) for v in np.meshgrid(*map(np.arange, shape), indexing="ij"))
    key = np.sort((x << 42) | (y << 21) | z)
    coarser = np.unique(((x >> 1) << 42) | ((y >> 1) << 21) | (z >> 1))
    features = np.zeros(32 * len(coarser), np.int16)
    weights = trunk.trunk_of(random_level(0))
    run = trunk.TrunkRun(weights, 0, nodes_at(key), NeighbourSearch(key), (coarser, features))
    whole = trunk.TrunkRun(weights, 0, nodes_at(key), NeighbourSearch(key), (coarser, features))
    steps = 0
    while run.done < len(key) - 4 * 122:  # the last part waits for nothing
        before = run.done
        run.advance()
        assert run.done - before <= 4 * 122
        steps += 1
    assert steps >= 60
    while run.done < len(key):
        run.advance()
    monkeypatch.setattr(trunk, "FIRST_NODES", 10**6)
    monkeypatch.setattr(trunk, "PART_NODES", 10**6)
    whole.advance()
    assert whole.done == len(key)
    assert np.array_equal(run.features, whole.features)


def test_a_fault_ahead_reaches_the_coder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_file())
    monkeypatch.setattr(predictors, "SMALL", 0)

    def fail(run: trunk.TrunkRun) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(trunk.TrunkRun, "advance", fail)
    predictor = CompiledMultiscale(load_multiscale(path)).predictor(threaded=True)
    key = np.arange(9, dtype=np.int64)
    predictor.level(3, nodes_at(key), NeighbourSearch(key))
    with pytest.raises(MemoryError, match="no room"):
        predictor.ensure(1)
    predictor.close()
    assert not [t for t in threading.enumerate() if t.name == "octavox-trunk"]
