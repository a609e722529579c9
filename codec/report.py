"""Reports of a job: what was coded, where every bit went, what came back. Plain data with to_json()."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import VoxelizationReport

from .blocks import BlockTable
from .html import html_table


class Report:
    """Base of the dataclasses below."""

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain JSON values, nested reports included."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]

    def to_json(self, indent: int | None = 2) -> str:
        """The fields as a JSON text. `indent` as in json.dumps."""
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)


@dataclass(frozen=True)
class BlockSizeRow(Report):
    """The blocks of one size, summed. bits: flags included. The shares are of all blocks together."""

    size: int  # edge in voxels
    blocks: int
    points: int
    bits: float
    bpov: float
    share_of_points: float
    share_of_bits: float


def rows_by_size(blocks: BlockTable) -> tuple[BlockSizeRow, ...]:
    """One row per block size, largest first."""
    bits = blocks.bits + blocks.flag_bits
    all_points, all_bits = max(int(blocks.points.sum()), 1), float(bits.sum()) or 1.0
    rows = []
    for size in np.unique(blocks.size)[::-1]:
        chosen = blocks.size == size
        points, spent = int(blocks.points[chosen].sum()), float(bits[chosen].sum())
        rows.append(
            BlockSizeRow(
                size=int(size),
                blocks=int(chosen.sum()),
                points=points,
                bits=spent,
                bpov=spent / max(points, 1),
                share_of_points=points / all_points,
                share_of_bits=spent / all_bits,
            )
        )
    return tuple(rows)


@dataclass(frozen=True)
class BitBalance(Report):
    """Every bit of a file and its owner, in bits.

    occupancy + flags (owned by blocks) + sum of side = owned; total = 8 * file size; unowned = total - owned,
    which rounding of the coder leaves (below 0.1 % of the total). levels: of each coded octree level, the
    coarsest first, its share of occupancy and flags; () where the codec does not code by level.
    """

    occupancy: float
    flags: float
    side: dict[str, float]
    total: int
    levels: tuple[float, ...] = ()

    @property
    def owned(self) -> float:
        return self.occupancy + self.flags + sum(self.side.values())

    def to_dict(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "owned": self.owned,
            "unowned": self.total - self.owned,
            "share_of_flags": self.flags / self.total if self.total else 0.0,
        }


@dataclass(frozen=True)
class ArchiveInfo(Report):
    """The file that a stream of level "file" holds.

    suffix: ending of its name, with the dot; "" where that is not known. stored: how it is kept: by the
    "voxels" of its points, by their "rows" in the order of the file, or as its "bytes". sha256: of the file,
    hexadecimal.
    """

    suffix: str
    stored: str
    sha256: str


@dataclass(frozen=True)
class LossyReport(Report):
    """What came of voxels of which levels are left out. Distances are between voxels, on the stream's grid.

    levels: how many are left out. guessed: by the network; else the middle of each cell stands for its
    voxels. partly: so are some voxels of the level above these. d1_mse: in squared voxels, the worse
    direction. d1_psnr: in dB, at the peak 2^depth - 1; None where nothing differs. hausdorff: the largest
    distance, in voxels.
    """

    levels: int
    guessed: bool
    partly: bool
    d1_mse: float
    d1_psnr: float | None
    hausdorff: float


@dataclass(frozen=True)
class ColorLoss(Report):
    """How far colours are off. bound: that holds for each component. largest: error that occurs.

    peak: that PSNR refers to. psnr_y, psnr_u, psnr_v: in dB, of luma and chroma by BT.709; None where nothing
    differs.
    """

    bound: int
    largest: int
    peak: float
    psnr_y: float | None
    psnr_u: float | None
    psnr_v: float | None


@dataclass(frozen=True)
class ColorDistortion(Report):
    """How far the colours of the nearest points of two clouds differ, the worse of both directions.

    largest: error of a component. peak: that PSNR refers to. psnr_y, psnr_u, psnr_v: as in `ColorLoss`. Of
    points in one place and of equally near ones the mean is taken.
    """

    largest: float
    peak: float
    psnr_y: float | None
    psnr_u: float | None
    psnr_v: float | None


@dataclass(frozen=True)
class TargetReport(Report):
    """What a lossy stream was to reach, and what it has, measured on what it decodes to.

    target: "bpp", "psnr" or "max_error" (`CloudOptions`); wanted, reached: of that. drop_levels: that were
    left out for it. bpp: bits of the stream for each point of the source. d1_psnr, d2_psnr: in dB, between
    the points of the source and those that come back, at this peak; None where nothing differs. peak,
    hausdorff: in the units of the file.
    """

    target: str
    wanted: float
    reached: float | None
    drop_levels: float
    bpp: float
    d1_psnr: float | None
    d2_psnr: float | None
    hausdorff: float
    peak: float


@dataclass(frozen=True)
class CodingReport(Report):
    """What encoding and decoding report alike. bpov: bits of the whole file per occupied voxel."""

    codec: str
    level: str  # what comes back: voxels, records or file
    depth: int
    points: int
    input_points: int
    bytes: int
    bpov: float
    seconds: dict[str, float]  # wall time by stage
    by_size: tuple[BlockSizeRow, ...]
    bits: BitBalance
    options: dict[str, Any]
    weights_id: str  # hexadecimal; "" for a codec without a network
    device: str
    versions: dict[str, str]
    components: dict[str, int]  # bytes of the whole stream by what they are for; they add up to its size
    color_error: int  # by which each component of a colour may be off: 0, they are exact
    archive: ArchiveInfo | None = field(default=None, kw_only=True)
    lossy: LossyReport | None = field(default=None, kw_only=True)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "bits": self.bits.to_dict()}


@dataclass(frozen=True)
class VoxelHint(Report):
    """What `keep="voxels"` would take of a cloud whose coordinates lie on no lattice.

    depth: bits per axis of the grid. bytes: about how many. moved_mean, moved_max: distances, in the units of
    the file. merged: points that would share a voxel with another one.
    """

    depth: int
    bytes: int
    moved_mean: float
    moved_max: float
    merged: int


@dataclass(frozen=True)
class EncodeReport(CodingReport):
    """voxelization: None when the source was voxelized already. dropped: properties that are not stored.

    beside: what the source has beside its points and the stream does not hold: other elements, comments,
    header. hint: of a cloud whose coordinates cost much because they lie on no lattice.
    archive_hint: of a file whose order says more than where its points lie, about how many bytes its archive
    would take. color: what colours lost, where they may be off. color_distortion:
    of level "lossy", between nearest voxels, before what a bound loses. target: that was to be reached.
    """

    dropped: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    voxelization: VoxelizationReport | None = None
    hint: VoxelHint | None = None
    archive_hint: int | None = None
    color: ColorLoss | None = None
    color_distortion: ColorDistortion | None = None
    target: TargetReport | None = None


@dataclass(frozen=True)
class BlankProperty(Report):
    """A property that is lost for some points of a damaged stream: they have 0, or of floats NaN.

    points: how many. slices: theirs.
    """

    name: str
    points: int
    slices: tuple[int, ...]


@dataclass(frozen=True)
class Loss(Report):
    """What a damaged stream lacks.

    slices: numbers of those that are lost. boxes: where their points lay, x0 y0 z0 x1 y1 z1 of each in the
    units of the file; empty where that is lost, too. voxels: that are lost. points: that do not come back.
    uncounted: slices of which it is lost how many points each voxel has; each comes back once. strays: points
    off the grid that are lost. damaged: (first, end) of the bytes that belong to no sound part. ended:
    whether the end of the stream is there. blanks: properties that are lost for points that came back. file:
    whether the stream held a file that does not come back. repaired: (first, end) of bytes that were wrong or
    missing, and that their checksum put right.
    """

    slices: tuple[int, ...] = ()
    boxes: tuple[tuple[float, ...], ...] = ()
    voxels: int = 0
    points: int = 0
    uncounted: tuple[int, ...] = ()
    strays: int = 0
    damaged: tuple[tuple[int, int], ...] = ()
    ended: bool = True
    blanks: tuple[BlankProperty, ...] = ()
    file: bool = False
    repaired: tuple[tuple[int, int], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether every point came back with every property, and the file if there was one."""
        return self.every_record and not self.file

    @property
    def every_record(self) -> bool:
        """Whether every point came back with every property."""
        return not (self.slices or self.points or self.uncounted or self.strays or self.blanks)


