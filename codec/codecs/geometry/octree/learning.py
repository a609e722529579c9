"""How fast the mixers and the counting models learn: five numbers, which a stream may set for its cloud."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from octavox.codec.arrays import Int64Array
from octavox.codec.coding.mixing import USES_LIMIT

SURE_UNIT = 4

# The most that the products of `mixing` hold: 65536 * (rate + start) >> 5, times 3071, stays below 2^31.
_LARGEST = (63, 255, 255, 255, 255)


class Learning(NamedTuple):
    """Each 1 to 255, rate at most 63.

    rate: of a mixer's weight set. start: how much is added to it while the set is new. last: rate of the
    last mixer. sure: in units of 4/65536; bits foreseen with a smaller error teach the weights nothing.
    memory: the most that a counting model counts up to, so how slowly it forgets.
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
        """(USES_LIMIT + 1,) rate of a weight set that has learnt so often."""
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
