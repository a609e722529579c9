"""The scale bar: the longest round length that fits, at the distance of the centre of rotation."""

from __future__ import annotations

import math
from dataclasses import dataclass

from . import text
from .camera import FOV, Camera
from .proportions import Proportions
from .words import tr


@dataclass(frozen=True)
class ScaleBar:
    """pixels: length on the screen. words: the same in voxels and, if those differ, in units of the file;
    in units alone where voxels are no cubes."""

    pixels: float
    words: str


def scale_bar(camera: Camera, height: int, size: Proportions, most: float = 160.0) -> ScaleBar:
    """For a view `height` pixels high; 1, 2 or 5 times a power of ten voxels, `most` pixels long at most.

    size: of a voxel.
    """
    pixels = height / (2 * math.tan(math.radians(FOV / 2)) * camera.distance)  # of a voxel at the centre
    if not size.cubes:
        pixels /= size.unit
    exact = most / pixels
    base = 10.0 ** math.floor(math.log10(exact))
    length = next(base * m for m in (5, 2, 1) if base * m <= exact * (1 + 1e-9))
    if not size.cubes:
        return ScaleBar(length * pixels, tr("{n} units", n=text.number(length)))
    words = (tr("{n} voxel") if length == 1 else tr("{n} voxels")).format(n=text.number(length))
    if size.unit != 1:
        words += " = " + tr("{n} units", n=text.number(length * size.unit))
    return ScaleBar(length * pixels, words)
