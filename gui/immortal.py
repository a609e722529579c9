"""Keeps Python before 3.12 alive under PySide6 6.12 and later.

Those wheels are built for interpreters on which None, True, False and NotImplemented are immortal (PEP 683,
Python 3.12). On an older one every call of a Qt method that returns nothing gives away a reference of None
that it does not own, and after some thousands of calls the interpreter aborts ("none_dealloc"). Measured with
PySide6 6.12.0 on Python 3.11: one reference a call. Giving these objects a reference count that nothing will
use up is what PEP 683 itself does.
"""

from __future__ import annotations

import ctypes
import sys

ENOUGH = 1 << 40


def protect() -> bool:
    """Make the singletons immortal where it is needed; whether it was. Call before the first use of Qt."""
    from PySide6 import __version_info__

    if sys.version_info >= (3, 12) or tuple(__version_info__[:2]) < (6, 12):
        return False
    for singleton in (None, True, False, NotImplemented):
        count = ctypes.c_ssize_t.from_address(id(singleton))
        if count.value < ENOUGH:
            count.value += ENOUGH
    return True
