"""The frame between two frames of a moving object."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .cloud.cloud import PointCloud, VoxelCloud
from .errors import InputError, check_type, whole_number
from .job import CancelToken, JobContext, ProgressCallback
from .option_table import check_options
from .options import CodecOptions
from .provenance import Stopwatch
from .report import Report
from .sources import CloudSource, property_names, taken


@dataclass(frozen=True)
class InterpolateReport(Report):
    """What `interpolate` did.

    at: the time, 0 of the first frame and 1 of the second one. points_a, points_b, points: of both frames and
    of the new one. voxels_a, voxels_b: that they occupy. shared: voxels of the new frame to which both frames
    moved. rigid: the second frame is the first one, moved as a whole. depth, voxel_size: of the grid;
    own_grid: every point lies on it exactly. motion_mean, motion_max: how far voxels of the first frame are
    from where they are in the second one, in the files' units; motion_step: how finely that was searched.
    carried: properties that points have from the points that moved to them; not_carried: of the first frame,
    which the second one does not have, or with another type. left_out_a, left_out_b: points without a place
    on the grid. weights_id: of the network; empty where nothing had to be guessed.
    """

    at: float
    points_a: int
    points_b: int
    points: int
    voxels_a: int
    voxels_b: int
    shared: int
    rigid: bool
    depth: int
    voxel_size: float
    own_grid: bool
    motion_mean: float
    motion_max: float
    motion_step: float
    carried: tuple[str, ...]
    not_carried: tuple[str, ...]
    left_out_a: int
    left_out_b: int
    weights_id: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class Interpolated:
    """cloud: of the kind of the frames; the points of files as a PointCloud."""

    cloud: PointCloud | VoxelCloud
    report: InterpolateReport


def interpolate(
    a: CloudSource,
    b: CloudSource,
    at: float = 0.5,
    *,
    depth: int | None = None,
    threads: int | None = None,
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
) -> Interpolated:
    """The frame between two frames of a moving object (docs/interpolation.md).

    Both frames are moved to the time `at`, by motion that is found between them. Voxels to which both move
    stay; of those to which one does a network chooses the likeliest, until there are as many as the frames
    have. Points have the properties of those that moved there. The result is the same on every machine.
    a, b: what `encode` takes. at: the time, between 0 (a) and 1 (b). depth: bits per axis of the grid. By
    default it is the lattice of the coordinates of both; where they lie on none, voxels are as wide as
    points of a are apart. Raises InputError (also for frames that are stored on different grids),
    WeightsError, CancelledError.

        >>> import numpy as np, octavox as ov
        >>> x, y = (v.ravel() for v in np.meshgrid(np.arange(40), np.arange(40)))
        >>> hill = np.stack([x, y, 30 - (x - 20) ** 2 // 16 - (y - 20) ** 2 // 16], 1)
        >>> result = ov.interpolate(ov.PointCloud(hill), ov.PointCloud(hill + [8, 0, 4]), at=0.25)
        >>> middle = hill + [2, 0, 1]
        >>> {tuple(p) for p in result.cloud.coords.tolist()} == {tuple(p) for p in middle.tolist()}
        True
    """
    from .codecs.upsampling.between import between, find_motion, share_of  # compiled code
    from .codecs.upsampling.motion_field import FRACTION
    from .lossy.densifying import densifier
    from .lossy.pairing import common_properties, paired

    check_type(at, (int, float, np.number), "a number", "at")
    if not 0 < at < 1:
        raise InputError(f"{at:g} is not between 0 and 1; at these times a frame is known", field="at")
    depth = None if depth is None else whole_number(depth, "depth")
    threads = check_options(CodecOptions(threads=threads)).threads
    job, clock = JobContext(progress, cancel), Stopwatch()
    frames = taken(a, job, clock), taken(b, job, clock)
    with clock.stage("voxelize"):
        pair = paired(*frames, depth, job)
    with clock.stage("motion"):
        motion = find_motion(*pair.codes, job, threads)
    with clock.stage("guess"):
        found = between(*pair.codes, motion, share_of(float(at)), pair.depth, densifier, job, threads)
    with clock.stage("write"):
        cloud = pair.cloud(found.codes, found.rows, found.in_b)
    job.check()
    ways = np.sqrt(((motion.there / (1 << FRACTION) * pair.transform.steps) ** 2).sum(axis=1))
    carried = common_properties(*frames)
    report = InterpolateReport(
        at=float(at),
        points_a=len(frames[0]),
        points_b=len(frames[1]),
        points=len(cloud),
        voxels_a=len(pair.codes[0]),
        voxels_b=len(pair.codes[1]),
        shared=found.shared,
        rigid=motion.rigid,
        depth=pair.depth,
        voxel_size=pair.transform.scale,
        own_grid=pair.exact,
        motion_mean=float(ways.mean()),
        motion_max=float(ways.max()),
        motion_step=pair.transform.scale * (1 << motion.left_out),
        carried=carried,
        not_carried=tuple(name for name in property_names(frames[0]) if name not in carried),
        left_out_a=pair.left_out[0],
        left_out_b=pair.left_out[1],
        weights_id=densifier().identity.hex() if found.guessed else "",
        seconds=clock.seconds,
    )
    return Interpolated(cloud, report)