@dataclass(frozen=True)
class DecodeReport(CodingReport):
    """Report of `decode`.

    whole: the whole stream was decoded, and not some slices alone. returned: points that came back. loss:
    what a damaged stream lacks; None where the stream had to be whole. lod: bits per axis, where the first
    levels alone were decoded.
    """

    whole: bool = True
    returned: int = 0
    loss: Loss | None = None
    lod: int | None = None


@dataclass(frozen=True)
class Certificate(Report):
    """Outcome of `verify`: what came back of the original.

    level: that the stream promises: voxels, records or file. kept: whether it holds what that promises.
    identical: whether every point came back with every property, to the last bit.
    missing, extra: points (of level "voxels": voxels) of the original that did not come back, and others.
    merged: points that share a voxel with another one, which is gone. left_out: points without a place on the
    grid. dropped: properties that the stream does not hold. moved_mean, moved_max: distance from a point to
    where it came back, in the units of the file.
    sha256_original, sha256_decoded: SHA-256 over the little-endian int32 voxels in Morton order ("" for an
    original with voxels outside the stream's grid).
    sha256_file: of the file that a stream of level "file" gives back, where it was compared with a file.
    color_error: by which the stream lets colours be off; color: how far they are off, unless they are exact.
    """

    level: str
    kept: bool
    identical: bool
    points_original: int
    points_decoded: int
    missing: int
    extra: int
    merged: int
    left_out: int
    dropped: tuple[str, ...]
    sha256_original: str
    sha256_decoded: str
    sha256_stream: str
    depth: int
    voxel_size: float
    moved_mean: float
    moved_max: float
    source: str | None = None
    stream: str | None = None
    notes: tuple[str, ...] = field(default=())
    lossy: LossyReport | None = None
    sha256_file: str = ""
    color_error: int = 0
    color: ColorLoss | None = None

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = [
            ("identical", "yes" if self.identical else "no"),
            ("keeps its level", f"{'yes' if self.kept else 'no'} ({self.level})"),
            ("points", f"{self.points_original:,}; {self.points_decoded:,} decoded"),
            ("missing, extra", f"{self.missing:,}, {self.extra:,}"),
            ("merged, left out", f"{self.merged:,}, {self.left_out:,}"),
            ("moved", f"up to {self.moved_max:.4g}, {self.moved_mean:.4g} on average"),
            ("not stored", ", ".join(self.dropped) or "nothing of the points"),
            ("original", self.source or "(memory)"),
            ("stream", self.stream or "(memory)"),
            ("SHA-256 of the stream", self.sha256_stream),
        ]
        return html_table("Certificate", [*rows, *(("note", note) for note in self.notes)])
