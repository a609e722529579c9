"""Decoding what a view needs of a bitstream of very many voxels. Free of Qt."""

from __future__ import annotations

import math
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from octavox.codec import CancelToken
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.refining import (
    LEAST_PIXELS,
    Refined,
    Refining,
    gathered,
    missing_slices,
    refined,
    wanted_levels,
)

from .disk import Wanted
from .job import Report
from .priority import NICENESS, step_back

STEP_S = 2.0  # after which the slices that are decoded are shown, though more are wanted
_MORE = 1.1  # cells than the budget allows, at most: their numbers are estimated before they are decoded


def refine(
    known: Refining, proportions: Proportions, wanted: Wanted, report: Report, cancel: CancelToken
) -> Refined:
    """The cells that a view needs, or those that can be had soon. Raises as `StreamParts.nodes`."""
    least = LEAST_PIXELS
    levels = wanted_levels(known, wanted.camera, wanted.size, proportions, wanted.budget)
    missing = _decode(known, missing_slices(known, levels), cancel)
    codes, found = gathered(known, levels, cancel)
    while len(codes) > _MORE * wanted.budget and (levels > known.level).any():
        least *= math.sqrt(2)
        levels = wanted_levels(known, wanted.camera, wanted.size, proportions, wanted.budget, least)
        codes, found = gathered(known, levels, cancel)
    display = refined(known, codes, found, cancel.raise_if_cancelled)
    return Refined(display, int(found.max()), not missing)


def _decode(known: Refining, missing: list[tuple[int, int]], cancel: CancelToken) -> list[tuple[int, int]]:
    """Decodes slices for some time, with a low priority; returns those that are left."""
    if not missing:
        return missing
    stop, at_once = time.monotonic() + STEP_S, os.cpu_count() or 1
    enough = len(missing) * 2 // 3  # that are left: each step also costs the making of what is shown
    with ThreadPoolExecutor(1, "octavox-refine", partial(step_back, NICENESS)) as pool:
        while missing:
            level = missing[0][1]
            batch = [k for k, at in missing if at == level][:at_once]
            pool.submit(known.parts.nodes, batch, level, known.options, cancel).result()
            missing = [one for one in missing if one[0] not in batch]
            if time.monotonic() > stop and len(missing) <= enough:
                break
    return missing
