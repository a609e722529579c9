"""The adaptive models of slices that have a reference: those of `octree.mixing`, and contexts that see it.

A fifth context word holds what the reference has around the child. docs/inter-codec.md lists its bits.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.codecs.geometry.multiscale.trunk import REFERENCE_WORDS
from octavox.codec.codecs.geometry.octree.contexts import (
    FACTORS,
    GROUP_BITS,
    LAST_FACTOR,
    MASKS,
    NEAR_SHIFT,
    popcount,
)
from octavox.codec.codecs.geometry.octree.learning import Learning
from octavox.codec.codecs.geometry.octree.mixing import SELECTOR_STARTS, Inputs, Mixing, choose_near
from octavox.codec.codecs.geometry.octree.state import Child
from octavox.codec.codecs.geometry.octree.walk import PART_BITS, Models
from octavox.codec.coding import mixing as shared
from octavox.codec.coding.counters import take_counters
from octavox.codec.coding.kernels.counting import counter_finder, counter_reader, counter_writer
from octavox.codec.coding.kernels.jit import Int, inlined, with_functions
from octavox.codec.coding.kernels.simd import LANES
from octavox.codec.coding.logistic import stretch_table
from octavox.codec.coding.mixing import MIXERS, WEIGHT_ONE, WeightSets, new_mixer

from .head import InterPrior, window_around

WORDS = 5
_CENTRE = 13
FACES = (4, 10, 12, 14, 16, 22)
_OFF = 27  # where word 4 says how the voxels before the child differ from the reference
_SEEN = 0xFFF  # the twelve places of the 3^3 window that are known before the child's row
FINAL_SETS = 8


def _bits(places: tuple[int, ...]) -> int:
    return sum(1 << place for place in places)


_KNOWN_0 = 7 << 37 | 7 << 43 | 7 << 49  # these twelve places: dx = -1 in word 0, dx = 0 and dy = -1 in word 2
_KNOWN_2 = 7 << (NEAR_SHIFT + 7)
_LATER = ((1 << 27) - 1) & ~_SEEN
_EDGES = tuple(p for p in range(27) if sum(v != 1 for v in (p // 9, p // 3 % 3, p % 3)) == 2)
OWN_MASKS = (
    (0, 0, 0, 0, (1 << 31) - 1),
    (_KNOWN_0, 0, _KNOWN_2, 0, _LATER),
    (_KNOWN_0 & (2 << 37 | 7 << 43 | 2 << 49), 0, _KNOWN_2, 0, _bits((_CENTRE, *FACES, *_EDGES))),
    (0, 0, (1 << 27) - 1 | 7 << 35, 0, _bits((_CENTRE, *FACES))),
)
_MASKS = [[*row, 0] for row in MASKS.tolist()] + [list(row) for row in OWN_MASKS]
_FACTORS = (*FACTORS, 0x8CB92BA72F3D8DD7)
_STARTS = np.array(SELECTOR_STARTS[:MIXERS], np.int64)
_STRETCH_BITS, _STEP_OFFSET = 12, 13
_STRETCH = np.ascontiguousarray(stretch_table()[8::16])


class Contexts(NamedTuple):
    """Which contexts a slice uses, and those whose counts select the fourth mixer's weights."""

    used: tuple[int, ...]
    confident: tuple[int, ...]

    @property
    def masks(self) -> list[list[int]]:
        """On the context words, of each."""
        return [_MASKS[k] for k in self.used]

    @property
    def places(self) -> tuple[int, ...]:
        """Where `confident` are among those used."""
        return tuple(self.used.index(k) for k in self.confident)


ALL = Contexts(tuple(range(len(_MASKS))), (4, 5, 11, 12))
FEW = Contexts((0, 1, 3, 5, 6, 10, 12, 13), (0, 5, 12, 13))  # docs/decisions/0011-inter.md


