"""What a cloud takes under several codecs and depths: rates against depth and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from octavox.codec import CodecOptions, is_prepared

from . import text
from .display import CloudDisplay
from .forecast import coding_work, rate_key, seconds_for
from .results import NumberColumn, PlotKind, ResultPlot, Results, Spec, TextColumn, series_of
from .words import tr

COARSER = 4  # depths that are offered: the cloud's own, and those of some bits fewer
QUICK = 60.0  # seconds of coding the cloud: codecs that take longer are chosen by the user alone


@dataclass(frozen=True)
class Rate:
    """One coding of the voxels of a cloud. points: of the file. voxels: on the grid of `depth` bits per axis.
    seconds: of compressing, without compiling."""

    codec: str
    depth: int
    points: int
    voxels: int
    bytes: int
    seconds: float

    @property
    def per_point(self) -> float:
        """Bits for each point of the file."""
        return 8 * self.bytes / max(1, self.points)

    @property
    def per_voxel(self) -> float:
        return 8 * self.bytes / max(1, self.voxels)

    @property
    def pace(self) -> float:
        """Seconds for a million voxels."""
        return 1e6 * self.seconds / max(1, self.voxels)


RATE_COLUMNS: tuple[Spec, ...] = (
    TextColumn("Codec", "How the cloud is coded", lambda r: r.codec),
    NumberColumn("Depth", "Bits per axis of the voxel grid", lambda r: r.depth, lambda v: str(int(v))),
    NumberColumn("Voxels", "Occupied voxels at this depth", lambda r: r.voxels, text.count),
    NumberColumn("Bytes", "Size of the bitstream", lambda r: r.bytes, text.count),
    NumberColumn(
        "bpp",
        "Bits of the bitstream for each point of the file",
        lambda r: r.per_point,
        lambda v: text.fixed(v, 4),
    ),
    NumberColumn(
        "bpov",
        "Bits of the bitstream for each occupied voxel of this depth",
        lambda r: r.per_voxel,
        lambda v: text.fixed(v, 4),
    ),
    NumberColumn("Seconds", "Time of compressing", lambda r: r.seconds, lambda v: text.number(v, 3)),
    NumberColumn(
        "s/M", "Seconds of compressing for a million voxels", lambda r: r.pace, lambda v: text.number(v, 3)
    ),
)


def rate_results(name: str, path: str, rows: Sequence[Rate]) -> Results:
    """Rates of a cloud, in the language in force. path: beside which they are saved."""
    plots = (
        PlotKind("depth", tr("Rate and depth"), _rate_and_depth),
        PlotKind("voxels", tr("Rate per voxel and depth"), _voxels_and_depth),
        PlotKind("bytes", tr("Bytes and depth"), _bytes_and_depth),
        PlotKind("time", tr("Rate and time"), _rate_and_time),
    )
    note = tr("geometry of the voxels, without properties")
    return Results(tr("Rates: {name}", name=name), name, path, RATE_COLUMNS, plots, rows, note)


def _depth(rate: Rate) -> float:
    return float(rate.depth)


def _per_point(rate: Rate) -> float:
    return rate.per_point


def _rate_and_depth(rows: Sequence[Rate]) -> ResultPlot:
    series = series_of(rows, _depth, _per_point)
    return ResultPlot(series, tr("bits per axis"), tr("bits per point of the file"), False, True, True, True)


def _voxels_and_depth(rows: Sequence[Rate]) -> ResultPlot:
    series = series_of(rows, _depth, lambda rate: rate.per_voxel)
    return ResultPlot(series, tr("bits per axis"), tr("bits per occupied voxel"), False, True, True, True)


def _bytes_and_depth(rows: Sequence[Rate]) -> ResultPlot:
    series = series_of(rows, _depth, lambda rate: float(rate.bytes))
    return ResultPlot(series, tr("bits per axis"), tr("bytes"), False, True, True, True)


def _rate_and_time(rows: Sequence[Rate]) -> ResultPlot:
    series = series_of(rows, _per_point, lambda rate: rate.seconds or None)
    return ResultPlot(
        series, tr("bits per point of the file"), tr("compressing, seconds"), log_y=True, lines=True
    )


def depths_of(display: CloudDisplay) -> list[int]:
    """The depths that are offered for a cloud, its own first."""
    own = display.cloud.depth
    return [own - k for k in range(COARSER) if own - k >= 1]


def expected_seconds(
    display: CloudDisplay, options: CodecOptions, codec: str, depth: int, rates: dict[str, float]
) -> float:
    """How long coding a cloud with another codec and depth will take. rates: see `SessionState.rates`."""
    options = replace(options, codec=codec)
    codes = display.codes >> 3 * (display.cloud.depth - depth)
    points = coding_work(codes, depth)
    return seconds_for(options, points, rates.get(rate_key(options)), is_prepared(codec))
