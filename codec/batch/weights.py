"""A caller's own weights on the workers: each gets the file once, also one that comes later."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from octavox.codec.errors import InputError, WeightsError

_paths: dict[str, str] = {}  # where this process has the weights with a digest


def read_weights(path: str) -> bytes:
    """The bytes of a weights file. Raises WeightsError where it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise WeightsError(f"the weights cannot be read: {error.strerror or error}", path=path) from error


def digest_of(data: bytes) -> str:
    """What names weights on a worker: their SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def keep_weights(data: bytes, folder: str) -> None:
    """Writes weights into a worker's own folder."""
    digest = digest_of(data)
    path = Path(folder, f"octavox-{digest}.safetensors")
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(data)
    os.replace(half, path)
    _paths[digest] = str(path)


def weights_path(digest: str) -> str:
    """Where this worker has weights. Raises InputError where it did not get them."""
    if digest not in _paths:
        raise InputError("this worker did not get the weights of the batch")
    return _paths[digest]
