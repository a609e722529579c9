"""What the coding loop works on, by subject: named tuples, which numba compiles like single arrays."""

from __future__ import annotations

from typing import NamedTuple

from octavox.codec.arrays import Float64Array, Int16Array, Int64Array, UInt8Array, UInt16Array
from octavox.codec.coding.kernels.jit import Int

from .beams import Beams
from .levels import Nodes, Occupancy
from .neighbours import Neighbours


class LevelState(NamedTuple):
    """The level whose nodes are known and whose nodes' children are being coded.

    below: levels below the children's. neighbours: of the nodes. truth: what an encoder codes; unused by a
    decoder. occupied: (n + PADDING,) uint8 children found so far, bit k = 4x + 2y + z for child k. flags: of
    isolated nodes, see `direct`. beams: of the sensor. cursor: (CURSOR_WORDS,) int64 place in the order of
    coding, see `cursor`. given: (n,) uint8 children of nodes that both sides know, as `occupied`; 0 for nodes
    whose children are coded. Empty where all are.
    """

    below: Int
    nodes: Nodes
    neighbours: Neighbours
    truth: Occupancy
    occupied: UInt8Array
    flags: UInt16Array
    beams: Beams
    cursor: Int64Array
    given: UInt8Array


class Output(NamedTuple):
    """What the loop fills.

    children: the occupied ones, from row cursor[CHILDREN] on; needs room for 2 a visit. limit: the most of
    them that the slice may have. costs: (owners,) float64 code lengths in bits, by owner. lengths: as
    `walk.code_lengths`. trace: (8 n,) int16 what each child was coded with, see `walk`; empty if not wanted.
    """

    children: Nodes
    limit: Int
    costs: Float64Array
    lengths: Float64Array
    trace: Int16Array


class Child(NamedTuple):
    """A child that is about to be coded.

    node: row of its node. octant: which child of that node it is, 4x + 2y + z. bit: its number in the part of
    a row that was prepared together. row: whether the voxel before it in its row is occupied << 1 | the one
    before that.
    """

    node: Int
    octant: Int
    bit: Int
    row: Int
