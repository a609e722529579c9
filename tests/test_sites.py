"""Active sites, neighbour rows and the integer network against a dense reference of plain convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from voxeldnn_fixtures import random_layers, weights_of

from codec.models.integer import LOGIT_BIAS, LOGIT_LEVELS, IntegerVoxelDNN
from codec.models.sites import (
    BACKGROUND_ROWS,
    FIRST_ROW,
    KERNEL,
    SIZES,
    WINDOW,
    Layout,
    background_rows,
    inside_positions,
)
from codec.models.weights import QuantizedLayer
from codec.voxeldnn.wavefront import Schedule, steps, times


def dense(block: np.ndarray, offsets: np.ndarray, layer: QuantizedLayer) -> torch.Tensor:
    """A layer over a whole block (C, z, y, x) by a zero-padded float64 convolution, before clamping."""
    radius = int(np.abs(offsets).max()) if len(offsets) > 1 else 0
    edge = 2 * radius + 1
    channels = layer.weight.shape[0] // len(offsets)
    kernel = np.zeros((layer.weight.shape[1], channels, edge, edge, edge))
    taps = layer.weight.astype(np.float64).reshape(len(offsets), channels, -1)
    for (dz, dy, dx), tap in zip(offsets, taps, strict=True):
        kernel[:, :, dz + radius, dy + radius, dx + radius] = tap.T
    out = F.conv3d(torch.as_tensor(block)[None].double(), torch.from_numpy(kernel), padding=radius)[0]
    column = layer.bias.astype(np.float64) + (1 << layer.shift.astype(np.int64) >> 1)
    scale = np.exp2(-layer.shift.astype(np.float64))
    column, scale = (torch.from_numpy(v)[:, None, None, None] for v in (column, scale))
    return torch.floor((out + column) * scale)


HERE = np.zeros((1, 3), np.int64)


def dense_logits(layers: dict[str, QuantizedLayer], volume: np.ndarray) -> torch.Tensor:
    """Logit index of every voxel (z, y, x); voxels whose window is empty take an empty block's states."""
    window = F.conv3d(
        torch.from_numpy(volume)[None, None].double(),
        torch.from_numpy(mask(WINDOW, 3))[None, None],
        padding=3,
    )[0, 0]
    active = window > 0
    empty = run_dense(layers, np.zeros_like(volume), active, None)
    return run_dense(layers, volume, active, empty)["logit"]


def mask(offsets: np.ndarray, radius: int) -> np.ndarray:
    out = np.zeros((2 * radius + 1,) * 3)
    for dz, dy, dx in offsets:
        out[dz + radius, dy + radius, dx + radius] = 1
    return out


def run_dense(layers, volume, active, empty):  # type: ignore[no-untyped-def]
    def settle(name: str, value: torch.Tensor) -> torch.Tensor:
        if empty is not None:
            value = torch.where(active, value, empty[name])
        states[name] = value
        return value

    states: dict[str, torch.Tensor] = {}
    x = settle("x0", dense(volume[None], WINDOW, layers["first"]).clamp(0, 255))
    for i in ("1", "2"):
        h = settle("down" + i, dense(x, HERE, layers["down" + i]).clamp(0, 255))
        h = settle("conv" + i, dense(h, KERNEL, layers["conv" + i]).clamp(0, 255))
        up = dense(h, HERE, layers["up" + i]).clamp(0, 255)
        x = settle("x" + i, (x + up).clamp(max=255))
    x = settle("head", dense(x, HERE, layers["head"]).clamp(0, 255))
    logit = dense(x, HERE, layers["logit"])[0]
    settle("logit", (logit + LOGIT_BIAS).clamp(0, LOGIT_LEVELS - 1))
    return states


