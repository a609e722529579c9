"""Point clouds from and to the .bin files of KITTI and nuScenes: little-endian floats, nothing else."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, FileInfo, converted
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .framing import Frame, plain_columns, table_rows
from .registry import ReadOptions, WriteOptions
from .tables import AXES, RowTable, TableField, cloud_of, read_rows, whole_table

KITTI = ("x", "y", "z", "intensity")
NUSCENES = ("x", "y", "z", "intensity", "ring")
_NUSCENES_SUFFIX = ".pcd.bin"
_FLOAT = np.dtype("<f4")
_LARGEST = 1e7  # metres: what no scanner measures
_LOOK = 4096  # rows


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud of float32 rows: x y z intensity (KITTI), or also ring (nuScenes, named .pcd.bin).

    Where size and values fit both, `options.fields` must say which it is; it may name any other row of floats
    that has x, y and z. Raises InputError; CancelledError.
    """
    names = tuple(options.fields) or _layout(source)
    if len(set(names)) < len(names) or not set(AXES) <= set(names):
        raise InputError(
            "the fields must have x, y and z, and no name twice", path=source.name, field="fields"
        )
    row = 4 * len(names)
    if source.size % row:
        reason = f"the {source.size:,} bytes are no whole number of rows of {len(names)} floats"
        raise InputError(reason, path=source.name, byte=source.size - source.size % row)
    fields = [TableField(name, _FLOAT) for name in names]
    columns = read_rows(source, 0, source.size // row, fields, job)
    return cloud_of(dict(columns), source, FileInfo("KITTI and nuScenes"))


def sample(source: Source, points: int) -> PointCloud | None:
    """See `read_sample`."""
    found = table(source)
    return None if found is None else found.sample(source, points)


def table(source: Source) -> RowTable | None:
    """See `Format.table`."""
    names = _layout(source)
    fields = [TableField(name, _FLOAT) for name in names]

    def make(columns: dict[str, Array]) -> PointCloud:
        return cloud_of(dict(columns), source, FileInfo("KITTI and nuScenes"))

    return whole_table(source, 0, source.size // (4 * len(names)), fields, make)


def frame(source: Source, notes: bytes | None = None) -> Frame | None:
    """All of a file. notes: the names of the floats of a row, separated by commas."""
    names = _layout(source) if notes is None else tuple(notes.decode().split(","))
    fields = [TableField(name, _FLOAT) for name in names]
    return Frame(0, source.size, table_rows(fields, plain_columns), notes=",".join(names).encode())


def _layout(source: Source) -> tuple[str, ...]:
    if source.name.lower().removesuffix(".gz").endswith(_NUSCENES_SUFFIX):
        return NUSCENES
    fitting = [names for names in (KITTI, NUSCENES) if source.size % (4 * len(names)) == 0]
    likely = [names for names in fitting if _likely(source, names)]
    if len(likely) == 1:
        return likely[0]
    if not fitting:
        reason = f"the {source.size:,} bytes are no whole number of rows of 4 floats (KITTI) or 5 (nuScenes)"
        raise InputError(reason, path=source.name, byte=source.size)
    kitti, nuscenes = ",".join(KITTI), ",".join(NUSCENES)
    raise InputError(
        "it may hold rows of 4 floats (KITTI) or 5 (nuScenes), or something else: say which, with the "
        f"fields {kitti} or {nuscenes}",
        path=source.name,
        field="fields",
    )


def _likely(source: Source, names: tuple[str, ...]) -> bool:
    """Whether the first rows look like points with these fields: sizes of metres, and whole rings."""
    row = 4 * len(names)
    count = min(source.size // row, _LOOK)
    table = np.frombuffer(source.read(0, count * row), _FLOAT).reshape(count, len(names))
    with np.errstate(invalid="ignore"):
        sound = bool((np.abs(table[:, :3]) < _LARGEST).all()) and bool((table[:, 3] >= 0).all())
        if len(names) == len(NUSCENES):
            ring = table[:, 4]
            return sound and bool(((ring >= 0) & (ring < 1024) & (ring == np.rint(ring))).all())
    return sound


def write(file: BinaryIO, cloud: PointCloud, job: JobContext, options: WriteOptions) -> tuple[str, ...]:
    """Writes x y z intensity, and ring where the cloud has one. Returns the names of what has no place.

    Raises InputError for coordinates that are not floats exactly.
    """
    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    lost += ["comments"] if cloud.info.comments else []
    single = np.dtype(np.float32)
    columns: list[Array] = []
    for k, axis in enumerate(AXES):
        column = converted(cloud.positions[:, k], single)
        if column is None:
            raise InputError("these coordinates are not floats of 32 bits exactly", field=axis)
        columns.append(column)
    for name in NUSCENES[3:] if "ring" in cloud.attributes else KITTI[3:]:
        given = cloud.attributes.get(name)
        plain = isinstance(given, np.ndarray) and given.ndim == 1
        held = converted(given, single) if plain and isinstance(given, np.ndarray) else None
        columns.append(np.zeros(len(cloud), single) if held is None else held)
        if given is not None and held is None:
            lost.append(name)
    lost += [name for name in cloud.attributes if name not in NUSCENES[3:]]
    for part in job.parts(len(cloud)):
        file.write(np.stack([c[part] for c in columns], axis=1).astype(_FLOAT).tobytes())
    return tuple(dict.fromkeys(lost))
