"""Memory for tables of counters (`kernels.counting`): up to hundreds of megabytes, used again and again.

The system clears new memory page by page when it is first used. That takes longer than clearing an old table,
and on a virtual machine it may stop every thread of the process meanwhile.
"""

from __future__ import annotations

import threading

import numpy as np

from octavox.codec.arrays import UInt32Array

MOST_SPARE = 2
_PART = 1 << 20  # counters that are cleared at once; other threads get the interpreter in between

_lock = threading.Lock()
_spare: list[UInt32Array] = []


def take_counters(size: int) -> UInt32Array:
    """A table of counters that have seen nothing: (size,) uint32 zeros."""
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
    """Keeps a table for the next `take_counters`. The caller must not use it any more."""
    with _lock:
        if len(_spare) < MOST_SPARE:
            _spare.append(table)
