"""Clouds: points as read from a file, voxels as they are coded, and what lies between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import BoolArray, IntArray
from octavox.codec.errors import InputError, check_type, whole_number
from octavox.codec.html import html_table

from .columns import Array, Column, FileInfo, as_array, check_columns
from .conversions import Conversions

if TYPE_CHECKING:
    from .grid import Grid

MAX_DEPTH = 21
Triple = tuple[float, float, float]
COLOURS = ("red", "green", "blue", "alpha")
SPLAT_COLOURS = ("f_dc_0", "f_dc_1", "f_dc_2")
SPLAT_MEAN = 0.28209479177387814  # 1 / (2 sqrt(pi)): the constant spherical harmonic
# What PLY calls the types that coordinates have in files; the last three are names of ours.
TYPE_NAMES = {
    np.dtype(code): name
    for code, name in {
        "f4": "float", "f8": "double", "i1": "char", "u1": "uchar", "i2": "short", "u2": "ushort",
        "i4": "int", "u4": "uint", "f2": "half", "i8": "long", "u8": "ulong",
    }.items()
}  # fmt: skip


@dataclass(frozen=True)
class Transform:
    """Maps voxel coordinates c (integers in [0, 2**depth)) to positions: origin + scale * c.

    axis_scale: of each axis, where they differ; `scale` is the smallest of them then.
    """

    origin: Triple = (0.0, 0.0, 0.0)
    scale: float = 1.0
    axis_scale: Triple | None = None

    @property
    def steps(self) -> Triple:
        """The scale of each axis."""
        return self.axis_scale or (self.scale, self.scale, self.scale)

    def scaled(self, scale: Triple, offset: Triple) -> Transform:
        """The transform to positions, where a stored number n of an axis stands for offset + scale * n."""
        if scale == (1.0, 1.0, 1.0) and offset == (0.0, 0.0, 0.0):
            return self
        x, y, z = (offset[k] + scale[k] * self.origin[k] for k in range(3))
        u, v, w = (abs(scale[k]) * self.steps[k] for k in range(3))
        return Transform((x, y, z), min(u, v, w), None if u == v == w else (u, v, w))

    def apply(self, coords: Array) -> npt.NDArray[np.float64]:
        """(N, 3) float64: where voxels (N, 3) lie."""
        return np.asarray(
            np.array(self.origin) + np.array(self.steps) * coords.astype(np.float64), np.float64
        )


class PointCloud(Conversions):
    """Points as a file or a caller has them: positions, properties, and what else the file holds.

    coords: (N, 3) of any integer or float type, as stored, in the order of the file. scale, offset: of each
    axis, where the stored numbers stand for others, as in LAS; a position is offset + scale * coords.
    attributes: further properties, each (N,) or (N, C) with its stored type, by name and in the order of the
    file; `ListColumn` for lists. axis_types: stored type of each axis where they differ; coords have one that
    holds all of them. info: comments and tables beside the points. source: name of the file.
    """

    def __init__(
        self,
        positions: npt.ArrayLike,
        colors: npt.ArrayLike | None = None,
        *,
        attributes: Mapping[str, Column] | None = None,
        scale: Triple | None = None,
        offset: Triple | None = None,
        axis_types: tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any]] | None = None,
        info: FileInfo | None = None,
        source: str | None = None,
    ) -> None:
        """positions: the stored numbers. colors: (N, 3) or (N, 4), short for red, green, blue and alpha.

        Raises InputError for arrays of other shapes or types.
        """
        coords = as_array(positions, "positions")
        if coords.size == 0 and coords.ndim != 2:
            coords = coords.reshape(0, 3)
        if coords.ndim != 2 or coords.shape[1] != 3 or coords.dtype.kind not in "iuf":
            raise InputError(
                f"positions must be (N, 3) numbers, not {coords.dtype} {coords.shape}", field="positions"
            )
        self.coords = coords
        self.scale = (1.0, 1.0, 1.0) if scale is None else _triple(scale, "scale")
        self.offset = (0.0, 0.0, 0.0) if offset is None else _triple(offset, "offset")
        self.axis_types = None if axis_types is None else _types(axis_types)
        self.attributes = check_columns({} if attributes is None else attributes, len(coords))
        if colors is not None:
            self._add_colors(as_array(colors, "colors"))
        check_type(info, (FileInfo, type(None)), "a FileInfo", "info")
        self.info = FileInfo() if info is None else info
        self.source = source

    def _add_colors(self, colors: Array) -> None:
        if colors.ndim != 2 or colors.shape[0] != len(self) or colors.shape[1] not in (3, 4):
            raise InputError(f"colours must be ({len(self)}, 3) or 4, not {colors.shape}", field="colors")
        parts = {name: colors[:, k] for k, name in enumerate(COLOURS[: colors.shape[1]])}
        self.attributes |= check_columns(parts, len(self))

    def __len__(self) -> int:
        return len(self.coords)

    def __repr__(self) -> str:
        names = ", ".join(self.attributes) or "no attributes"
        return f"PointCloud({len(self):,} points, {self.coordinate_type}, {names})"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        types, positions = self.axis_types or (self.coords.dtype,) * 3, self.positions
        rows = [(axis, str(types[k]), _extent(positions[:, k])) for k, axis in enumerate("xyz")]
        for name, column in self.attributes.items():
            array = column if isinstance(column, np.ndarray) else column.values
            shape = (
                "list" if not isinstance(column, np.ndarray) else "" if column.ndim == 1 else column.shape[1]
            )
            rows.append((name, f"{array.dtype} {shape}".strip(), ""))
        title = f"PointCloud: {len(self):,} points{f' of {self.source}' if self.source else ''}"
        return html_table(title, rows, ("column", "type", "from, to"))

    @property
    def finite(self) -> BoolArray:
        """(N,) whether all three coordinates of a point are finite numbers."""
        if self.coords.dtype.kind != "f":
            return np.ones(len(self), bool)
        good = np.isfinite(self.coords)
        return np.ones(len(self), bool) if good.all() else np.asarray(good.all(axis=1), bool)

    @property
    def scaled(self) -> bool:
        """Whether the stored numbers stand for others."""
        return self.scale != (1.0, 1.0, 1.0) or self.offset != (0.0, 0.0, 0.0)

    @property
    def positions(self) -> Array:
        """(N, 3) positions in the file's units: the stored numbers, or float64 where they are scaled."""
        if not self.scaled:
            return self.coords
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray(np.array(self.offset) + np.array(self.scale) * self.coords)

    @property
    def coordinate_type(self) -> str:
        """PLY name of the type of the stored coordinates: "float", "double", "int", "short", ..."""
        return TYPE_NAMES.get(self.coords.dtype.newbyteorder("="), str(self.coords.dtype))

    @property
    def colors(self) -> npt.NDArray[np.uint8] | None:
        """(N, 3) uint8 for the screen, from red, green and blue of any type; None without them.

        uint16 gives its upper byte where it uses it. Floats are shares of 1 if none is above 1, else bytes.
        Gaussian splats show the colour of their mean, f_dc.
        """
        columns = self._numbers(COLOURS[:3])
        if columns is not None:
            return _screen_colors(columns)
        splats = self._numbers(SPLAT_COLOURS)
        if splats is None:
            return None
        return _screen_colors([np.clip(0.5 + SPLAT_MEAN * c.astype(np.float64), 0.0, 1.0) for c in splats])

    def _numbers(self, names: tuple[str, ...]) -> list[Array] | None:
        """Columns of one number a point; None where one is missing."""
        columns = [self.attributes.get(name) for name in names]
        found = [c for c in columns if isinstance(c, np.ndarray) and c.ndim == 1]
        return found if len(found) == len(names) else None


