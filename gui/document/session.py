"""The session: what is open, what was made of it, and how it is shown. Changed on the GUI thread only."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import (
    BlockTable,
    Certificate,
    CodecOptions,
    Comparison,
    PointCloud,
    VoxelCloud,
    VoxelizationReport,
    is_prepared,
)

from .blocks import BlockFilter, BlockIndex, assign_owners, find_row, rows_from, same_blocks
from .byte_map import Part, byte_map
from .camera import Camera
from .colour_modes import DIFFERENCES, Look, is_by_block
from .difference import Difference
from .display import CloudDisplay
from .events import (
    BlocksChanged,
    BookmarksChanged,
    CameraChanged,
    CertificateChanged,
    CloudsChanged,
    ComparisonChanged,
    Event,
    EventBus,
    JobChanged,
    OptionsChanged,
    OtherStreamChanged,
    StreamChanged,
    SurpriseChanged,
    ViewChanged,
)
from .forecast import rate_key, seconds_for
from .job_state import JobState
from .looking import FirstLook
from .overlap import Overlap
from .queue import Queue
from .surprise import Surprise


@dataclass(frozen=True)
class ViewState:
    """How things are shown. Every change of it goes through the undo stack."""

    cloud_mode: str = "rgb"
    block_mode: str = "bits"
    overlay: bool = True
    shaded: bool = True
    point_size: int = 0  # pixels; 0: as large as a voxel looks
    selected: int | None = None  # row of the block table
    isolate: bool = False  # show the selected block alone
    surprise: bool = False  # and in the colours of what its voxels cost
    filter: BlockFilter = field(default_factory=BlockFilter)
    show_a: bool = True
    show_b: bool = True
    hidden_sizes: frozenset[int] = frozenset()  # block sizes whose outlines are left out
    opacity: int = 100  # of the outlines, per cent
    edl: bool = False  # eye-dome lighting
    bounds: bool = False
    axes: bool = True
    scale_bar: bool = True
    scrub: int | None = None  # how many blocks, in coding order, are shown; None: all
    arrangement: str = "beside"  # or "overlaid": both clouds in the left view


@dataclass
class CloudEntry:
    """One cloud of the session. label: what its pane is called."""

    display: CloudDisplay
    label: str
    path: str | None = None
    voxelization: VoxelizationReport | None = None
    source: PointCloud | None = None  # the file's points, where voxelization merged some

    @property
    def codable(self) -> VoxelCloud | PointCloud:
        """What the encoder takes: it counts merged points itself."""
        return self.source if self.source is not None else self.display.cloud


@dataclass
class Bitstream:
    """The compressed cloud: in memory, and on disk when it was opened or saved."""

    data: bytes
    path: str | None = None
    codec: str = ""

    @property
    def saved(self) -> bool:
        return self.path is not None


@dataclass(frozen=True)
class StreamBlocks:
    """The blocks of a second bitstream of the same cloud, and its size. label: what it is called.

    depth: bits an axis; places of another depth than the open cloud's are not the same.
    """

    label: str
    depth: int
    blocks: BlockTable
    bytes: int


class Session:
    """Everything the window shows. `events` says what changes."""

    def __init__(self) -> None:
        self.events = EventBus()
        self.original: CloudEntry | None = None
        self.decoded: CloudEntry | None = None
        self.stream: Bitstream | None = None
        self.blocks = BlockTable.empty()
        self._wants_colors = True  # of the next cloud that has some
        self.blocks_live = False  # rows still arrive from a running job
        self.certificate: Certificate | None = None
        self.encode_report: dict[str, Any] | None = None
        self.decode_report: dict[str, Any] | None = None
        self.surprise: Surprise | None = None  # the block that the codec was asked about last
        self.comparison: Comparison | None = None  # of decoded (B) with original (A)
        self.differences: dict[str, Difference] = {}  # by mode
        self.overlap: Overlap | None = None
        self.other: StreamBlocks | None = None  # a second bitstream, to compare block by block
        self.bookmarks: dict[int, Camera] = {}
        self.depth: int | None = None  # of the voxel grid of clouds opened next; None: the cloud's own
        self.queue = Queue()
        self.rates: dict[str, float] = {}  # points a second of earlier compressions, by `rate_key`
        self.view = ViewState()
        self.camera = Camera()
        self.options = CodecOptions()
        self.job: JobState | None = None
        self.first_look: FirstLook | None = None  # at a file that is being opened
        self._index: BlockIndex | None = None
        self._parts: tuple[Bitstream, list[Part]] | None = None
        self._wanted: tuple[list[int], int] | None = None  # corner and size of the selected block
        self._owners: dict[int, tuple[npt.NDArray[np.int32], int]] = {}  # by codes, and for how many rows

    # -- derived -------------------------------------------------------------------------------------

    @property
    def reference(self) -> CloudEntry | None:
        """The cloud that block ranges and picking refer to: the original if open, else the decoded one."""
        return self.original or self.decoded

    @property
    def look(self) -> Look:
        return Look(self.camera.up, self.view.shaded)

    @property
    def index(self) -> BlockIndex:
        if self._index is None:
            self._index = BlockIndex(self.blocks)
        return self._index

    @property
    def parts(self) -> list[Part]:
        """The parts of the open bitstream; empty while there is none."""
        if self.stream is None:
            return []
        if self._parts is None or self._parts[0] is not self.stream:
            self._parts = (self.stream, byte_map(self.stream.data))
        return self._parts[1]

    def owners(self, entry: CloudEntry) -> npt.NDArray[np.int32]:
        """(N,) row of the block that holds each point of an entry, -1 where none does (yet)."""
        key = id(entry.display.codes)  # equal clouds share them
        if key not in self._owners:
            self._owners[key] = (np.full(len(entry.display), -1, np.int32), 0)
        owner, done = self._owners[key]
        if done < len(self.blocks):
            assign_owners(owner, rows_from(self.blocks, done), entry.display.codes, done)
            self._owners[key] = (owner, len(self.blocks))
        return owner

    @property
    def overlaid(self) -> bool:
        """Whether both clouds are drawn in one view."""
        return self.view.arrangement == "overlaid" and self.original is not None and self.decoded is not None

    def only_in(self, entry: CloudEntry) -> npt.NDArray[np.bool_] | None:
        """(N,) which points of the original or the decoded cloud the other one lacks; None where unknown."""
        if self.overlap is None:
            return None
        return self.overlap.only_a if entry is self.original else self.overlap.only_b

    def forecast(self, points: int) -> tuple[float, bool]:
        """Seconds that coding so many points will take, and whether that was measured before."""
        rate = self.rates.get(rate_key(self.options))
        return seconds_for(self.options, points, rate, is_prepared(self.options.codec)), rate is not None

    def has_size(self, size: int) -> bool:
        return bool((self.blocks.size == size).any())

    @property
    def outlined_blocks(self) -> npt.NDArray[np.bool_]:
        """(B,) which blocks get outlines: the visible ones of the sizes that are switched on."""
        keep = self.visible_blocks
        hidden = self.view.hidden_sizes
        return keep & ~np.isin(self.blocks.size, list(hidden)) if hidden and not self.alone else keep

    @property
    def by_cost(self) -> npt.NDArray[np.int64]:
        """Rows of the visible blocks, most expensive first: in bpov if that colours them, else in bits."""
        blocks = self.blocks
        cost = blocks.bpov if self.view.block_mode == "bpov" else blocks.bits + blocks.flag_bits
        rows = np.flatnonzero(self.view.filter.mask(blocks))
        return np.asarray(rows[np.argsort(-cost[rows], kind="stable")], np.int64)

    @property
    def visible_blocks(self) -> npt.NDArray[np.bool_]:
        """(B,) which blocks filter and isolation leave."""
        keep = self.view.filter.mask(self.blocks)
        if self.alone:
            alone = np.zeros(len(self.blocks), bool)
            alone[self.view.selected] = True
            return alone
        if self.view.scrub is not None:
            keep[self.view.scrub :] = False
        return keep

    @property
    def alone(self) -> bool:
        """Whether the selected block is shown without the others."""
        return self.view.selected is not None and (self.view.isolate or self.view.surprise)

    @property
    def can_ask(self) -> bool:
        """Whether there are a cloud and a bitstream of it, whose codec can be asked about a block."""
        return self.reference is not None and self.stream is not None

    @property
    def shown_surprise(self) -> Surprise | None:
        """What the codec expected of the selected block, if that is wanted and known."""
        known, row, entry = self.surprise, self.view.selected, self.reference
        if not self.view.surprise or known is None or row is None or entry is None:
            return None
        same = known.is_of(entry.display.cloud, self.blocks.origin[row], int(self.blocks.size[row]))
        return known if same else None

    @property
    def surprise_due(self) -> bool:
        """Whether the codec is to be asked about the selected block."""
        wanted = self.view.surprise and self.view.selected is not None and self.can_ask
        return wanted and self.shown_surprise is None

    def surprise_on(self, entry: CloudEntry) -> Surprise | None:
        """What is drawn for an entry: it holds for the cloud that was asked about, and for its equal."""
        equal = self.certificate is not None and self.certificate.identical
        return self.shown_surprise if entry is self.reference or equal else None

    # -- changes -------------------------------------------------------------------------------------

    def together(self) -> contextlib.AbstractContextManager[None]:
        """See `EventBus.together`."""
        return self.events.together()

    def publish(self, event: Event) -> None:
        """Tell the listeners, at the end of a batch if one is open."""
        self.events.publish(event)

    def set_view(self, **changes: Any) -> None:
        self.view = replace(self.view, **changes)
        if "selected" in changes:
            row = self.view.selected
            self._wanted = (
                None if row is None else (self.blocks.origin[row].tolist(), int(self.blocks.size[row]))
            )
        self.publish(ViewChanged())

    def set_camera(self, camera: Camera) -> None:
        self.camera = camera
        self.publish(CameraChanged())

    def set_options(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)
        self.publish(OptionsChanged())

    def set_job(self, job: JobState | None) -> None:
        self.job = job
        self.publish(JobChanged())

    def set_original(self, entry: CloudEntry | None) -> None:
        self.original = entry
        colored = entry is not None and entry.display.cloud.colors is not None
        if colored and self._wants_colors and self.view.cloud_mode == "plain":
            self.set_view(cloud_mode="rgb")
        if self.comparison is not None:
            self.set_comparison(None)
        self._forget_owners()
        self.publish(CloudsChanged())

    def set_decoded(self, entry: CloudEntry | None, overlap: Overlap | None = None) -> None:
        self.decoded, self.overlap = entry, overlap
        if self.comparison is not None:
            self.set_comparison(None)
        self._forget_owners()
        self.publish(CloudsChanged())

    def _forget_owners(self) -> None:
        """Of clouds that are closed."""
        here = {id(e.display.codes) for e in (self.original, self.decoded) if e is not None}
        self._owners = {key: kept for key, kept in self._owners.items() if key in here}

    def set_stream(self, stream: Bitstream | None) -> None:
        self.stream = stream
        self.publish(StreamChanged())

    def set_surprise(self, surprise: Surprise | None) -> None:
        self.surprise = surprise
        self.publish(SurpriseChanged())

    def set_comparison(
        self, comparison: Comparison | None, found: dict[str, Difference] | None = None
    ) -> None:
        """found: the `differences` of the comparison."""
        self.comparison, self.differences = comparison, found or {}
        if comparison is None and self.view.cloud_mode in DIFFERENCES:
            self.set_view(cloud_mode="plain")
        self.publish(ComparisonChanged())

    def set_other(self, other: StreamBlocks | None) -> None:
        self.other = other
        self.publish(OtherStreamChanged())

    def keep_bookmark(self, number: int) -> None:
        self.bookmarks[number] = self.camera
        self.publish(BookmarksChanged())

    def set_certificate(self, certificate: Certificate | None) -> None:
        self.certificate = certificate
        self.publish(CertificateChanged())

    def set_blocks(self, blocks: BlockTable, live: bool = False, grown: bool = False) -> None:
        """Replace the table. The selection stays with its block: it moves to the block's new row, and waits
        while the block has not arrived yet. grown: the old rows are the first of the new ones."""
        same = grown or same_blocks(self.blocks, blocks)  # a job's last word repeats what arrived
        self.blocks, self.blocks_live, self._index = blocks, live, None
        if not same:
            self._owners.clear()
        row = None if self._wanted is None else find_row(blocks, *self._wanted)
        if row != self.view.selected:
            there = row is not None
            isolate, surprise = self.view.isolate and there, self.view.surprise and there
            self.view = replace(self.view, selected=row, isolate=isolate, surprise=surprise)
            self.publish(ViewChanged())
        if self.view.scrub is not None and not grown:
            self.set_view(scrub=None)
        if not len(blocks) and not live and is_by_block(self.view.cloud_mode):
            self.set_view(cloud_mode=self._own_mode())
        self.publish(BlocksChanged())

    def append_blocks(self, tables: list[BlockTable]) -> None:
        self.set_blocks(BlockTable.concatenate([self.blocks, *tables]), live=True, grown=True)

    def _own_mode(self) -> str:
        """How points are coloured that have no blocks."""
        entry = self.reference
        return "plain" if entry is not None and entry.display.cloud.colors is None else "rgb"

    def clear(self) -> None:
        """Close everything; how things are shown stays, but for what refers to the closed files."""
        entry, mode = self.reference, self.view.cloud_mode
        if entry is None or entry.display.cloud.colors is not None:  # else nobody could choose
            self._wants_colors = mode == "rgb" or is_by_block(mode)
        self.certificate = None
        self.encode_report = self.decode_report = self.surprise = None
        self.set_stream(None)
        self.set_blocks(BlockTable.empty())
        self.set_decoded(None)
        self.set_original(None)
        self.set_view(selected=None, isolate=False, surprise=False, filter=BlockFilter())
        self.set_other(None)
        self.bookmarks.clear()
        self.set_certificate(None)

    def suggested_path(self, suffix: str) -> str:
        """Where a result would go by default: beside the open file, and never in its place."""
        source = (self.original and self.original.path) or (self.stream and self.stream.path)
        if not source:
            return f"cloud{suffix}"
        path = Path(source).with_suffix(suffix)
        open_files = [Path(f.path) for f in (self.original, self.stream) if f is not None and f.path]
        return str(path.with_stem(f"{path.stem}_voxels") if path in open_files else path)
