"""VoxelDNN compiled for CPUs: the network's three stages over lists of sites, in exact integers.

They compute the same integers as `models.integer` by matrix products, about four times faster: no patch is
copied out, activations have 8 bits, and the first layer, whose inputs are bits, is a sum of weight rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int16Array, Int32Array, Int64Array, UInt8Array, UInt64Array
from octavox.codec.coding.kernels.dense import Dense, dense32, pack, pair32
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.kernels.simd import (
    add_row,
    copy_row,
    eight_bytes,
    load,
    lowest_bit,
    put_eight_bytes,
    store_activation,
)
from octavox.codec.models.sites import KERNEL, SIZES, WINDOW, flat_offsets
from octavox.codec.models.weights import LOGIT_BIAS, LOGIT_LEVELS, VoxelDNNWeights

WIDTH, INNER, TAPS = 64, 32, len(KERNEL)
_ROW_START = np.append(np.flatnonzero(np.append(True, np.diff(WINDOW[:, :2], axis=0).any(1))), len(WINDOW))
WINDOW_ROWS = len(_ROW_START) - 1
_BYTES = np.array([sum(1 << 8 * k for k in range(n)) for n in np.diff(_ROW_START)], np.uint64)
_ONE = np.uint64(1)
_TOP, _LAST_LEVEL = LOGIT_BIAS, LOGIT_LEVELS - 1


class Layers(NamedTuple):
    """The network. first.weight: (171, 64) flat, int16; logit.weight: (64,) int16; others as `pack` says."""

    first: Dense
    down1: Dense
    conv1: Dense
    up1: Dense
    down2: Dense
    conv2: Dense
    up2: Dense
    head: Dense
    logit: Dense


class Reach(NamedTuple):
    """Where a site's inputs lie in the buffers, by size class (index in SIZES).

    kernel: (5, 63) offsets of the 5^3 kernel. window: (5, 25) offset of the first cell of each row of the 7^3
    window. cells: (25,) its cells, as the ones of eight bytes. tap: (25,) the row's first weight.
    """

    kernel: Int64Array
    window: Int64Array
    cells: UInt64Array
    tap: Int64Array


class CompiledNet(NamedTuple):
    """The weights of the network, and the places of its inputs."""

    layers: Layers
    reach: Reach


class Buffers(NamedTuple):
    """Room for n sites. x (n * 64,): their streams. h1, h2 ((FIRST_ROW + n) * 32,): as in models.integer.

    first: row in h1 and h2 of the site with number 0.
    """

    x: UInt8Array
    h1: UInt8Array
    h2: UInt8Array
    first: Int


class SiteRange(NamedTuple):
    """Sites start .. end - 1 of a list. position, kind: (n,) int64 buffer cells and size classes of all."""

    position: Int64Array
    kind: Int64Array
    start: Int
    end: Int


def layers_of(weights: VoxelDNNWeights) -> Layers:
    """The weights as the compiled functions read them."""
    packed = {}
    for name, layer in weights.layers.items():
        if name in ("first", "logit"):
            shift = layer.shift.astype(np.int32)
            bias = layer.bias + ((1 << shift) >> 1)
            packed[name] = Dense(layer.weight.astype(np.int16).reshape(-1), bias, shift)
        else:
            packed[name] = pack(layer.weight, layer.bias, layer.shift)
    return Layers(**packed)


def reach() -> Reach:
    """The offsets of all block sizes."""
    window = np.stack([flat_offsets(WINDOW, size)[_ROW_START[:-1]] for size in SIZES])
    return Reach(
        np.stack([flat_offsets(KERNEL, size) for size in SIZES]), window, _BYTES, _ROW_START[:-1].copy()
    )


@njit
def stage1(net: CompiledNet, occupied: UInt8Array, sites: SiteRange, b: Buffers) -> None:
    """First layer and down1 of the sites. occupied: of each buffer cell."""
    layers, at = net.layers, net.reach
    bias, shift, weight, down = layers.first.bias, layers.first.shift, layers.first.weight, layers.down1
    window, ones, taps, stream, h1 = at.window, at.cells, at.tap, b.x, b.h1
    position, kind = sites.position, sites.kind
    for i in range(sites.start, sites.end):
        a0, a1, a2, a3 = load(bias, 0), load(bias, 16), load(bias, 32), load(bias, 48)
        for r in range(WINDOW_ROWS):
            cells = eight_bytes(occupied, position[i] + window[kind[i], r]) & ones[r]
            while cells:
                w = (taps[r] + (lowest_bit(cells) >> 3)) * 64
                cells &= cells - _ONE
                a0 = add_row(a0, weight, w)
                a1 = add_row(a1, weight, w + 16)
                a2 = add_row(a2, weight, w + 32)
                a3 = add_row(a3, weight, w + 48)
        x = i * 64
        store_activation(stream, x, a0, load(shift, 0))
        store_activation(stream, x + 16, a1, load(shift, 16))
        store_activation(stream, x + 32, a2, load(shift, 32))
        store_activation(stream, x + 48, a3, load(shift, 48))
        dense32(stream, x, down, 0, h1, (b.first + i) * 32)


class Scratch(NamedTuple):
    """Memory of a thread: rows gathered for two sites (2 * 63 * 32,), and their inner activations (128,)."""

    patch: UInt8Array
    inner: UInt8Array


def scratch() -> Scratch:
    """Fresh memory for one thread."""
    return Scratch(np.empty(2 * TAPS * INNER, np.uint8), np.empty(128, np.uint8))


@njit
def _gather(
    net: CompiledNet, rows: Int32Array, sites: SiteRange, i: Int, table: UInt8Array, patch: UInt8Array
) -> Int:
    """Copies the neighbours' rows of site i and the next one side by side; returns the number of the latter.

    The last site stands for the next one, too. So many loads at once hide the delay of the memory.
    """
    kernel, position, kind = net.reach.kernel, sites.position, sites.kind
    j = min(i + 1, sites.end - 1)
    for tap in range(TAPS):
        p = rows[position[i] + kernel[kind[i], tap]]
        q = rows[position[j] + kernel[kind[j], tap]]
        copy_row(patch, tap * INNER, table, np.int64(p) * INNER)
        copy_row(patch, (TAPS + tap) * INNER, table, np.int64(q) * INNER)
    return j


@njit
def _residual(conv: Dense, up: Dense, x: UInt8Array, i: Int, j: Int, own: Scratch) -> None:
    """Adds the output of a residual block, for the rows gathered, to the streams of sites i and j."""
    inner = own.inner
    pair32(own.patch, conv, inner)
    for site in range(1 if j == i else 2):
        to = (j if site else i) * 64
        for part in range(2):
            dense32(inner, site * 32, up, part, inner, 64 + part * 32)
        for c in range(64):
            x[to + c] = min(np.int32(x[to + c]) + np.int32(inner[64 + c]), np.int32(255))


@njit
def _logit(head: Dense, logit: Dense, x: UInt8Array, i: Int, inner: UInt8Array) -> Int:
    """Table index of site i's logit."""
    for part in range(2):
        dense32(x, i * 64, head, part, inner, part * 32)
    total = np.int64(logit.bias[0])
    for c in range(64):
        total += np.int32(inner[c]) * np.int32(logit.weight[c])
    index: Int = min(max((total >> logit.shift[0]) + _TOP, 0), _LAST_LEVEL)
    return index