def _triple(given: Triple, field: str) -> Triple:
    """Three finite numbers; a scale is not 0. Raises InputError."""
    values = as_array(given, field)
    if values.shape != (3,) or values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        raise InputError(f"three finite numbers are needed, not {given!r}"[:200], field=field)
    if field == "scale" and not values.all():
        raise InputError("a scale is 0", field=field)
    x, y, z = values.astype(np.float64).tolist()
    return x, y, z


def _types(given: tuple[Any, ...]) -> tuple[np.dtype[Any], np.dtype[Any], np.dtype[Any]]:
    """The types of three axes. Raises InputError for what are none."""
    check_type(given, (tuple, list), "three types", "axis types")
    try:
        x, y, z = (np.dtype(kind) for kind in given)
    except (TypeError, ValueError) as error:
        raise InputError(f"not the types of three axes: {error}"[:200], field="axis types") from None
    if any(kind.kind not in "iuf" for kind in (x, y, z)):
        raise InputError("the type of an axis is no type of numbers", field="axis types")
    return x, y, z


def _extent(values: Array) -> str:
    """The smallest and the largest finite value of (N,)."""
    finite = values[np.isfinite(values)]
    return f"{finite.min():.10g}, {finite.max():.10g}" if len(finite) else ""


def _screen_colors(columns: list[Array]) -> npt.NDArray[np.uint8]:
    """(N, 3) uint8 of three columns. See PointCloud.colors."""
    out = np.empty((len(columns[0]), 3), np.uint8)
    if all(c.dtype == np.uint8 for c in columns) or not len(out):
        return np.stack(columns, axis=1).astype(np.uint8)
    with np.errstate(invalid="ignore", over="ignore"):
        top = max(float(np.nanmax(c, initial=0.0)) for c in columns)
        floats = any(c.dtype.kind == "f" for c in columns)
        factor = 255.0 if floats and top <= 1.0 else 1.0
        if not floats and ((all(c.dtype == np.uint16 for c in columns) and top > 255) or 1023 < top <= 65535):
            factor = 1.0 / 256
        for k, column in enumerate(columns):
            values = np.nan_to_num(column.astype(np.float64), posinf=np.inf) * factor
            out[:, k] = np.clip(np.floor(values) if factor < 1 else np.rint(values), 0, 255)
    return out


