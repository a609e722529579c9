"""How the entropy coder's loops are compiled: numba, no Python inside, GIL released, cached on disk."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

Int: TypeAlias = "int | np.int64"  # what a compiled function takes and gives: 64-bit, signed

F = TypeVar("F", bound=Callable[..., Any])


def njit(function: F) -> F:
    """`numba.njit(nogil=True, cache=True)` that keeps the function's type.

    numba keys a cached function on its own file only: after an edit of a function that others inline,
    remove their `__pycache__`.
    """
    numba = importlib.import_module("numba")  # heavy, and without type stubs
    return cast(F, numba.njit(function, nogil=True, cache=True))


def inlined(function: F) -> F:
    """`njit` for the parts of a hot loop: a call costs more than most of them, arrays being structs."""
    numba = importlib.import_module("numba")
    return cast(F, numba.njit(function, nogil=True, cache=True, forceinline=True))
