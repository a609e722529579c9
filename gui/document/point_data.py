"""The points of a cloud by the voxels that are drawn, and their properties as numbers that have colours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import ListColumn, PointCloud, VoxelCloud, merged_values, rows_in_voxels

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]

FEW_KINDS = 24  # different whole numbers of a property up to which each gets a colour of its own
MEASURED = ("red", "green", "blue", "alpha", "intensity", "reflectance")  # numbers, and no names of classes
SAMPLE = 1 << 16  # values whose different ones are counted first
_MODE = re.compile(r"property(?:\[(\d+)\])?:(.+)", re.DOTALL)


@dataclass(frozen=True)
class Property:
    """A property of points with one number each. component: which of several numbers, from 0; None: the only
    one."""

    name: str
    component: int | None = None

    @property
    def mode(self) -> str:
        """The point mode that colours by it."""
        return (
            f"property:{self.name}" if self.component is None else f"property[{self.component}]:{self.name}"
        )

    @property
    def title(self) -> str:
        return self.name if self.component is None else f"{self.name} [{self.component + 1}]"

    @staticmethod
    def of(mode: str) -> Property | None:
        """The property of a point mode; None for other modes."""
        found = _MODE.fullmatch(mode)
        if found is None:
            return None
        return Property(found[2], None if found[1] is None else int(found[1]))

    def column(self, cloud: PointCloud) -> npt.NDArray[Any] | None:
        """(N,) its numbers; None where the cloud has no such property."""
        column = cloud.attributes.get(self.name)
        if column is None or isinstance(column, ListColumn):
            return None
        if self.component is None:
            return column if column.ndim == 1 else None
        fits = column.ndim == 2 and self.component < column.shape[1]
        return np.ascontiguousarray(column[:, self.component]) if fits else None


def properties_of(cloud: PointCloud) -> Iterator[Property]:
    """What can colour the points of a cloud, in the order of the file; lists cannot."""
    for name, column in cloud.attributes.items():
        if not isinstance(column, ListColumn):
            parts = [None] if column.ndim == 1 else range(column.shape[1])
            yield from (Property(name, part) for part in parts)


def type_words(cloud: PointCloud, name: str) -> str:
    """The type of a property as numpy calls it: "uint16", "float32 × 3", "list of uint8"."""
    column = cloud.attributes[name]
    if isinstance(column, ListColumn):
        return f"list of {column.values.dtype}"
    return str(column.dtype) if column.ndim == 1 else f"{column.dtype} × {column.shape[1]}"


COST = "cost:"  # before the name of a property: the bits that each voxel's value took
COLOUR = "*colour"  # stands for red, green and blue together, in the place of a name


def cost_of(mode: str) -> str | None:
    """The property whose bits a point mode shows; None for other modes."""
    return mode.removeprefix(COST) if mode.startswith(COST) else None


@dataclass(frozen=True)
class Range:
    """The least and the largest finite number of a column, as stored; None where there is none. others: how
    many values are not finite."""

    low: int | float | None
    high: int | float | None
    others: int = 0

    @staticmethod
    def of(column: npt.NDArray[Any]) -> Range:
        finite = column
        if column.dtype.kind == "f":
            good = np.isfinite(column)
            finite = column if good.all() else column[good]
        if not len(finite):
            return Range(None, None, len(column))
        return Range(finite.min().item(), finite.max().item(), len(column) - len(finite))


@dataclass(frozen=True)
class PropertyValues:
    """One property of the drawn voxels.

    values: (M,), of a voxel with several points what a voxel cloud would have (`codec.merged_values`), NaN
    without a point. range: of the finite ones. bulk: between which 98 % of them lie. least_positive: for
    logarithmic scales; None where no value is positive. kinds: the different values, where these are few
    whole numbers that may be names of classes; else None.
    """

    values: Values
    range: tuple[float, float]
    bulk: tuple[float, float]
    least_positive: float | None
    kinds: tuple[int, ...] | None

    @staticmethod
    def of(name: str, column: npt.NDArray[Any], values: Values) -> PropertyValues:
        """column: the numbers of the points, as stored."""
        finite = values[np.isfinite(values)]
        positive = finite[finite > 0]
        low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
        bulk = tuple(np.percentile(finite, (1, 99)).tolist()) if len(finite) else (0.0, 0.0)
        least = float(positive.min()) if len(positive) else None
        return PropertyValues(values, (low, high), (bulk[0], bulk[1]), least, _kinds(name, column))

    @staticmethod
    def together(parts: Sequence[PropertyValues]) -> PropertyValues:
        """For one scale of several clouds: from the least to the largest number of all. values: those of the
        first cloud. parts: one at least."""
        some = [part for part in parts if np.isfinite(part.values).any()]
        if len(parts) == 1 or not some:
            return parts[0]
        ends = [
            (min(low for low, _ in pairs), max(high for _, high in pairs))
            for pairs in ([part.range for part in some], [part.bulk for part in some])
        ]
        positive = [part.least_positive for part in some if part.least_positive is not None]
        kinds = {kind for part in some for kind in part.kinds or ()}
        classes = None if any(part.kinds is None for part in some) else tuple(sorted(kinds))
        return PropertyValues(parts[0].values, ends[0], ends[1], min(positive, default=None), classes)


def _kinds(name: str, column: npt.NDArray[Any]) -> tuple[int, ...] | None:
    if column.dtype.kind not in "iub" or name in MEASURED:
        return None
    if len(np.unique(column[:SAMPLE])) > FEW_KINDS:
        return None
    kinds = np.unique(column)
    return tuple(int(k) for k in kinds) if len(kinds) <= FEW_KINDS else None


@dataclass
class PointData:
    """Which points each of the M drawn voxels holds.

    order: (n,) the points that lie in a voxel, by voxel. starts: (M + 1,) where those of each voxel begin in
    it. ranges, values: by point mode, of all properties and of those that were wanted.
    """

    order: Rows
    starts: Rows
    ranges: dict[str, Range] = field(default_factory=dict)
    values: dict[str, PropertyValues] = field(default_factory=dict)

    @staticmethod
    def of(cloud: PointCloud, voxels: VoxelCloud, check: Callable[[], None] = lambda: None) -> PointData:
        """check: called repeatedly; an exception that it raises ends the work."""
        rows = rows_in_voxels(cloud, voxels)
        check()
        placed = np.flatnonzero(rows >= 0)
        order = placed[np.argsort(rows[placed], kind="stable")]
        check()
        starts = np.zeros(len(voxels) + 1, np.int64)
        np.cumsum(np.bincount(rows[placed], minlength=len(voxels)), out=starts[1:])
        return PointData(order, starts)

    def points_of(self, voxel: int) -> Rows:
        """The points in a voxel, in the order of the file."""
        return self.order[self.starts[voxel] : self.starts[voxel + 1]]

    def by_voxel(self, name: str, column: npt.NDArray[Any]) -> Values:
        """(M,) of the numbers of a property (N,): those of the voxels, NaN for voxels without a point."""
        counts = np.diff(self.starts)
        held = counts > 0
        counts = counts[held]
        merged = merged_values(name, column[self.order], None if (counts == 1).all() else counts)
        values = np.full(len(held), np.nan)
        values[held] = merged
        return values

    def add_costs(self, bits: Mapping[str, Values]) -> None:
        """bits: (K,) of the first K voxels by point mode; the others, if there are any, have none."""
        voxels = len(self.starts) - 1
        for mode, own in bits.items():
            values = np.full(voxels, np.nan)
            values[: len(own)] = own[:voxels]
            self.values[mode] = PropertyValues.of("", values, values)

    def forget_costs(self) -> None:
        """Drop what properties cost in a bitstream."""
        self.values = {mode: known for mode, known in self.values.items() if cost_of(mode) is None}

    def add_values(self, wanted: Property, cloud: PointCloud) -> bool:
        """Make the values of a property; False where the cloud does not have it."""
        column = wanted.column(cloud)
        if column is None:
            return False
        values = self.by_voxel(wanted.name, column)
        self.values[wanted.mode] = PropertyValues.of(wanted.name, column, values)
        return True
