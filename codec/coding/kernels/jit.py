"""How the library's loops are compiled: by numba, without Python objects or the GIL, and kept on disk."""

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

PACKAGE = Path(__file__).resolve().parents[2]
COMPILED = ("cloud", "codecs", "coding", "models")  # the folders that compiled code comes from


def njit(function: F) -> F:
    """`numba.njit` without the GIL and with a cache on disk; keeps the function's type.

    It is also without numba's reference counting (_nrt), which would write to memory that all threads share
    many times a bit. So a compiled function must make no array: its caller gives it all its memory.
    """
    return cast(F, _compiled(function))


def inlined(function: F) -> F:
    """`njit` for the parts of a hot loop, as calls would be slow: each array is passed as a struct."""
    return cast(F, _compiled(function, forceinline=True))


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    """numba's object that compiles the function when it is called, or finds its code on disk."""
    numba = _numba()
    options = {"nogil": True, "_nrt": False, **options}
    made = numba.njit(function, no_cfunc_wrapper=True, **options)
    if not numba.config.DISABLE_JIT:
        from .code_cache import cache_of
        from .parts import lend_as_part

        lend_as_part(made, function, options)
        made._cache = cache_of(function)  # as `cache=True` does with a cache that believes its files
    return made


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
    """numba, with a cache that is only for this state of the source.

    numba itself checks a function's own file only. After a change in another file that the function takes
    code or constants from, it would use what it had compiled before the change.
    """
    numba = importlib.import_module("numba")  # heavy, and without type stubs
    numba.config.CACHE_DIR = str(cache_folder())
    return numba


def in_use() -> bool:
    """Whether any function of this process was given to numba."""
    return _numba.cache_info().currsize > 0


def source_digest() -> str:
    """A digest of every file that compiled code can come from."""
    digest = hashlib.sha256()
    for part in COMPILED:
        for path in sorted((PACKAGE / part).rglob("*.py")):
            digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Where compiled code is kept: in the package's folder, or in the user's caches if that is read-only."""
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
    """Where users' programs keep what they can make again; a folder that cannot be made without a home."""
    try:
        return _home_cache()
    except RuntimeError:
        return Path(os.devnull)


def _home_cache() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home()))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
