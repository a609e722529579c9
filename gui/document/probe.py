"""The point under the cursor in words: its coordinates in the file's units and all that it holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from octavox.codec import ListColumn, PointCloud

from . import text
from .items import CloudItem
from .words import several, tr

MOST_LINES = 16  # of properties
MOST_LISTED = 8  # values of a list


def probe_lines(item: CloudItem, voxel: int) -> list[str]:
    """Of a drawn voxel of a cloud: the coordinates and properties of its point, the first one of several.

    Of a cloud whose points are not known or not placed yet, the position of the voxel.
    """
    cloud = item.source
    held = [] if item.data is None else item.data.points_of(voxel).tolist()
    if cloud is None or not held:
        voxels = item.display.cloud
        where = voxels.transform.apply(voxels.coords[voxel : voxel + 1])[0].tolist()
        shown = (f"{axis} {text.figures(f'{v:.10g}')}" for axis, v in zip("xyz", where, strict=True))
        return ["  ".join(shown)]
    row = held[0]
    lines = [_position(cloud, row)]
    if len(held) > 1:
        n = len(held)
        lines.append(several(n, "{n} point here, the first:", "{n} points here, the first:", n=text.count(n)))
    names = list(cloud.attributes)
    for name in names[:MOST_LINES]:
        lines.append(f"{name}: {_value(cloud.attributes[name], row)}")
    if len(names) > MOST_LINES:
        lines.append(tr("and {n} more properties", n=len(names) - MOST_LINES))
    return lines


def _position(cloud: PointCloud, row: int) -> str:
    words = []
    for k, axis in enumerate("xyz"):
        if cloud.scaled:
            value = cloud.offset[k] + cloud.scale[k] * float(cloud.coords[row, k])
            words.append(f"{axis} {text.figures(f'{value:,.{_decimals(cloud, k)}f}')}")
        else:
            words.append(f"{axis} {_number(cloud.coords[row, k])}")
    return "  ".join(words)


def _decimals(cloud: PointCloud, axis: int) -> int:
    """How many decimals a scaled coordinate has."""
    exponents = (Decimal(repr(v)).as_tuple().exponent for v in (cloud.scale[axis], cloud.offset[axis]))
    return min(max([0, *(-int(e) for e in exponents)]), 12)


def _value(column: Any, row: int) -> str:
    if isinstance(column, ListColumn):
        first = int(column.lengths[:row].astype(np.int64).sum())
        count = int(column.lengths[row])
        shown = [_number(v) for v in column.values[first : first + min(count, MOST_LISTED)]]
        return f"[{'; '.join(shown)}{'; …' if count > MOST_LISTED else ''}]"
    if column.ndim == 2:
        return "; ".join(_number(v) for v in column[row])
    return _number(column[row])


def _number(value: Any) -> str:
    """A stored number, with the digits that tell it from its neighbours."""
    if isinstance(value, np.bool_):
        return "1" if value else "0"
    return text.figures(str(value)) if isinstance(value, np.floating) else str(value)
