"""How the library's loops are compiled: numba, no Python inside, GIL released, cached on disk."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np

Int: TypeAlias = "int | np.int64"  # what a compiled function takes and gives: 64-bit, signed

F = TypeVar("F", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED = ("cloud", "codecs", "coding", "models")  # where compiled code takes code or constants from


def njit(function: F) -> F:
    """`numba.njit` with no GIL and a cache on disk, that keeps the function's type.

    Without numba's reference counting (_nrt), which touches memory shared by all threads many times a bit: a
    compiled function makes no array, it gets all its memory from its caller.
    """
    return cast(F, _numba().njit(function, nogil=True, cache=True, _nrt=False))


def inlined(function: F) -> F:
    """`njit` for the parts of a hot loop: a call costs more than most of them, arrays being structs."""
    return cast(F, _numba().njit(function, nogil=True, cache=True, forceinline=True, _nrt=False))


def with_functions(function: F, name: str, **functions: Any) -> F:
    """A copy of a function that calls `functions` in place of its module's functions of the same names.

    The copy can be compiled and kept on disk like any other function, since numba finds what it calls among
    its globals. A closure could not: numba would compile it anew in every process, as the key of its cache
    holds the identities of functions in the closure. name: keeps the files of several copies apart.
    """
    original = cast(FunctionType, function)
    copy = FunctionType(original.__code__, {**original.__globals__, **functions}, original.__name__)
    copy.__qualname__ = f"{original.__qualname__}_{name}"
    return cast(F, copy)


@lru_cache(maxsize=1)
def _numba() -> Any:
    """numba, with a cache that belongs to this very state of the source.

    numba itself looks at a function's own file alone: after a change in another file that the function takes
    code or constants from, it would go on with what it had compiled before.
    """
    numba = importlib.import_module("numba")  # heavy, and without type stubs
    numba.config.CACHE_DIR = str(cache_folder())
    return numba


def in_use() -> bool:
    """Whether any function of this process was given to numba."""
    return _numba.cache_info().currsize > 0


def source_digest() -> str:
    """Of every file that compiled code can come from."""
    digest = hashlib.sha256()
    for part in COMPILED:
        for path in sorted((PACKAGE / part).rglob("*.py")):
            digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: beside the package, or with the user's caches if that is read-only."""
    name = f"compiled-{source_digest()}"
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given, name)
    beside = PACKAGE / "__pycache__"
    try:
        beside.mkdir(exist_ok=True)
        own = os.access(beside, os.W_OK)
    except OSError:
        own = False
    if not own:
        return _user_cache() / "octavox" / name
    for old in beside.glob("compiled-*"):
        if old.name != name:
            shutil.rmtree(old, ignore_errors=True)
    return beside / name


def _user_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home()))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