@pytest.mark.parametrize("size", [4, 8, 16, 32])
@pytest.mark.parametrize("seed", [0, 1])
def test_integer_network_equals_dense_convolutions(size: int, seed: int) -> None:
    rng = np.random.default_rng([size, seed])
    volume = np.zeros((size,) * 3, np.uint8)
    count = max(1, size * size // (20 if seed else 3))
    z, y, x = rng.integers(0, size, (3, count))
    volume[z, y, x] = 1
    layers = random_layers(seed)
    wanted = dense_logits(layers, volume)

    net = IntegerVoxelDNN(weights_of(layers))
    layout = Layout.of(np.array([size]))
    occupied = torch.zeros(layout.total, dtype=torch.uint8)
    inside = torch.from_numpy(inside_positions(size))
    occupied[inside] = torch.from_numpy(volume.reshape(-1))
    rows = layout.rows()
    active = (layout.dilate(occupied) > 0) & (rows > 0)
    position = torch.nonzero(active).squeeze(1)
    found = torch.from_numpy(net.background_logits)[torch.from_numpy(background_rows(size)).long() - 1]
    full = torch.zeros(layout.total, dtype=torch.int16)
    full[inside] = found
    full[position] = net.evaluate(layout, occupied, position, batch=37)
    assert torch.equal(full[inside].long(), wanted.reshape(-1).long())
    assert 0 < len(position) < size**3


def test_batches_do_not_change_logits() -> None:
    rng = np.random.default_rng(5)
    net = IntegerVoxelDNN(weights_of(random_layers(3)))
    layout = Layout.of(np.array([16, 8, 8, 4]))
    block = np.repeat(np.arange(4), 30)
    local = rng.integers(0, layout.sizes[block][:, None], (120, 3))
    occupied = torch.zeros(layout.total, dtype=torch.uint8)
    occupied[torch.from_numpy(layout.positions(block, local))] = 1
    position = torch.nonzero((layout.dilate(occupied) > 0) & (layout.rows() > 0)).squeeze(1)
    whole = net.evaluate(layout, occupied, position, batch=10**6)
    for batch in (1, 7, 128):
        assert torch.equal(net.evaluate(layout, occupied, position, batch=batch), whole)


@pytest.mark.parametrize("size", SIZES)
def test_wavefront_visits_each_voxel_once_after_all_that_it_sees(size: int) -> None:
    layout = Layout.of(np.array([size, size]))
    schedule = Schedule(layout)
    assert schedule.steps == steps(size) == 21 * (size - 1) + 1
    seen = torch.zeros(layout.total, dtype=torch.bool)
    when = torch.full((layout.total,), -1, dtype=torch.int64)
    for t in range(schedule.steps):
        position, rows = schedule.step(t)
        assert not seen[position].any()
        assert bool((rows > 0).all())
        assert torch.equal(position, position.sort().values)
        seen[position] = True
        when[position] = t
    inside = torch.nonzero(layout.rows() > 0).squeeze(1)
    assert int(seen.sum()) == len(inside) == 2 * size**3
    assert bool(seen[inside].all())
    block = layout.block_of(inside).numpy()
    assert np.array_equal(times(layout, block, inside.numpy()), when[inside].numpy())
    for offsets in (WINDOW, KERNEL[:-1]):
        behind = inside[:, None] + layout.stride_table(offsets)[layout.size_class(inside)]
        assert bool((when[behind] < when[inside][:, None]).all())


def test_positions_ahead_stay_in_the_block_or_in_padding() -> None:
    layout = Layout.of(np.array([16, 16, 4, 4]))
    rows = layout.rows()
    inside = torch.nonzero(rows > 0).squeeze(1)
    ahead = inside[:, None] - layout.stride_table(WINDOW)[layout.size_class(inside)]
    assert int(ahead.max()) < layout.total
    landed = rows[ahead] > 0
    block = layout.block_of(inside)[:, None].expand_as(ahead)
    assert torch.equal(layout.block_of(ahead[landed]), block[landed])


def test_background_rows_cover_all_sizes() -> None:
    used = np.unique(np.concatenate([background_rows(s) for s in SIZES]))
    assert used.min() == 1
    assert used.max() == BACKGROUND_ROWS
    assert FIRST_ROW == BACKGROUND_ROWS + 1
    assert len(used) == BACKGROUND_ROWS
