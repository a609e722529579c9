"""What colours lose where they may be off by a bound: the largest error, and PSNR of Y, U and V."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .arrays import FloatArray, Int64Array
from .cloud.cloud import COLOURS, PointCloud, VoxelCloud
from .report import ColorDistortion, ColorLoss

# Rec. ITU-R BT.709-6, item 3.2 and 3.3: luma, and the scaled differences of blue and red from it.
_KR, _KB = 0.2126, 0.0722
_TO_YUV = np.array(
    [
        [_KR, 1 - _KR - _KB, _KB],
        [-0.5 * _KR / (1 - _KB), -0.5 * (1 - _KR - _KB) / (1 - _KB), 0.5],
        [0.5, -0.5 * (1 - _KR - _KB) / (1 - _KR), -0.5 * _KB / (1 - _KR)],
    ]
)
_PART = 1 << 18


def squared_yuv(a: npt.NDArray[np.generic], b: npt.NDArray[np.generic]) -> FloatArray:
    """(3,) mean squared errors of Y, U and V (BT.709) of red, green and blue (N, 3), in their units."""
    total = np.zeros(3)
    for first in range(0, len(a), _PART):
        own = slice(first, first + _PART)
        errors = (a[own].astype(np.float64) - b[own].astype(np.float64)) @ _TO_YUV.T
        total += (errors**2).sum(axis=0)
    return total / max(len(a), 1)


def psnr_of(mse: float, peak: float) -> float | None:
    """Peak signal-to-noise ratio in dB; None where nothing differs."""
    return 10 * math.log10(peak * peak / mse) if mse > 0 else None


def peak_of(columns: Sequence[npt.NDArray[np.generic]]) -> float:
    """The largest value that colours of their type have: 1 where they are floats."""
    kind = np.result_type(*columns)
    return float(np.iinfo(kind).max) if kind.kind in "iu" else 1.0


def color_loss(
    original: Sequence[npt.NDArray[np.generic]], found: Sequence[npt.NDArray[np.generic]], bound: int
) -> ColorLoss:
    """original, found: red, green and blue (N,) of the same points."""
    ours, theirs = np.stack(original, axis=1), np.stack(found, axis=1)
    wide = np.abs(ours.astype(np.int64) - theirs.astype(np.int64))
    peak = peak_of(original)
    y, u, v = (psnr_of(float(mse), peak) for mse in squared_yuv(ours, theirs))
    return ColorLoss(bound, int(wide.max(initial=0)), peak, y, u, v)


@dataclass(frozen=True)
class PlacedColors:
    """The mean colour (P, 3) at each distinct position of a cloud, of integers of a type."""

    mean: FloatArray
    dtype: np.dtype[np.generic]

    @property
    def luma(self) -> FloatArray:
        """(P,) Y by BT.709, in [0, 255]."""
        peak = float(np.iinfo(self.dtype).max)  # type: ignore[type-var]
        return np.asarray(np.clip(self.mean @ _TO_YUV[0] * (255.0 / peak), 0.0, 255.0), np.float64)

    @staticmethod
    def of(cloud: PointCloud | VoxelCloud, rows: Int64Array, positions: int) -> PlacedColors | None:
        """rows: (N,) the position of each point, -1 for none. None for a cloud without integer colours."""
        if isinstance(cloud, PointCloud):
            own = [cloud.attributes.get(name) for name in COLOURS[:3]]
        else:
            own = [] if cloud.colors is None else list(cloud.colors.T)
        columns = [c for c in own if isinstance(c, np.ndarray) and c.ndim == 1 and c.dtype.kind in "iu"]
        if len(columns) < 3:
            return None
        there = rows >= 0
        count = np.bincount(rows[there], minlength=positions)
        sums = [np.bincount(rows[there], c[there].astype(np.float64), positions) for c in columns]
        return PlacedColors(np.stack(sums, axis=1) / count[:, None], np.result_type(*columns))


def color_distortion(
    a: PlacedColors | None, b: PlacedColors | None, forth: FloatArray, back: FloatArray
) -> ColorDistortion | None:
    """forth, back: (N, 3) and (M, 3), for each position of A the mean colour of the nearest ones of B, and so
    for B.

    None unless both clouds have colours of one type of integers.
    """
    if a is None or b is None or a.dtype != b.dtype:
        return None
    pairs = [(a.mean, forth), (b.mean, back)]
    mse = np.max([squared_yuv(*pair) for pair in pairs], axis=0)
    peak = float(np.iinfo(a.dtype).max)  # type: ignore[type-var]
    y, u, v = (psnr_of(float(value), peak) for value in mse)
    return ColorDistortion(max(float(np.abs(x - z).max()) for x, z in pairs), peak, y, u, v)
