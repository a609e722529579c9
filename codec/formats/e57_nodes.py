"""The nodes of an E57 file that describe scans: fields of points, names, poses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source

from .tables import AXES

AXES_OF = ("cartesianX", "cartesianY", "cartesianZ")
SPHERICAL = ("sphericalRange", "sphericalAzimuth", "sphericalElevation")
# Names of the standard, and what other formats call them.
COMMON = {
    **dict(zip(AXES_OF, AXES)),
    "colorRed": "red",
    "colorGreen": "green",
    "colorBlue": "blue",
}
PREFIX, NAMESPACE = "ov", "https://octavox.example/e57"  # of columns that the standard does not know
# A rotation (w, x, y, z) and a translation (x, y, z).
Pose = tuple[tuple[float, ...], tuple[float, ...]]


@dataclass(frozen=True)
class E57Extra:
    """What only E57 knows. names, poses: of each scan; a pose is None where the file has none, else rotation
    (w, x, y, z) and translation, which have not been applied. scales: (scale, offset) of columns of scaled
    integers. left_out: fields that not every scan has."""

    names: tuple[str, ...] = ()
    poses: tuple[Pose | None, ...] = ()
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A field of a point. path: its name in the file. dtype: of the stored numbers. bits: of a record."""

    path: str
    dtype: np.dtype[Any]
    bits: int
    scale: float = 1.0
    offset: float = 0.0
    scaled: bool = False

    @property
    def name(self) -> str:
        """Name of the column."""
        return COMMON.get(self.path, self.path.removeprefix(f"{PREFIX}:"))


@dataclass(frozen=True)
class Scan:
    """The points of one scan."""

    columns: dict[str, Array]
    fields: list[Field]
    name: str
    pose: Pose | None

    def axes(self) -> list[Field]:
        """The fields of x, y and z."""
        return [next(f for f in self.fields if f.name == axis) for axis in AXES]

    def scaling(self, name: str) -> tuple[float, float]:
        """Scale and offset of a column."""
        found = next(f for f in self.fields if f.name == name)
        return found.scale, found.offset

    def with_axes(self, source: Source) -> Scan:
        """The scan with x, y and z, made of spherical coordinates where it has only those."""
        if all(axis in self.columns for axis in AXES):
            return self
        if not all(name in self.columns for name in SPHERICAL):
            reason = "a scan has neither cartesian nor spherical coordinates"
            raise InputError(reason, path=source.name, field="points")
        values = [
            self.columns[f.name] * f.scale + f.offset for n in SPHERICAL for f in self.fields if f.path == n
        ]
        distance, azimuth, elevation = (np.asarray(v, np.float64) for v in values)
        flat = distance * np.cos(elevation)
        made = (flat * np.cos(azimuth), flat * np.sin(azimuth), distance * np.sin(elevation))
        columns = self.columns | dict(zip(AXES, made))
        fields = [f for f in self.fields if f.name not in AXES]
        fields += [Field(path, np.dtype(np.float64), 64) for path in AXES_OF]
        return replace(self, columns=columns, fields=fields)


def buffer_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type in which numbers pass to and from the package, which takes integers
    of 32 and 64 bits only as C's long long."""
    return np.dtype(np.longlong) if dtype.kind in "iu" and dtype.itemsize >= 4 else dtype


def fields_of(header: Any) -> list[Field]:
    """The fields of a scan's points, with the types that they are stored in."""
    from pye57 import libe57

    prototype = libe57.StructureNode(header.points.prototype())
    found: list[Field] = []
    for k in range(prototype.childCount()):
        node = prototype.get(k)
        kind, path = node.type(), node.elementName()
        if kind == libe57.NodeType.E57_FLOAT:
            single = libe57.FloatNode(node).precision() == libe57.FloatPrecision.E57_SINGLE
            found.append(Field(path, np.dtype(np.float32 if single else np.float64), 32 if single else 64))
        elif kind == libe57.NodeType.E57_INTEGER:
            whole = libe57.IntegerNode(node)
            low, high = int(whole.minimum()), int(whole.maximum())
            found.append(Field(path, _integer_type(low, high), (high - low).bit_length()))
        elif kind == libe57.NodeType.E57_SCALED_INTEGER:
            number = libe57.ScaledIntegerNode(node)
            low, high = int(number.minimum()), int(number.maximum())
            scale, offset = float(number.scale()), float(number.offset())
            found.append(
                Field(path, _integer_type(low, high), (high - low).bit_length(), scale, offset, True)
            )
    return found


def _integer_type(low: int, high: int) -> np.dtype[Any]:
    """The smallest type for these bounds, of those that the package has."""
    for code in ("u1", "i1", "u2", "i2", "u4", "i4", "i8"):
        limits = np.iinfo(code)
        if limits.min <= low and high <= limits.max:
            return np.dtype(code)
    return np.dtype(np.int64)


def names_of(header: Any) -> tuple[str]:
    """The scan's name, in a tuple."""
    try:
        return (str(header.node["name"].value()),)
    except Exception:
        return ("",)


def pose_of(header: Any) -> Pose | None:
    """The scan's pose."""
    if not header.has_pose():
        return None
    rotation = tuple(float(v) for v in header.rotation)
    return rotation, tuple(float(v) for v in header.translation)
