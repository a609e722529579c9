"""How fast the mixers and the counters learn: five numbers, which a stream may set for its cloud."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.mixing import USES_LIMIT

SURE_UNIT = 4

# The largest values. With them no product of `coding.mixing` overflows: 65536 * (rate + start) >> 5, times
# 3071, stays below 2^31.
_LARGEST = (63, 255, 255, 255, 255)


class Learning(NamedTuple):
    """Five numbers, each 1 to 255; rate at most 63.

    rate: rate of a mixer's weight set. start: what is added to the rate of a new set; it falls with every
    use. last: rate of the final mixer. sure: smallest error that changes weights, in units of 4/65536.
    memory: largest count of a counter; with a larger one it forgets more slowly.
    """

    rate: int = 10
    start: int = 100
    last: int = 2
    sure: int = 75
    memory: int = 255

    @property
    def valid(self) -> bool:
        """Whether every number is in its range."""
        return all(1 <= value <= most for value, most in zip(self, _LARGEST, strict=True))

    def rates(self) -> Int64Array:
        """(USES_LIMIT + 1,) int64 rates of a weight set, by how often it has learned."""
        return np.array([self.rate + self.start * 16 // (16 + n) for n in range(USES_LIMIT + 1)], np.int64)

    @property
    def final_rate(self) -> int:
        """Rate of the final mixer, in the units of `Mixer`."""
        return 2 * self.last

    @property
    def threshold(self) -> int:
        """The smallest error that moves a weight, of 65536."""
        return SURE_UNIT * self.sure


DEFAULT_LEARNING = Learning()
NETWORK_LEARNING = Learning(rate=10, start=50, last=1, sure=25)  # where a network is among the inputs
