"""Rate and distortion of the open cloud: what compressions measured, and what a sample lets expect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MOST_LEVELS = 4.0  # that can be left to the decoder to guess
STEP = 0.25  # of the choice of levels
OWN = ("geometry", "guess", "levels")  # parts of a bitstream without properties, which grow with the cloud,
FIXED = ("header", "container")  # and those that hardly do


@dataclass(frozen=True)
class RatePoint:
    """One bitstream of a cloud.

    codec: that made it. drop: levels that are guessed. bytes: of it without properties of points. bits: the
    same in bits per occupied voxel of the original. psnr: D1 in dB, at the peak 2^depth - 1; None without
    loss. hausdorff: in voxels. depth: bits per axis. setting: of another program, what was chosen for it.
    """

    codec: str
    drop: float
    bytes: int
    bits: float
    psnr: float | None
    hausdorff: float
    depth: int
    setting: str = ""

    @property
    def choice(self) -> tuple[str, float, int, str]:
        """What was chosen for it."""
        return self.codec, self.drop, self.depth, self.setting


def rate_point(report: dict[str, Any], drop: float, voxels: int, whole: int | None = None) -> RatePoint:
    """The point of an `EncodeReport` as plain data.

    voxels: of the original. whole: of the cloud of which that is a sample; the point then has the rate of
    all of it.
    """
    parts = report["components"]
    own, fixed = (sum(parts.get(name, 0) for name in names) for names in (OWN, FIXED))
    rate = 8 * (own / max(1, voxels) + fixed / max(1, voxels if whole is None else whole))
    lossy = report["lossy"] or {"d1_psnr": None, "hausdorff": 0.0}
    return RatePoint(
        report["codec"],
        drop if report["lossy"] else 0.0,
        own + fixed,
        rate,
        lossy["d1_psnr"],
        lossy["hausdorff"],
        report["depth"],
    )


@dataclass(frozen=True)
class Expected:
    """What a compression is expected to give. measured: it was done already, and these are its numbers."""

    bits: float
    psnr: float | None
    measured: bool


@dataclass(frozen=True)
class Samples:
    """What coding a part of the cloud gave: a `RatePoint` for each of some numbers of levels, from 0 on.

    voxels: of the part. whole: of the cloud.
    """

    points: tuple[RatePoint, ...]
    voxels: int
    whole: int


@dataclass
class Quality:
    """What is known of the open cloud. `cloud`: what the encoder takes, which the numbers are of."""

    cloud: object = None
    measured: list[RatePoint] = field(default_factory=list)
    samples: dict[str, Samples] = field(default_factory=dict)  # by codec

    def of(self, cloud: object) -> Quality:
        """Itself, without what is known of another cloud."""
        if cloud is not self.cloud:
            self.cloud = cloud
            self.measured, self.samples = [], {}
        return self

    def add(self, point: RatePoint) -> None:
        """A newer point takes the place of an older one of the same choice."""
        others = [p for p in self.measured if p.choice != point.choice]
        self.measured = [*others, point]

    def curve(self, codec: str, depth: int) -> list[RatePoint]:
        """The measured points of a codec, those of the smallest rate first."""
        return sorted(
            (p for p in self.measured if p.codec == codec and p.depth == depth), key=lambda p: p.bits
        )

    def expected(self, codec: str, depth: int, drop: float) -> Expected | None:
        """What a compression will give, about; None while nothing is known.

        A sample says how rate and distortion go with the levels; the nearest measured point says how far the
        sample is off.
        """
        known = self.curve(codec, depth)
        exact = next((p for p in known if p.drop == drop), None)
        if exact is not None:
            return Expected(exact.bits, exact.psnr, True)
        sample = self.samples.get(codec)
        if sample is None or not sample.points:
            return None
        bits, psnr = _along(sample.points, drop)
        near = min(known, key=lambda p: abs(p.drop - drop), default=None)
        if near is not None:
            there, quality = _along(sample.points, near.drop)
            bits *= near.bits / there
            if psnr is not None and quality is not None and near.psnr is not None:
                psnr += near.psnr - quality
        return Expected(bits, psnr, False)


def _along(points: Sequence[RatePoint], drop: float) -> tuple[float, float | None]:
    """Rate and PSNR between the points of a sample, which are in the order of their levels.

    The logarithm of the rate and the PSNR are taken to be straight between two points; from no loss to the
    first point, the squared error is.
    """
    at = [p.drop for p in points]
    bits = math.exp(float(np.interp(drop, at, [math.log(max(p.bits, 1e-9)) for p in points])))
    lossy = [(p.drop, p.psnr) for p in points if p.psnr is not None]
    if drop <= 0 or not lossy:
        return bits, None
    first, best = lossy[0]
    if drop < first:
        return bits, best + 10 * math.log10(first / drop)
    return bits, float(np.interp(drop, [k for k, _ in lossy], [psnr for _, psnr in lossy]))
