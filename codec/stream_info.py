"""What a stream says of itself. Plain data with to_json()."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from .report import ArchiveInfo, BitBalance, BlockSizeRow, LossyReport, Report


@dataclass(frozen=True)
class SectionInfo(Report):
    """One section of a stream.

    first_byte, bytes: range in the file. crc: "ok" or "mismatch". owner: what it is for, as `components`
    names it, with all properties that share it; "" for what belongs to the container.
    """

    name: str  # "tree", "slice 0", ...
    kind: int
    points: int
    first_byte: int
    bytes: int
    crc: str
    owner: str = ""


@dataclass(frozen=True)
class StreamInfo(Report):
    """What a stream or a frame says of itself. by_size and bits: None unless the blocks were asked for."""

    path: str | None
    file_size: int
    header_bytes: int  # magic to header checksum
    version: str
    codec: str
    level: str
    depth: int
    points: int
    input_points: int
    bpov: float
    coordinate_type: str
    origin: tuple[float, float, float]
    scale: float
    weights_id: str
    params: str  # hexadecimal
    sections: tuple[SectionInfo, ...]
    format: str  # of the source
    dropped: tuple[str, ...]  # what was left out of it
    moved_mean: float
    moved_max: float  # in the units of the source
    merged: int  # points of the source that share a voxel with another, which is gone
    components: dict[str, int]  # bytes of the file by what they are for; they add up to its size
    color_error: int  # by which each component of a colour may be off: 0, they are exact
    archive: ArchiveInfo | None = None  # of level "file"
    lossy: LossyReport | None = None  # of level "lossy"
    by_size: tuple[BlockSizeRow, ...] | None = None
    bits: BitBalance | None = None
    frame: int = 0  # its number; all sizes are of this frame
    frames: int = 1  # of the file
    reference: int | None = None  # number of the frame that is decoded first; None: this one decodes alone
    inter_weights_id: str = ""  # of the network that sees that frame

    @property
    def sound(self) -> bool:
        """Whether every section's checksum matches."""
        return all(s.crc == "ok" for s in self.sections)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "bits": None if self.bits is None else self.bits.to_dict()}
