"""Coarse clouds of a bitstream: some of its levels alone, of which only the bytes that they take are read."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from octavox import codec
from octavox.codec import (
    CancelToken,
    CodecOptions,
    DecodeResult,
    Progress,
    StreamLevels,
    StreamParts,
    VoxelCloud,
)
from octavox.gui.document.detail_levels import Shown, coarse_levels
from octavox.gui.document.display import CloudDisplay, coarse
from octavox.gui.document.items import CloudItem
from octavox.gui.document.job_state import SampleRead
from octavox.gui.document.on_disk import EVERYWHERE
from octavox.gui.document.refining import Refining, gathered, refined
from octavox.gui.document.words import told

from .compiling import COMPILER
from .job import Report

LARGE = 2_000_000  # voxels of a bitstream, from which on a coarse cloud is shown before all is decoded
FIRST_LEVEL = 7  # of the first coarse cloud: at most 128 cells along each axis
MOST_CELLS = 500_000  # of the last one: what comes before takes a small share of the whole time
LARGE_BYTES = 2 << 20  # of a bitstream that may have very many voxels
GROWTH = 4  # cells of a level for each of the one above, on surfaces


def decode_level(
    source: bytes | str,
    level: int,
    levels: StreamLevels,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> CloudItem:
    """The cloud of the first `level` levels. Raises as `codec.decode`."""
    COMPILER.ensure_for(source, report, cancel)
    report(Progress("decode", 0, 0))
    result = codec.decode(source, options=options, lod=level, cancel=cancel)
    cancel.raise_if_cancelled()
    report(Progress("prepare", 0, 0))
    display = coarse_display(result)
    seconds = sum(result.report.seconds.values())
    shown = Shown(level, len(result.voxels), result.report.bytes, levels.bytes[-1], seconds)
    label = told("level {n} of {all}", n=level, all=levels.depth)
    return CloudItem(display, label, source=result.cloud, level=result.report.level, detail=shown)


@dataclass(frozen=True)
class OpenedLevels:
    """A bitstream of very many voxels, and the finest of its coarse clouds that the budget has room for."""

    path: str
    data: bytes
    codec: str
    points: int
    item: CloudItem


def may_be_large(path: str) -> bool:
    """Whether a bitstream is to be looked at before all of it is decoded."""
    with contextlib.suppress(OSError, ValueError):
        return os.path.getsize(path) >= LARGE_BYTES
    return False


def open_levels(
    path: str, large: int, budget: int, options: CodecOptions, report: Report, cancel: CancelToken
) -> OpenedLevels | None:
    """As many levels of a bitstream as have `budget` cells at most; None of one that has `large` voxels or
    fewer, or no levels. Raises as `codec.decode`."""
    levels = codec.stream_levels(path)
    if levels is None or levels.points <= large:
        return None
    COMPILER.ensure_for(path, report, cancel)
    parts = codec.open_parts(path)
    if parts is None:
        return None
    try:
        item = _first_levels(parts, levels, budget, options, report, cancel)
        return OpenedLevels(path, Path(path).read_bytes(), levels.codec, levels.points, item)
    except BaseException:
        parts.close()
        raise


def _first_levels(
    parts: StreamParts,
    levels: StreamLevels,
    budget: int,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> CloudItem:
    """The finest level that the budget has room for. Of the levels, one with fewer nodes is what stays
    wherever the camera looks."""
    started = time.perf_counter()
    level = min(FIRST_LEVEL, coarse_levels(levels), parts.coded)
    everywhere, known = level, 0
    while True:
        report(Progress("decode", 0, 0))
        count = sum(map(len, parts.nodes(range(len(parts)), level, options, cancel)))
        if known and count > budget:
            level -= 1
            break
        known = count
        everywhere = level if count <= EVERYWHERE else everywhere
        if GROWTH * count > budget or level >= min(coarse_levels(levels), parts.coded):
            break
        level += 1
    report(Progress("prepare", 0, 0))
    refining = Refining.of(parts, options, everywhere, cancel)
    codes, found = gathered(refining, np.full(len(refining.nodes), level, np.uint8), cancel)
    display = refined(refining, codes, found, cancel.raise_if_cancelled)
    refining.cells, refining.finest = len(display), level
    seconds = time.perf_counter() - started
    shown = Shown(level, len(display), parts.bytes_read, parts.bytes_all, seconds)
    label = told("level {n} of {all}", n=level, all=levels.depth)
    return CloudItem(display, label, level=levels.level, detail=shown, refining=refining)


def preview_levels(
    source: bytes | str,
    original: CloudItem | None,
    options: CodecOptions,
    report: Report,
    cancel: CancelToken,
) -> None:
    """Reports coarse clouds of a large bitstream, each finer than the one before.

    Of one of the open cloud, the voxels are shown beside it as they arrive.
    """
    levels = codec.stream_levels(source)
    if levels is None or levels.points < LARGE:
        return
    if original is not None and len(original.display) == levels.points:
        return
    for level in range(FIRST_LEVEL, len(levels.bytes)):
        result = codec.decode(source, options=options, lod=level, cancel=cancel)
        cancel.raise_if_cancelled()
        report(SampleRead("decode", 0, 0, display=coarse_display(result, shaded=False)))
        if GROWTH * len(result.voxels) > min(MOST_CELLS, levels.points):
            return


def coarse_display(result: DecodeResult, shaded: bool = True) -> CloudDisplay:
    """The display of a level on the grid of the whole bitstream."""
    header = result.header
    transform = header.transform.scaled(header.scale, header.offset)
    whole = VoxelCloud(np.empty((0, 3), np.int32), header.depth, transform, header.coordinate_type)
    return coarse(result.voxels, whole, shaded)
