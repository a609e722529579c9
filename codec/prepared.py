"""Compiling ahead. A codec's loops are compiled for the machine on first use, which takes half a minute."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs.registry import codec_infos
from octavox.codec.coding.kernels.jit import cache_folder

from .errors import OctavoxError
from .options import CodecOptions


def compiled_codecs() -> tuple[str, ...]:
    """Names of the codecs whose loops are compiled on first use."""
    return tuple(info.name for info in codec_infos() if info.compiled)


def is_prepared(name: str) -> bool:
    """Whether the loops of this codec were compiled for this state of the source, or it has none."""
    return name not in compiled_codecs() or _mark(name).is_file()


def _mark(name: str) -> Path:
    """The file that says so."""
    return _folder() / f"{name}.ready"


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Asked for once: the source does not change while a process runs."""
    return cache_folder()


def prepare(names: Iterable[str] | None = None) -> None:
    """Compiles the loops of these codecs (None: of all), for all processes of this machine from now on.

    A codec that cannot be used, for want of weights, is passed over.
    """
    from . import api

    cloud = VoxelCloud(np.array([[0, 0, 0], [1, 1, 1]], np.int32), 7)
    for name in compiled_codecs() if names is None else names:
        options = CodecOptions(codec=name)
        with contextlib.suppress(OctavoxError, OSError):
            api.decode(api.encode(cloud, options=options).data, options=options)
            _mark(name).touch()
