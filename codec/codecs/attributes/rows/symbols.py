"""The coding loop of fields with few values: a tree of binary decisions for each row, in nine contexts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.kernels.jit import Int, inlined, njit
from octavox.codec.coding.mixed_bits import (
    CONTEXTS,
    GROUP,
    GROUP_BITS,
    MixedBits,
    code_mixed,
    hashed,
    new_mixed_bits,
)
from octavox.codec.coding.mixing import WeightSets
from octavox.codec.coding.range_coder import BitCoder

from .cells import Cells, enter, look_up, new_cells
from .layout import MOST_RELATED, MOST_SYMBOLS, RELATED, Part, has_cells
from .masks import before, fill_masked, is_masked
from .trees import MOST_LENGTH, Tree

MOST_BITS = MOST_LENGTH
_WEIGHTS = (0.25, 0.0)
_DEPTHS, _VALUES, _RELATED_VALUES = 8, 32, 64
_A = 0
_B = _A + MOST_SYMBOLS
_C = _B + _DEPTHS * _VALUES
_D = _C + _DEPTHS * _RELATED_VALUES
_SETS = _D + 8 * _DEPTHS
_WORD = 0xFFFF


class SymbolModel(NamedTuple):
    """All that adapts, and the working memory of a row. contexts: (CONTEXTS,) int64 hashes."""

    bits: MixedBits
    tree: Tree
    cells: Cells
    contexts: Int64Array
    related: Int64Array


def new_symbol_model(field: Int64Array, tree: Tree, rows: int, table_bits: int) -> SymbolModel:
    """The model of a field of so many rows."""
    return SymbolModel(
        new_mixed_bits(table_bits, _SETS, MOST_SYMBOLS, _WEIGHTS, 1),
        tree,
        new_cells(has_cells(field, 0), rows),
        np.zeros(CONTEXTS, np.int64),
        np.zeros(3 * MOST_RELATED, np.int64),
    )


@inlined
def _read_related(part: Part, model: SymbolModel, f: Int, i: Int) -> None:
    """The values of related fields: of each in this row, in the row before and in the row after."""
    for k in range(MOST_RELATED):
        g = part.fields[f, RELATED + k]
        for j in range(3):
            model.related[3 * k + j] = 0
        if g >= 0:
            model.related[3 * k] = part.values[g, i] & _WORD
            model.related[3 * k + 1] = part.values[g, max(i - 1, 0)] & _WORD
            model.related[3 * k + 2] = part.values[g, min(i + 1, part.values.shape[1] - 1)] & _WORD


@inlined
def _find_contexts(part: Part, model: SymbolModel, f: Int, i: Int) -> Int:
    """Hashes the contexts of a row. Returns which of its neighbours agree."""
    values, w, r, c, cells = part.values, part.width, model.related, model.contexts, model.cells
    a, b, e = before(values, f, i, 1), before(values, f, i, 2), before(values, f, i, 3)
    north = before(values, f, i, w if w else 3)
    west, east = before(values, f, i, w + 1 if w else 4), before(values, f, i, w - 1 if w else 5)
    far = before(values, f, i, 2 * w if w else 6)
    sure: Int = min(cells.error[0], 3)
    same: Int = np.int64(r[0] == r[1]) | (np.int64(r[3] == r[4]) << 1) | (np.int64(r[6] == r[7]) << 2)
    c[0] = a
    c[1] = a | (b << 16) | (r[0] << 32)
    c[2] = a | (b << 16) | (e << 32) | (far << 48)
    c[3] = r[0] | (r[1] << 16) | (r[2] << 32) | (a << 48)
    c[4] = r[0] | (r[3] << 16) | (r[6] << 32) | (a << 48)
    c[5] = north | (a << 8) | (west << 16) | (east << 24) | (far << 32) | (b << 40)
    c[6] = (cells.value[0] + 1) | ((cells.value[1] + 1) << 16) | (sure << 32) | (a << 40)
    c[7] = r[3] | (r[4] << 16) | (r[5] << 32) | (a << 48)
    c[8] = same | (a << 8) | (b << 24) | (r[0] << 40)
    for k in range(CONTEXTS):
        c[k] = hashed(c[k] + 1, k + 1)
    agree: Int = np.int64(a == north) | (np.int64(a == b) << 1)
    return agree | (np.int64(cells.value[0] == cells.value[1]) << 2)


@inlined
def _set_groups(model: SymbolModel, page: Int) -> None:
    """Points each context to the counters of the nodes page * 32 to page * 32 + 31."""
    bits = model.bits
    shift, mask = 64 + GROUP_BITS - bits.table_bits, (1 << (bits.table_bits - GROUP_BITS)) - 1
    for k in range(CONTEXTS):
        h: Int = model.contexts[k]
        if page:
            h = hashed(h, page)
        bits.groups[k] = (np.int64(k) << bits.table_bits) + (((h >> shift) & mask) << GROUP_BITS)


@inlined
def _code_symbol(coder: BitCoder, part: Part, model: SymbolModel, f: Int, i: Int) -> Int:
    """Codes the symbol of a row."""
    agree = _find_contexts(part, model, f, i)
    last, related = min(before(part.values, f, i, 1), _VALUES - 1), min(model.related[0], _RELATED_VALUES - 1)
    known = part.values[f, i] if coder.encoding else 0
    code, length = model.tree.codes[known], model.tree.lengths[known]
    node: Int = np.int64(0)
    depth: Int = np.int64(0)
    page: Int = np.int64(-1)
    while node >= 0:
        if node >> GROUP_BITS != page:
            page = node >> GROUP_BITS
            _set_groups(model, page)
        d: Int = min(depth, _DEPTHS - 1)
        sets = WeightSets(
            _A + node,
            _B + last * _DEPTHS + d,
            _C + related * _DEPTHS + d,
            _D + agree * _DEPTHS + d,
            node,
        )
        bit = (code >> max(length - 1 - depth, 0)) & 1
        bit = code_mixed(coder, model.bits, node & (GROUP - 1), sets, bit)
        node = np.int64(model.tree.children[node, bit])
        depth += 1
    return ~node


@njit
def code_symbols(coder: BitCoder, part: Part, model: SymbolModel, f: int, start: int, end: int) -> None:
    """Codes rows start to end of field f, or fills them in."""
    for i in range(start, end):
        if is_masked(part, f, i):
            fill_masked(part, f, i)
            continue
        _read_related(part, model, f, i)
        look_up(model.cells, part, f, i, -1, 0)
        symbol = _code_symbol(coder, part, model, f, i)
        part.values[f, i] = symbol
        for t in range(2):
            right = model.cells.hit[t] and model.cells.value[t] == symbol
            enter(model.cells, t, symbol, model.cells.error[t] + 1 if right else 0)