@dataclass
class VoxelCloud:
    """Occupied voxels: unique, in Morton order (x most significant), each coordinate in [0, 2**depth).

    coords: (N, 3) int32. depth: octree levels, 1 to 21. colors: (N, 3) uint8 (mean of merged points) or None.
    grid: where they came from a file, the lattices that give its numbers back to the last bit.
    """

    coords: IntArray
    depth: int
    transform: Transform = field(default_factory=Transform)
    coordinate_type: str = "float"
    colors: npt.NDArray[np.uint8] | None = None
    grid: Grid | None = None

    def __len__(self) -> int:
        return len(self.coords)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = [
            ("bits per axis", self.depth),
            ("origin", ", ".join(f"{v:.10g}" for v in self.transform.origin)),
            ("voxel size", ", ".join(f"{v:.6g}" for v in dict.fromkeys(self.transform.steps))),
            ("coordinates", self.coordinate_type),
            ("colours", "no" if self.colors is None else "yes"),
        ]
        return html_table(f"VoxelCloud: {len(self):,} voxels", rows)

    @property
    def positions(self) -> npt.NDArray[np.float64]:
        """(N, 3) float64: where the voxels lie, in the file's units."""
        return self.transform.apply(self.coords)

    @classmethod
    def from_coords(
        cls, coords: npt.ArrayLike, transform: Transform | None = None, depth: int | None = None
    ) -> VoxelCloud:
        """Voxels from integers (N, 3) in any order, with duplicates or without.

        depth: bits per axis; None: as many as the coordinates need. Raises InputError for coordinates that
        are no integers, or outside [0, 2**21).
        """
        from .morton import sort_unique

        given = as_array(coords, "coords")
        check_type(transform, (Transform, type(None)), "a Transform", "transform")
        depth = None if depth is None else whole_number(depth, "depth")
        need = max(int(given.max(initial=0)).bit_length(), 1) if given.dtype.kind in "iu" else 1
        try:
            rows = sort_unique(given, need if depth is None else depth)
        except ValueError as error:
            raise InputError(str(error), field="coords") from None
        return cls(rows, need if depth is None else depth, transform or Transform(), "int")


@dataclass(frozen=True)
class VoxelizationReport:
    """What voxelization did to the input. Distances are in the file's units."""

    input_points: int
    points: int
    merged: int  # input points that fell into an already occupied voxel
    depth: int
    voxel_size: float
    moved_mean: float  # distance from an input point to its voxel's reconstruction
    moved_max: float
    shifted: tuple[float, float, float]  # origin subtracted before coding
    exact: bool  # every distinct input position comes back exactly
    dropped: tuple[str, ...]  # names of properties that voxels do not hold
    left_out: int = 0  # points without a place on the grid, as their coordinates are not finite
