"""Reading points of clouds that stay on disk: from everywhere, and what a view needs. Free of Qt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from octavox.codec import CancelToken, DiskCloud, Progress, VoxelGrid
from octavox.gui.document.camera import Camera
from octavox.gui.document.display import shade
from octavox.gui.document.on_disk import EVERYWHERE, OnDisk, Read, grid_around, prepared, wanted_rows
from octavox.gui.document.point_data import Property, Range, properties_of
from octavox.gui.document.proportions import Proportions

from .job import Report

LOOKING = "look through"  # stage of the pass over the file


@dataclass(frozen=True)
class Looked:
    """What the look through a file found. grid: another one, where points lie outside of the first."""

    everywhere: Read
    grid: VoxelGrid


@dataclass(frozen=True)
class Wanted:
    """What a view needs of a cloud on disk: a picture from there, in that size."""

    camera: Camera
    size: tuple[int, int]
    budget: int


def first_look(cloud: DiskCloud, cancel: CancelToken) -> tuple[OnDisk, Read]:
    """Some points from all over the file, quickly. Raises as `DiskCloud.read`."""
    rows = cloud.first_rows(EVERYWHERE)
    points = cloud.read(rows, cancel)
    grid = grid_around(points)
    disk = OnDisk(cloud, grid, rows, rows)
    read = _shaded(prepared(disk, rows, points, grid, cancel.raise_if_cancelled), "", cancel)
    disk.shown = read.shown
    return disk, read


def look_through(disk: OnDisk, mode: str, report: Report, cancel: CancelToken) -> Looked:
    """Find out which points lie where, and read even ones. mode: point mode whose values are wanted."""

    def tell(share: float) -> None:
        report(Progress(LOOKING, round(1000 * share), 1000))

    rows = disk.cloud.even_rows(EVERYWHERE)
    cells = disk.cloud.index(rows, tell, cancel)
    points = disk.cloud.read(rows, cancel)
    whole = np.isfinite(cells.bounds[0]).all() and not disk.grid.covers(*cells.bounds)
    grid = grid_around(points, cells.bounds) if whole else disk.grid
    later = OnDisk(disk.cloud, grid, rows, rows)
    read = prepared(later, rows, points, grid, cancel.raise_if_cancelled)
    return Looked(_shaded(read, mode, cancel), grid)


def read_wanted(
    disk: OnDisk, proportions: Proportions, wanted: Wanted, mode: str, report: Report, cancel: CancelToken
) -> Read | None:
    """The points that a view needs; None where they are those that it has."""
    rows = wanted_rows(disk, wanted.camera, wanted.size, proportions, wanted.budget)
    if np.array_equal(rows, disk.rows):
        return None
    points = disk.cloud.read(rows, cancel)
    return _shaded(prepared(disk, rows, points, disk.grid, cancel.raise_if_cancelled), mode, cancel)


def _shaded(read: Read, mode: str, cancel: CancelToken) -> Read:
    """With all that colours the points."""
    shade(read.display, cancel.raise_if_cancelled)
    read.display.prepare_cubes()
    for one in properties_of(read.source):
        cancel.raise_if_cancelled()
        column = one.column(read.source)
        if column is not None:
            read.data.ranges[one.mode] = Range.of(column)
    known = Property.of(mode)
    if known is not None:
        read.data.add_values(known, read.source)
    return read
