"""Parts of the VoxelDNN codec: code lengths, escapes, Algorithm 1, flags, tree, weights, quantization."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from voxeldnn_fixtures import random_layers, weights_of

from octavox.codec.cloud.morton import sort_unique
from octavox.codec.codecs.geometry.voxeldnn.blocktree import decode_tree, encode_tree
from octavox.codec.codecs.geometry.voxeldnn.costs import (
    COST_BITS,
    cost_tables,
    log2_ratio,
    some_p1,
    some_probability,
)
from octavox.codec.codecs.geometry.voxeldnn.escapes import locate
from octavox.codec.codecs.geometry.voxeldnn.partition import FLAG_COST, FlagCoder, Level, choose
from octavox.codec.coding.range_coder import PROB_ONE, RangeDecoder, RangeEncoder
from octavox.codec.errors import CorruptStreamError, WeightsError
from octavox.codec.job import JobContext
from octavox.codec.models.integer import IntegerVoxelDNN
from octavox.codec.models.sites import BACKGROUND_ROWS
from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.models.weights import LOGIT_BIAS, QuantizedLayer, load_weights, weights_bytes
from octavox.codec.training.crops import assemble
from octavox.codec.training.quantize import activation_bits, quantize

UNIT = 1 << COST_BITS


@given(st.integers(1, PROB_ONE))
def test_log2_ratio_is_the_code_length(value: int) -> None:
    assert abs(log2_ratio(PROB_ONE, value) / UNIT - (24 - math.log2(value))) < 1e-9


@given(st.integers(0, 40 * UNIT))
def test_probability_of_some_one(cost: int) -> None:
    exact = -math.expm1(-cost / UNIT * math.log(2))
    assert some_probability(cost) / 2**62 == pytest.approx(exact, rel=1e-6, abs=1e-15)
    assert 1 <= some_p1(cost) < PROB_ONE


def test_cost_tables_match_the_probabilities() -> None:
    zeros, ones = cost_tables()
    total = np.exp2(-zeros / UNIT) + np.exp2(-ones / UNIT)
    assert np.abs(total - 1).max() < 1e-9
    assert (np.diff(zeros) >= 0).all()
    assert (np.diff(ones) <= 0).all()


@given(st.data())
def test_escapes_come_back(data: st.DataObject) -> None:
    costs = data.draw(st.lists(st.integers(1, UNIT), min_size=1, max_size=60))
    ones = data.draw(st.sets(st.integers(0, len(costs) - 1), min_size=1))
    prefix = np.concatenate([[0], np.cumsum(costs)]).astype(np.int64)
    coder = RangeEncoder()

    def encode(p1: int, low: int, high: int) -> int:
        bit = int(any(low <= i < high for i in ones))
        coder.encode_bits([bit], [p1])
        return bit

    assert list(locate(prefix, encode)) == sorted(ones)
    decoder = RangeDecoder(coder.finish())
    found = list(locate(prefix, lambda p1, low, high: int(decoder.decode_bits([p1])[0])))
    assert found == sorted(ones)
    decoder.close()


def algorithm_1(costs: dict[tuple[int, ...], int], cell: tuple[int, ...], size: int, smallest: int):  # type: ignore[no-untyped-def]
    """The paper's pseudo code for one occupied block: (total cost, coded blocks)."""
    whole = costs[(*cell, size)] + FLAG_COST
    if size == smallest:
        return whole, [(*cell, size)]
    half, total, leaves = size // 2, FLAG_COST, []
    for k in range(8):
        child = (cell[0] + (k >> 2) * half, cell[1] + (k >> 1 & 1) * half, cell[2] + (k & 1) * half)
        if (*child, half) not in costs:
            total += FLAG_COST
            continue
        cost, below = algorithm_1(costs, child, half, smallest)
        total, leaves = total + cost, leaves + below
    return (whole, [(*cell, size)]) if total >= whole else (total, leaves)


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_choice_is_algorithm_1(seed: int, max_level: int) -> None:
    rng = np.random.default_rng(seed)
    voxels = rng.integers(0, 64, (rng.integers(1, 12), 3))
    levels, costs = [], {}
    for depth in range(max_level):
        size = 64 >> depth
        origin = np.unique(voxels // size * size, axis=0)
        cost = rng.integers(1, 60, len(origin)) << (COST_BITS - depth)
        levels.append(Level(size, np.zeros(len(origin), np.int64), origin, cost))
        costs |= {(*o, size): int(c) for o, c in zip(origin.tolist(), cost, strict=True)}
    total, leaves = algorithm_1(costs, (0, 0, 0), 64, 64 >> (max_level - 1))
    choices = choose(levels)
    chosen = [
        (*o, level.size)
        for level, choice in zip(levels, choices, strict=True)
        for o in level.origin[choice.coded].tolist()
    ]
    assert sorted(chosen) == sorted(leaves)
    first = choices[0]
    assert total == (first.whole[0] if first.coded[0] else first.split[0])

    flags = {
        (*o, level.size): flag
        for level, choice in zip(levels, choices, strict=True)
        for mask, flag in ((choice.coded, 1), (choice.divided, 2))
        for o in level.origin[mask].tolist()
    }
    coder = RangeEncoder()
    told, bits = FlagCoder(coder, max_level).block(lambda o, s: flags.get((*o, s), 0))
    decoder = RangeDecoder(coder.finish())
    heard, same_bits = FlagCoder(decoder, max_level).block(lambda o, s: None)
    decoder.close()
    assert told == heard
    assert bits == same_bits
    assert sorted(told) == sorted(chosen)


@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 40))
def test_block_tree_round_trip(seed: int, levels: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    nodes = sort_unique(rng.integers(0, 1 << levels, (count, 3)).astype(np.int32), levels)
    payload = encode_tree(nodes, levels)
    assert np.array_equal(decode_tree(payload, levels, len(nodes), JobContext()), nodes)
    if len(nodes) > 1:
        with pytest.raises(CorruptStreamError):
            decode_tree(payload, levels, len(nodes) - 1, JobContext())


def test_weights_file_round_trip_and_damage(tmp_path: Path) -> None:
    layers = random_layers(1)
    path = tmp_path / "w.safetensors"
    data = weights_bytes(layers, {"note": "test"})
    assert data == weights_bytes(layers, {"note": "test"})
    path.write_bytes(data)
    loaded = load_weights(path)
    assert loaded.metadata == {"note": "test"}
    assert len(loaded.identity) == 8
    assert all(np.array_equal(loaded.layers[n].weight, layers[n].weight) for n in layers)
    for bad in (b"", data[:100], data[:-1], b"ply\n" + data):
        path.write_bytes(bad)
        with pytest.raises(WeightsError, match=r"w\.safetensors"):
            load_weights(path)
    with pytest.raises(WeightsError):
        load_weights(tmp_path / "none.safetensors")


def test_weights_that_could_lose_exactness_are_refused() -> None:
    layers = random_layers(1)
    big = QuantizedLayer(np.full((2016, 32), 127, np.int8), layers["conv1"].bias, layers["conv1"].shift)
    with pytest.raises(WeightsError, match=r"2\^24.*conv1"):
        weights_bytes({**layers, "conv1": big}, {})


@pytest.mark.slow
def test_training_graph_equals_integer_graph_to_the_bit() -> None:
    """The float network with the integers' values and rounding gives the very logits of the integer one."""
    torch.manual_seed(3)
    rng = np.random.default_rng(3)
    batch = assemble([(s, np.unique(rng.integers(0, s, (s * s // 3, 3)), axis=0)) for s in (16, 8, 4)])
    model = VoxelDNN().double()
    f = activation_bits(model.float(), [batch])
    layers = quantize(model, f)
    net = IntegerVoxelDNN(weights_of(layers))
    source = {"first": "window", "down1": "stream", "conv1": "down1", "up1": "conv1", "down2": "stream"}
    source |= {"conv2": "down2", "up2": "conv2", "head": "stream", "logit": "head"}
    target = {"first": "stream", "up1": "stream", "up2": "stream"}
    model = model.double()
    with torch.no_grad():
        for name, layer in layers.items():
            f_in, f_out = f[source[name]], f[target.get(name, name)]
            k = layer.shift.astype(np.int64) - f_in + f_out
            weight = np.ldexp(layer.weight.astype(np.float64), -k)
            bias = np.ldexp(layer.bias.astype(np.float64), -(f_in + k))
            model.weight[name].copy_(torch.from_numpy(weight).view_as(model.weight[name]))
            model.bias[name].copy_(torch.from_numpy(bias))

        def rounded(name: str, value: torch.Tensor) -> torch.Tensor:
            return torch.floor(value * 2.0 ** f[name] + 0.5).clamp(0, 255) * 2.0 ** -f[name]

        logits = model(batch.window.double(), batch.near, batch.far, activation=rounded)
    index = (torch.floor(logits * 128 + 0.5) + LOGIT_BIAS).clamp(0, 4095).short()
    x, h = net.stage1(batch.window)
    h1 = torch.cat([net.h1, h])
    x, h = net.stage2(h1, batch.near[BACKGROUND_ROWS:], x)
    h2 = torch.cat([net.h2, h])
    assert torch.equal(index[BACKGROUND_ROWS:], net.stage3(h2, batch.near[BACKGROUND_ROWS:], x))
    assert np.array_equal(index[:BACKGROUND_ROWS].numpy(), net.background_logits)
    assert len(set(index.tolist())) > 20
