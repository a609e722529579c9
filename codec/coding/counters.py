"""Tables of counting models, hundreds of megabytes each: one that a slice is done with serves the next.

Memory that comes anew from the system is cleared page by page when it is first touched, which takes longer
than clearing it here, and on a virtual machine may hold up every thread of the process.
"""

from __future__ import annotations

import threading

import numpy as np

from octavox.codec.arrays import UInt32Array

MOST_SPARE = 2
_PART = 1 << 20  # slots cleared at once: other threads get the interpreter in between

_lock = threading.Lock()
_spare: list[UInt32Array] = []


def take_counters(size: int) -> UInt32Array:
    """(size,) zeros."""
    with _lock:
        fitting = [table for table in _spare if len(table) == size]
        if not fitting:
            _spare.clear()
            return np.zeros(size, np.uint32)
        table = fitting[0]
        _spare[:] = [other for other in _spare if other is not table]
    for begin in range(0, size, _PART):
        table[begin : begin + _PART] = 0
    return table


def release_counters(table: UInt32Array) -> None:
    """Whoever took it is done with it."""
    with _lock:
        if len(_spare) < MOST_SPARE:
            _spare.append(table)
