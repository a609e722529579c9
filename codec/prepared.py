"""Compiling ahead. A codec's loops are compiled for the machine on first use, which takes half a minute."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import PointCloud, VoxelCloud
from octavox.codec.cloud.morton import morton_decode
from octavox.codec.codecs.attributes.interface import Layout
from octavox.codec.codecs.registry import attribute_coder, codec_info, codec_infos
from octavox.codec.coding.kernels.jit import cache_folder

from .errors import OctavoxError
from .job import JobContext
from .options import CodecOptions

ROWS = "rows"  # the coder of files whose order comes back; its loops are compiled apart from those of codecs


def compiled_codecs() -> tuple[str, ...]:
    """Names of the codecs whose loops are compiled on first use."""
    return tuple(info.name for info in codec_infos() if info.compiled)


def is_prepared(name: str) -> bool:
    """Whether the loops of this codec, or of coder "rows", were compiled for this state of the source, or it
    has none."""
    return name not in (*compiled_codecs(), ROWS) or _mark(name).is_file()


def _mark(name: str) -> Path:
    """The file that says so."""
    return _folder() / f"{name}.ready"


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Asked for once: the source does not change while a process runs."""
    return cache_folder()


def prepare(names: Iterable[str] | None = None) -> None:
    """Compiles the loops of these codecs (None: of all), for all processes of this machine from now on.

    With those of a codec come those of points and their properties. The name "rows" stands for the coder of
    files whose order comes back. A codec that cannot be used, for want of weights, is passed over.
    """
    from . import api

    cloud = VoxelCloud(np.array([[0, 0, 0], [1, 1, 1]], np.int32), 7)
    for name in compiled_codecs() if names is None else names:
        options = CodecOptions(codec=name)
        with contextlib.suppress(OctavoxError, OSError):
            if name == ROWS:
                _run(ROWS, np.empty((0, 3), np.int32))
            else:
                api.decode(api.encode(cloud, options=options).data, options=options)
                if codec_info(name).by_level:
                    _prepare_guesses(options)
                if name in compiled_codecs():
                    _prepare_points()
            _mark(name).touch()


def _prepare_guesses(options: CodecOptions) -> None:
    """The loops of levels that are guessed, one of them in part."""
    from . import api

    cloud = VoxelCloud(morton_decode(np.arange(0, 1 << 12, 5)), 7)
    api.decode(api.encode(cloud, options=options, drop_levels=1.5).data, options=options)


def _prepare_points() -> None:
    """The loops of properties in space, of points that share a voxel, and of those between voxels."""
    from . import api

    _run("spatial", morton_decode(np.arange(64)))
    between = np.random.default_rng(0).random((64, 3))
    twice = PointCloud(np.concatenate([between, between]))
    options = CodecOptions(codec="octree")
    api.decode(api.encode(twice, options=options).data, options=options)


def _run(name: str, cells: npt.NDArray[np.int32]) -> None:
    """Has a coder of attributes code and decode a few colours. cells: where they lie, if anywhere."""
    columns = [(np.arange(64) * k % 251).astype(np.uint8) for k in (3, 5, 7)]
    layout, job = Layout(cells, np.array([0, 64], np.int64)), JobContext()
    coder = attribute_coder(name)
    coded = coder.encode(columns, layout, job)
    coder.decode(coded.params, coded.payloads, [column.dtype for column in columns], layout, job)
