"""Active sites, neighbour rows and the integer network against a dense reference of plain convolutions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from voxeldnn_fixtures import random_layers, weights_of

from octavox.codec.codecs.geometry.voxeldnn.compiled import CompiledVoxelDNN
from octavox.codec.codecs.geometry.voxeldnn.device import DeviceVoxelDNN
from octavox.codec.codecs.geometry.voxeldnn.network import Network
from octavox.codec.codecs.geometry.voxeldnn.wavefront import Schedule, steps, times
from octavox.codec.models.device_layout import DeviceLayout
from octavox.codec.models.sites import (
    BACKGROUND_ROWS,
    FIRST_ROW,
    KERNEL,
    SIZES,
    WINDOW,
    Layout,
    background_rows,
    flat_offsets,
    inside_positions,
)
from octavox.codec.models.weights import LOGIT_BIAS, LOGIT_LEVELS, QuantizedLayer, VoxelDNNWeights


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


def networks(weights: VoxelDNNWeights) -> list[Network]:
    """Every implementation that runs here."""
    return [CompiledVoxelDNN(weights), DeviceVoxelDNN(weights, "cpu")]


@pytest.mark.slow
@pytest.mark.parametrize("size", [4, 8, 16, 32])
@pytest.mark.parametrize("seed", [0, 1])
def test_integer_networks_equal_dense_convolutions(size: int, seed: int) -> None:
    rng = np.random.default_rng([size, seed])
    volume = np.zeros((size,) * 3, np.uint8)
    count = max(1, size * size // (20 if seed else 3))
    z, y, x = rng.integers(0, size, (3, count))
    volume[z, y, x] = 1
    layers = random_layers(seed)
    wanted = dense_logits(layers, volume).reshape(-1).numpy()

    layout, inside = Layout.of(np.array([size])), inside_positions(size)
    for net in networks(weights_of(layers)):
        sites = net.sites(layout, inside[volume.reshape(-1) != 0], 37, lambda: None)
        found = np.zeros(layout.total, np.int16)
        found[inside] = net.background_logits[background_rows(size) - 1]
        found[sites.position] = sites.logit
        assert np.array_equal(found[inside], wanted)
        assert 0 < len(sites.position) < size**3
        assert sites.bit.sum() + len(sites.escape) == volume.sum()


@pytest.mark.slow
def test_batches_and_implementations_do_not_change_logits() -> None:
    rng = np.random.default_rng(5)
    layout = Layout.of(np.array([64, 16, 8, 8, 4]))
    block = np.repeat(np.arange(5), 30)
    at = np.unique(layout.positions(block, rng.integers(0, layout.sizes[block][:, None], (150, 3))))
    results = [
        net.sites(layout, at, batch, lambda: None)
        for net in networks(weights_of(random_layers(3)))
        for batch in (None, 1, 7, 128, 10**6)
    ]
    for result in results[1:]:
        for name, value in vars(results[0]).items():
            assert np.array_equal(getattr(result, name), value), name
    assert len(set(results[0].logit.tolist())) > 20


def test_both_networks_hold_the_shipped_weights_alike(shipped_weights: VoxelDNNWeights) -> None:
    compiled, torch_one = networks(shipped_weights)
    assert compiled.identity == torch_one.identity == shipped_weights.identity
    assert np.array_equal(compiled.background_logits, torch_one.background_logits)


@pytest.mark.parametrize("size", SIZES)
def test_sites_on_a_device_are_those_of_the_compiled_code(size: int) -> None:
    rng = np.random.default_rng(size)
    layout = Layout.of(np.array([size, size]))
    device = DeviceLayout(layout)
    at = np.unique(layout.positions(np.array([0, 1, 1]), rng.integers(0, size, (3, 3))))
    cells = torch.zeros(layout.total, dtype=torch.uint8)
    cells[torch.from_numpy(at)] = 1
    assert np.array_equal(device.rows().numpy(), layout.rows())
    active = (device.dilate(cells).numpy() > 0) & (layout.rows() > 0)
    sites = CompiledVoxelDNN(weights_of(random_layers(0))).sites(layout, at, None, lambda: None)
    assert np.array_equal(sites.position, np.flatnonzero(active))


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_wavefront_visits_each_voxel_once_after_all_that_it_sees(size: int) -> None:
    layout = Layout.of(np.array([size, size]))
    schedule = Schedule(layout)
    assert schedule.steps == steps(size) == 21 * (size - 1) + 1
    seen = np.zeros(layout.total, np.bool_)
    when = np.full(layout.total, -1)
    for t in range(schedule.steps):
        position, rows = schedule.step(t)
        assert not seen[position].any()
        assert (rows > 0).all()
        assert np.array_equal(position, np.sort(position))
        seen[position] = True
        when[position] = t
    inside = np.flatnonzero(layout.rows() > 0)
    assert seen.sum() == len(inside) == 2 * size**3
    assert seen[inside].all()
    assert np.array_equal(times(layout, layout.block_of(inside), inside), when[inside])
    for offsets in (WINDOW, KERNEL[:-1]):
        behind = inside[:, None] + flat_offsets(offsets, size)
        assert (when[behind] < when[inside][:, None]).all()


def test_positions_ahead_stay_in_the_block_or_in_padding() -> None:
    layout = Layout.of(np.array([16, 16, 4, 4]))
    rows = layout.rows()
    inside = np.flatnonzero(rows > 0)
    steps_of = np.stack([flat_offsets(WINDOW, int(s)) for s in layout.sizes])
    ahead = inside[:, None] - steps_of[layout.block_of(inside)]
    assert ahead.max() < layout.total
    landed = rows[ahead] > 0
    block = np.broadcast_to(layout.block_of(inside)[:, None], ahead.shape)
    assert np.array_equal(layout.block_of(ahead[landed]), block[landed])


def test_background_rows_cover_all_sizes() -> None:
    used = np.unique(np.concatenate([background_rows(s) for s in SIZES]))
    assert used.min() == 1
    assert used.max() == BACKGROUND_ROWS
    assert FIRST_ROW == BACKGROUND_ROWS + 1
    assert len(used) == BACKGROUND_ROWS
