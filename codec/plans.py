"""Plans: what is coded of a cloud and what comes back, decided by the options and by its coordinates."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from .archive import Body, body_of
from .cloud.cloud import PointCloud, VoxelCloud, VoxelizationReport
from .cloud.columns import Column, ListColumn
from .cloud.grid import exact_grid
from .cloud.rough import rough_grid
from .cloud.voxelize import merged, voxelized
from .codecs.interface import LevelCodec
from .codecs.registry import get_codec
from .errors import InputError
from .files.source import Source
from .job import JobContext
from .options import CloudOptions, CodecOptions
from .points import Points
from .stream.header import FILE, LOSSY, MOST_GUESSED, RECORDS, VOXELS, most_points
from .stream.schema import MAX_ATTRIBUTES, MAX_COMPONENTS, MAX_NAME

BPP, PSNR, MAX_ERROR = "bpp", "psnr", "max_error"


@dataclass(frozen=True)
class Target:
    """What a lossy stream has to reach: the field of `CloudOptions` with this name, and its value."""

    kind: str
    value: float

    @property
    def words(self) -> str:
        """The name of the option."""
        return self.kind.replace("_", " ")


def target_of(chosen: CloudOptions) -> Target | None:
    """The target of these options. Raises InputError for several, or for one that nothing can meet."""
    given = [Target(kind, getattr(chosen, kind)) for kind in (BPP, PSNR, MAX_ERROR)]
    given = [target for target in given if target.value is not None]
    if not given:
        return None
    target, *others = given
    if others or chosen.drop_levels:
        other = others[0].words if others else "drop levels"
        raise InputError(f"{target.words} and {other} are two targets; choose one", field=target.words)
    if not (math.isfinite(target.value) and target.value >= 0):
        raise InputError(f"{target.value:g} is no {target.words}", field=target.words)
    return target


@dataclass(frozen=True)
class Plan:
    """What is coded of a cloud, and what comes back.

    points: None for voxels that were given as such. dropped: names of the properties that are left out.
    file: of level "file", what comes back. body: its rows; None where all of it is stored as it is. held:
    points of the file. color_error: how far integer colours may be off. levels: of level "lossy", how many
    are left to the decoder to guess; share: of the nodes of the level above these whose children are, too;
    source_voxels: how many there were, once the plan has those that a decoder gets. target: by which levels
    and share are still to be found.
    """

    level: str
    voxels: VoxelCloud
    points: Points | None = None
    dropped: tuple[str, ...] = ()
    file: Source | None = None
    body: Body | None = None
    held: int = 0
    color_error: int = 0
    levels: int = 0
    share: float = 0.0
    source_voxels: int = 0
    target: Target | None = None

    @property
    def report(self) -> VoxelizationReport | None:
        """What voxelization did; None for voxels that were given as such."""
        if self.points is None:
            return None
        report = replace(self.points.done.report, dropped=self.dropped)
        if self.level in (VOXELS, LOSSY):
            return report
        return replace(report, moved_mean=0.0, moved_max=0.0, exact=True)


def plan_for(
    cloud: PointCloud,
    chosen: CloudOptions,
    job: JobContext,
    file: Source | None = None,
    codec: str = CodecOptions().codec,
) -> Plan:
    """What comes back of a cloud, by the options and by where its coordinates lie.

    file: that the cloud was read from, for level "file".
    Raises InputError where the options ask for what cannot be; CancelledError.
    """
    if chosen.nan == "error":
        _refuse_nan(cloud)
    columns, target = _columns_kept(cloud, chosen), target_of(chosen)
    dropped = tuple(name for name in cloud.attributes if name not in columns)
    by_grid = chosen.depth is not None or chosen.voxel_size is not None
    if chosen.keep in ("records", "file") and by_grid:
        raise InputError(f"to keep {chosen.keep} leaves no choice of a grid; use --keep voxels", field="keep")
    if (chosen.drop_levels or target) and chosen.keep in ("records", "file"):
        field = target.words if target else "drop levels"
        raise InputError(f"to keep {chosen.keep} leaves no levels out", field=field)
    if chosen.keep == "file":
        if file is None:
            raise InputError("to keep a file takes a file: this cloud comes from none", field="keep")
        if chosen.drop:
            reason = (
                "a file that comes back byte for byte has all its properties; use --keep records to drop some"
            )
            raise InputError(reason, field="drop")
        if chosen.color_error:
            reason = "a file that comes back byte for byte has its colours; use --keep records"
            raise InputError(reason, field="color error")
        return _plan_file(cloud, file, job)
    if reason := _too_much(columns):
        raise InputError(reason, path=cloud.source, field="attributes")
    if chosen.keep == "voxels" or by_grid or chosen.drop_levels or target:
        done = voxelized(cloud, chosen.depth, chosen.voxel_size, job)
        plan = Plan(VOXELS, done.voxels, Points(cloud, done, columns), dropped)
        plan = with_levels(plan, chosen.drop_levels, codec)
    else:
        plan = _plan_records(cloud, columns, dropped, job)
    return replace(plan, color_error=chosen.color_error, target=target)


def with_levels(plan: Plan, dropped: float, codec: str) -> Plan:
    """A plan of voxels with so many levels left to guess; as many as there are, of a cloud of fewer.

    dropped: a fraction is the share of the nodes of one more level whose children are guessed. Raises
    InputError where the codec cannot code the others.
    """
    if not 0 <= dropped <= MOST_GUESSED:
        raise InputError(f"{dropped:g} levels are outside 0 to {MOST_GUESSED}", field="drop levels")
    levels, share = int(dropped), dropped - int(dropped)
    if share and not isinstance(get_codec(codec), LevelCodec):
        raise InputError(f"codec {codec} codes whole levels, not {dropped:g}", field="drop levels")
    most = plan.voxels.depth - 1
    if levels >= most:
        levels, share = most, 0.0
    if not len(plan.voxels) or not (levels or share):
        return plan
    return replace(plan, level=LOSSY, levels=levels, share=share)


def _plan_file(cloud: PointCloud, file: Source, job: JobContext) -> Plan:
    body = body_of(file, cloud, job) if len(cloud) and not _too_much(cloud.attributes) else None
    if body is None:
        empty = VoxelCloud(np.empty((0, 3), np.int32), 1)
        return Plan(FILE, empty, None, (), file, held=len(cloud))
    records = _plan_records(cloud, dict(cloud.attributes), (), job)
    return replace(records, level=FILE, file=file, body=body, held=len(cloud))


def _too_much(columns: dict[str, Column]) -> str:
    """Why no stream holds such properties; "" where one does."""
    if len(columns) > MAX_ATTRIBUTES:
        return f"{len(columns):,} properties are more than the {MAX_ATTRIBUTES:,} that a stream holds"
    for name, column in columns.items():
        components = 1 if isinstance(column, ListColumn) or column.ndim == 1 else column.shape[1]
        if not 1 <= components <= MAX_COMPONENTS:
            return f"a property of {components:,} components, not 1 to {MAX_COMPONENTS:,}"
        if not name or len(name.encode("utf-8", "surrogatepass")) > MAX_NAME:
            return f"a property's name is empty, or longer than {MAX_NAME:,} bytes"
        if not name.isascii() and any("\ud800" <= c <= "\udfff" for c in name):
            return f"the name of property {name!r} is not UTF-8"
    return ""


def _plan_records(
    cloud: PointCloud, columns: dict[str, Column], dropped: tuple[str, ...], job: JobContext
) -> Plan:
    placed = exact_grid(cloud, job)
    if isinstance(placed, str):
        rough = rough_grid(cloud, job)
        done = merged(cloud, rough.placed, job)
        points = Points(cloud, done, columns, rough.rests, rough.modes)
    else:
        done = merged(cloud, placed, job)
        points = Points(cloud, done, columns)
    if len(done.placed.cells) > most_points(len(done.voxels)):
        raise InputError("too many points share a voxel; use --keep voxels", path=cloud.source, field="keep")
    return Plan(RECORDS, done.voxels, points, dropped)


def _columns_kept(cloud: PointCloud, chosen: CloudOptions) -> dict[str, Column]:
    """The properties that are not left out. Raises InputError for names that the cloud has not."""
    left_out = [name.strip() for name in (chosen.drop or "").split(",") if name.strip()]
    if left_out == ["*"]:
        return {}
    for name in left_out:
        if name not in cloud.attributes:
            known = ", ".join(cloud.attributes) or "none"
            raise InputError(f"there is no property '{name}' to drop; there are: {known}", field="drop")
    return {name: column for name, column in cloud.attributes.items() if name not in left_out}


def _refuse_nan(cloud: PointCloud) -> None:
    finite = np.isfinite(cloud.coords).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(
            f"point {row} has a coordinate that is not a finite number", path=cloud.source, field="positions"
        )
