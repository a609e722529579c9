"""The params of a stream of codecs "octree" and "multiscale": how its slices are coded.

The short form has 2 bytes: model version and table bits. The long form has 8: also the order of axes and the
five numbers of `Learning`, where an encoder chose others than the defaults. With DIRECT_VERSION and
SENSOR_VERSION one byte more comes last: the first level on which isolated points are coded directly. With the
latter, each slice begins with its sensor. FEW_VERSION is MODEL_VERSION with fewer contexts.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from octavox.codec.errors import CorruptStreamError, UnsupportedStreamError

from .direct import NEVER
from .learning import Learning

MODEL_VERSION, DIRECT_VERSION, SENSOR_VERSION, FEW_VERSION = 2, 3, 4, 5
MIN_TABLE_BITS, MAX_TABLE_BITS = 12, 22
AXIS_ORDERS = tuple(itertools.permutations(range(3)))  # which axes of the cloud are coded as x, y and z
SHORT, LONG = 2, 8


@dataclass(frozen=True)
class Params:
    """table_bits: log2 of the counters of each context. axes: index into AXIS_ORDERS.

    direct_from: the first level on which isolated points are coded directly, or NEVER. sensed: whether each
    slice begins with its sensor; not with NEVER. few: all slices have a reference and use few contexts
    (`inter.mixing.FEW`); with NEVER only.
    """

    table_bits: int
    learning: Learning
    axes: int = 0
    direct_from: int = NEVER
    sensed: bool = False
    few: bool = False

    def to_bytes(self, default: Learning) -> bytes:
        """default: the numbers that the short form stands for."""
        plain = self.axes == 0 and self.learning == default
        chosen = b"" if plain else bytes([self.axes, *self.learning])
        if self.direct_from == NEVER:
            return bytes([FEW_VERSION if self.few else MODEL_VERSION, self.table_bits]) + chosen
        version = SENSOR_VERSION if self.sensed else DIRECT_VERSION
        return bytes([version, self.table_bits]) + chosen + bytes([self.direct_from])


def table_bits_for(points: int, with_network: bool = False) -> int:
    """log2 of the counters of each context that suits a slice of `points`.

    with_network: a network is among the inputs; half the counters are enough then (docs/decisions/0005).
    """
    fitting = max(points, 1).bit_length() + 4 - with_network
    return min(max(fitting, MIN_TABLE_BITS), MAX_TABLE_BITS - with_network)


def read_params(data: bytes, default: Learning) -> Params:
    """Inverse of `Params.to_bytes`. Raises CorruptStreamError, UnsupportedStreamError."""
    if data and data[0] not in (MODEL_VERSION, DIRECT_VERSION, SENSOR_VERSION, FEW_VERSION):
        raise UnsupportedStreamError(f"octree model version {data[0]} is not known", field="params")
    direct_from, sensed = NEVER, data[:1] == bytes([SENSOR_VERSION])
    few = data[:1] == bytes([FEW_VERSION])
    if data[:1] == bytes([DIRECT_VERSION]) or sensed:
        data, direct_from = data[:-1], data[-1]
        if direct_from >= NEVER:
            raise CorruptStreamError(f"direct coding from level {direct_from} on", field="params")
    if len(data) not in (SHORT, LONG):
        raise CorruptStreamError(f"{len(data)} bytes of params instead of {SHORT} or {LONG}", field="params")
    if not MIN_TABLE_BITS <= data[1] <= MAX_TABLE_BITS:
        raise CorruptStreamError(f"table of 2**{data[1]} counters is out of range", field="params")
    if len(data) == SHORT:
        return Params(data[1], default, direct_from=direct_from, sensed=sensed, few=few)
    axes, learning = data[2], Learning(*data[3:])
    if axes >= len(AXIS_ORDERS):
        raise CorruptStreamError(f"order of axes {axes} is not known", field="params")
    if not learning.valid:
        raise CorruptStreamError(f"rates of learning {tuple(learning)} are out of range", field="params")
    return Params(data[1], learning, axes, direct_from, sensed, few)
