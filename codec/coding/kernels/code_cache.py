"""Compiled code on disk, each file with a checksum: what was cut or changed there is compiled anew.

numba itself unpickles and runs whatever it finds. Where nothing can be kept, each process compiles its own.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import pickle
from typing import Any

from octavox.codec.errors import warn_caller

_caching: Any = importlib.import_module("numba.core.caching")  # without types
_dumps: Any = importlib.import_module("numba.core.serialize").dumps

_DIGEST_BYTES = hashlib.sha256().digest_size


_named = "UserProvidedCacheLocator"  # with a line before it in earlier releases
_Locator: Any = getattr(_caching, _named, None) or getattr(_caching, f"_{_named}")


class _Place(_caching.CompileResultCacheImpl):  # type: ignore[misc]
    """Keeps code in the folder that was chosen, and in no other one."""

    _locator_classes = (_Locator,)


class _CheckedFiles(_caching.IndexDataCacheFile):  # type: ignore[misc]
    """The files of a function. Each begins with the SHA-256 of the rest."""

    def _load_index(self) -> dict[Any, str]:
        found = _read(self._index_path)
        if found is None or found[:2] != (self._version, self._source_stamp):
            return {}
        overloads: dict[Any, str] = found[2]
        return overloads

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_path, (self._version, self._source_stamp, overloads))

    def _load_data(self, name: str) -> Any:
        return _read(self._data_path(name))

    def _save_data(self, name: str, data: Any) -> None:
        self._write(self._data_path(name), data)

    def _write(self, path: str, value: Any) -> None:
        data: bytes = _dumps(value)
        with self._open_for_write(path) as file:
            file.write(hashlib.sha256(data).digest() + data)


def _read(path: str) -> Any:
    """What a file holds; None where there is none, or not as it was written."""
    try:
        with open(path, "rb") as file:
            digest, data = file.read(_DIGEST_BYTES), file.read()
    except OSError:
        return None
    return pickle.loads(data) if hashlib.sha256(data).digest() == digest else None


class CodeCache(_caching.FunctionCache):  # type: ignore[misc]
    """The compiled code of a function. Raises RuntimeError where the folder cannot be written."""

    _impl_class = _Place

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _CheckedFiles(
            locator.get_cache_path(), self._impl.filename_base, locator.get_source_stamp()
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The code for arguments of these types; None where it has to be compiled."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # such as code of another release that looks like ours
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keeps code if there is room for it."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            self.disable()
            _say(error.strerror or str(error))


def cache_of(function: Any) -> Any:
    """A numba cache for a function; one that keeps nothing where the folder cannot be written."""
    try:
        return CodeCache(function)
    except (OSError, RuntimeError) as error:
        _say(getattr(error, "strerror", None) or "the folder cannot be written")
        return _caching.NullCache()


_told: list[str] = []


def _say(reason: str) -> None:
    """Warns, once in a process."""
    if not _told:
        _told.append(reason)
        words = "so it is compiled in each process, which takes half a minute"
        folder = os.environ.get("NUMBA_CACHE_DIR")
        hint = "" if folder else "; NUMBA_CACHE_DIR names another folder"
        warn_caller(f"compiled code cannot be kept ({reason}), {words}{hint}")
