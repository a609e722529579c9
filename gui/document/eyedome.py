"""Eye-dome lighting: pixels behind their neighbours are darkened (C. Boucheny, 2009); on depth maps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

REACH = 2  # pixels to the neighbours
STRENGTH = 0.5  # darkness of a pixel that lies behind all its neighbours by one per cent of the cloud's depth
DARKEST = 0.85

_AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


def shadows(depth: npt.NDArray[np.float32], span: float) -> npt.NDArray[np.uint8]:
    """(H, W) distances, infinite over background -> (H, W) darkness, 0 for none.

    span: depth of the scene in the same units, to which the strength refers. Background stays as it is.
    """
    height, width = depth.shape
    solid = np.isfinite(depth)
    filled = np.where(solid, depth, np.float32(3e38))
    padded = np.pad(filled, REACH, mode="edge")
    behind = np.zeros(depth.shape, np.float32)
    limit = np.float32(0.04 * max(span, 1e-6))  # a far neighbour counts no more than a near one
    for dy, dx in _AROUND:
        y, x = REACH * (1 + dy), REACH * (1 + dx)
        step = filled - padded[y : y + height, x : x + width]
        behind += np.clip(step, 0, limit)
    share = 1 - np.exp(-behind * np.float32(STRENGTH / (0.01 * max(span, 1e-6)) / len(_AROUND)))
    return np.asarray(np.where(solid, share * (255 * DARKEST), 0), np.uint8)