@njit
def stage2(net: CompiledNet, rows: Int32Array, sites: SiteRange, b: Buffers, own: Scratch) -> None:
    """First residual block and down2 of the sites, whose h1 and whose neighbours' h1 are known.

    rows: (cells,) row of each buffer cell in h1 and h2.
    """
    conv, up, down = net.layers.conv1, net.layers.up1, net.layers.down2
    for i in range(sites.start, sites.end, 2):
        j = _gather(net, rows, sites, i, b.h1, own.patch)
        _residual(conv, up, b.x, i, j, own)
        dense32(b.x, i * 64, down, 0, b.h2, (b.first + i) * 32)
        dense32(b.x, j * 64, down, 0, b.h2, (b.first + j) * 32)


@njit
def stage3(
    net: CompiledNet, rows: Int32Array, sites: SiteRange, b: Buffers, logit: Int16Array, own: Scratch
) -> None:
    """Second residual block, head and logit index of the sites, given the neighbours' h2."""
    conv, up, head, last = net.layers.conv2, net.layers.up2, net.layers.head, net.layers.logit
    for i in range(sites.start, sites.end, 2):
        j = _gather(net, rows, sites, i, b.h2, own.patch)
        _residual(conv, up, b.x, i, j, own)
        logit[i] = _logit(head, last, b.x, i, own.inner)
        logit[j] = _logit(head, last, b.x, j, own.inner)


@njit
def background(net: Layers, near: Int64Array, b: Buffers, logit: Int16Array, own: Scratch) -> None:
    """All stages of the n sites of empty blocks; row 1 + i of the tables is site i, row 0 the padding.

    near: (n, 63) rows of the neighbours.
    """
    n, x, head, last = len(near), b.x, net.head, net.logit
    patch, inner = own.patch, own.inner
    for i in range(n):
        for c in range(0, 64, 16):
            store_activation(x, i * 64 + c, load(net.first.bias, c), load(net.first.shift, c))
        dense32(x, i * 64, net.down1, 0, b.h1, (1 + i) * 32)
    for i in range(n):
        for tap in range(TAPS):
            copy_row(patch, tap * INNER, b.h1, near[i, tap] * INNER)
        _residual(net.conv1, net.up1, x, i, i, own)
        dense32(x, i * 64, net.down2, 0, b.h2, (1 + i) * 32)
    for i in range(n):
        for tap in range(TAPS):
            copy_row(patch, tap * INNER, b.h2, near[i, tap] * INNER)
        _residual(net.conv2, net.up2, x, i, i, own)
        logit[i] = _logit(head, last, x, i, inner)


@inlined
def mark_ahead(at: Reach, active: UInt8Array, position: Int, kind: Int) -> None:
    """Sets active[...] = 1 at every voxel whose window holds `position`."""
    for r in range(WINDOW_ROWS):
        cells = at.cells[r]
        first = position - at.window[kind, r] - (6 if r < WINDOW_ROWS - 1 else 2)
        put_eight_bytes(active, first, eight_bytes(active, first) | cells)


@njit
def mark_all(at: Reach, active: UInt8Array, position: Int64Array, kind: Int64Array) -> None:
    """`mark_ahead` for every position."""
    for i in range(len(position)):
        mark_ahead(at, active, position[i], kind[i])