def new_mixing(table_bits: int, learning: Learning, contexts: Contexts) -> Mixing:
    """New models; the network alone has weight at first."""
    weights, inputs = np.zeros((SELECTOR_STARTS[MIXERS], LANES), np.int32), len(contexts.used)
    weights[:, inputs] = WEIGHT_ONE
    return Mixing(
        new_mixer(weights, FINAL_SETS, learning.rates(), learning.final_rate, learning.threshold),
        take_counters(inputs << table_bits),
        table_bits,
        learning.memory,
        np.zeros(WORDS, np.int64),
        np.zeros(PART_BITS * LANES, np.int64),
        np.zeros(PART_BITS * MIXERS, np.int64),
    )


@inlined
def add_words(prior: InterPrior, node: Int, octant: Int, words: Int64Array) -> None:
    """Word 4: the 27 voxels of the reference around the child, in raster order, and how far it is off.

    Bits 27 and 28 count, up to 3, voxels before the child that the reference lacks; 29 and 30 the voxels that
    it alone has.
    """
    around = window_around(np.int64(prior.reference[REFERENCE_WORDS * node]), octant)
    w, u = words[0], words[2]
    known = ((w >> 37) & 7) | (((w >> 43) & 7) << 3) | (((w >> 49) & 7) << 6)
    known |= ((u >> (NEAR_SHIFT + 7)) & 7) << 9
    there = around & _SEEN
    lacks, alone = min(popcount(known & ~there), 3), min(popcount(there & ~known), 3)
    words[4] = around | (lacks << _OFF) | (alone << (_OFF + 2))


# What the next three call: `models_of` puts compiled code for some contexts in their place.
_find: Any = None
_read: Any = None
_write: Any = None


def _prepare(m: Mixing, bit: Int) -> None:
    """As `octree.mixing.prepare`; the third mixer's weights depend on the reference."""
    _find(m.words, m.table_bits, m.counters, m.groups, bit * LANES)
    choose_near(m, bit)
    r = m.words[4]
    faces = ((r >> 4) & 1) | (((r >> 10) & 1) << 1) | (((r >> 12) & 7) << 2)
    faces |= (((r >> 16) & 1) << 5) | (((r >> 22) & 1) << 6)
    off = (r >> _OFF) & 15
    m.sets[bit * MIXERS + 2] = _STARTS[2] + ((faces << 4) | ((off >> 2) << 2) | (((off & 3) > 0) << 1))
    m.sets[bit * MIXERS + 3] = ((r >> _CENTRE) & 1) | ((off > 0) << 1)


def _gather(m: Mixing, child: Child, logit: Int) -> Inputs:
    """As `octree.mixing.gather`."""
    x, counters, counts = _read(m.counters, m.groups, child.bit * LANES, child.row, _STRETCH, logit)
    before, at = child.row >> 1, child.bit * MIXERS
    sets = WeightSets(
        m.sets[at] | before,
        m.sets[at + 1] | before,
        m.sets[at + 2] | before,
        _STARTS[3] + counts,
        (m.sets[at + 3] << 1) | before,
    )
    return Inputs(x, counters, sets)


def _learn(m: Mixing, child: Child, inputs: Inputs, prediction: shared.Prediction, bit: Int) -> None:
    """As `octree.mixing.learn`."""
    shared.learn(m.mixer, inputs.x, inputs.sets, prediction, bit)
    _write(m.counters, m.groups, child.bit * LANES, child.row, inputs.counters, bit, m.most)


def models_of(name: str, contexts: Contexts) -> Models:
    """The compiled functions for some contexts. name: unique among them."""
    inputs = len(contexts.used)
    find = counter_finder(contexts.masks, _FACTORS, LAST_FACTOR, GROUP_BITS)
    read = counter_reader(inputs, contexts.places, _STRETCH_BITS)
    write = counter_writer(inputs, _STEP_OFFSET)
    return Models(
        add_words,
        inlined(with_functions(_prepare, name, _find=find)),
        inlined(with_functions(_gather, name, _read=read)),
        inlined(with_functions(_learn, name, _write=write)),
    )
