"""What is open, what was found out about it, and what follows from that. `Session` has the changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, Certificate, Comparison, is_prepared, make_cloud_options, make_options

from .block_comparison import BlockComparison
from .block_delta import BlockDelta
from .block_layer import BlockLayer
from .blocks import BlockIndex, has_column, is_surprise
from .byte_map import Part, byte_map
from .camera import Camera
from .colormap import Scale
from .colour_modes import DELTA, HEIGHT, Look, block_mode, modes_by_block
from .difference import Difference, Distances
from .display import CloudDisplay
from .events import (
    EventBus,
)
from .forecast import coding_work, rate_key, seconds_for
from .items import CloudItem, Items, StreamBlocks, StreamItem, ViewName
from .job_state import JobState
from .on_disk import DEFAULT_BUDGET, LARGE
from .overlap import Overlap
from .point_data import PropertyValues
from .preview import Preview
from .property_colours import PropertyColours, PropertyScale
from .property_errors import PropertyError
from .property_layer import PropertyLayer
from .proportions import Proportions
from .quality import Quality
from .queue import Queue
from .scales import Owner, chosen_scale, coloured_by, owner_of
from .surprise import Surprise
from .timeline import Timeline
from .view_state import ViewState


class SessionState:
    """Everything the window shows, to be read.

    `items` holds any number of clouds, bitstreams and sequences. View A shows the original, view B the cloud
    that is compared with it, and one bitstream is current: blocks, bytes and reports are its. `show` and
    `make_current` choose among what is open; `set_original`, `set_decoded` and `set_stream` close what they
    replace. `scene` has what is made of these steps.
    """

    def __init__(self) -> None:
        self.events = EventBus()
        self.items = Items()
        self.block_layer = BlockLayer()
        self.view = ViewState()
        self.camera = Camera()
        self.cameras: dict[ViewName, Camera] = {}  # of views that the mouse moved alone
        self.bookmarks: dict[int, Camera] = {}
        self.options = make_options({})
        self.kept = make_cloud_options({})  # of clouds; its depth is for the next opening
        self.rates: dict[str, float] = {}  # points a second of earlier compressions, by `rate_key`
        self.quality = Quality()
        self.queue = Queue()
        self.job: JobState | None = None
        self.preview: Preview | None = None  # at a file that is being opened
        # What was found out about the open items.
        self.certificate: Certificate | None = None  # of decoded (B) with original (A)
        self.overlap: Overlap | None = None
        self.comparison: Comparison | None = None
        self.differences: dict[str, Difference] = {}  # by point mode
        self.property_errors: tuple[PropertyError, ...] = ()
        self._reports: dict[str, dict[str, Any] | None] = {}  # where there is no bitstream to have them
        self.surprise: Surprise | None = None  # computed last
        self.other: StreamBlocks | None = None  # a second bitstream, to compare block by block
        self.budget = DEFAULT_BUDGET  # points that are read of a cloud on disk
        self.large = LARGE  # points from which on a cloud stays there
        self.timeline: Timeline | None = None  # of the sequence whose frame is shown
        self._wants_colors = True  # of the next cloud that has some
        self._drops_of: str | None = None  # the file some of whose properties are left out
        self._delta = BlockDelta()
        self._layers: dict[int, BlockLayer] = {}  # of bitstreams that are not current, by id
        self._compared: tuple[object, ...] = ()  # what the comparison is of
        self._parts: tuple[StreamItem, list[Part]] | None = None
        self._properties = PropertyLayer()
        self._wanted: tuple[list[int], int] | None = None  # corner and size of the selected block

    # -- items ---------------------------------------------------------------------------------------

    @property
    def original(self) -> CloudItem | None:
        """The cloud that the encoder takes and that others are compared with."""
        return self.items.shown_in("A")

    @property
    def decoded(self) -> CloudItem | None:
        """The cloud that is compared with the original: one that a decoder gave, or any other."""
        return self.items.shown_in("B")

    @property
    def stream(self) -> StreamItem | None:
        """The current bitstream."""
        return self.items.current_stream

    @property
    def encode_report(self) -> dict[str, Any] | None:
        """What compressing the current bitstream reported; None where it was opened."""
        return self.stream.encode_report if self.stream is not None else self._reports.get("encode")

    @encode_report.setter
    def encode_report(self, report: dict[str, Any] | None) -> None:
        if self.stream is not None:
            self.stream.encode_report = report
        else:
            self._reports["encode"] = report

    @property
    def decode_report(self) -> dict[str, Any] | None:
        """What decoding the current bitstream, or a frame without one of its own, reported."""
        return self.stream.decode_report if self.stream is not None else self._reports.get("decode")

    @decode_report.setter
    def decode_report(self, report: dict[str, Any] | None) -> None:
        if self.stream is not None:
            self.stream.decode_report = report
        else:
            self._reports["decode"] = report

    @property
    def reference(self) -> CloudItem | None:
        """The cloud that blocks and picking refer to: the original if open, else the decoded one."""
        return next(iter(self.items.shown), None)

    @property
    def pair(self) -> tuple[CloudItem, CloudItem] | None:
        """The clouds of both views, if each shows one."""
        a, b = self.items.shown_in("A"), self.items.shown_in("B")
        return None if a is None or b is None else (a, b)

    @property
    def proportions(self) -> Proportions:
        """How long a voxel is along each axis, in both views."""
        shown = self.preview or self.reference
        return shown.display.proportions if shown is not None else Proportions()

    @property
    def overlaid(self) -> bool:
        """Whether both clouds are drawn in one view."""
        return self.view.arrangement == "overlaid" and self.pair is not None

    def only_in(self, item: CloudItem) -> npt.NDArray[np.bool_] | None:
        """(N,) which points of a shown cloud the other one lacks; None where unknown."""
        if self.overlap is None or self.items.view_of(item) not in ("A", "B"):
            return None
        return self.overlap.only_a if self.items.view_of(item) == "A" else self.overlap.only_b

    def difference_of(self, item: CloudItem) -> tuple[Distances, Scale] | None:
        """Distance in voxels of each point of a shown cloud to the other one, and the scale of both clouds.

        None unless the points are coloured by it.
        """
        found, view = self.difference(self.view.cloud_mode), self.items.view_of(item)
        if found is None:
            return None
        if view not in ("A", "B"):
            values = self._delta.of(item) if self._has_delta(item) else None
        else:
            values = found.a if item is self.reference else found.b
        shown = self.difference_on(owner_of(self, item))
        return None if values is None or shown is None else (values, shown.scale)

    def _has_delta(self, item: CloudItem) -> bool:
        """Whether points of views C and D are coloured by the bits that B spends more on their blocks."""
        own = self.reference
        if self.view.cloud_mode != DELTA or own is None or item.root is not own.root:
            return False
        return item.display.cloud.depth == own.display.cloud.depth

    def difference_on(self, owner: Owner = None) -> Difference | None:
        """The difference that colours the points, under the chosen scale of all views or of one."""
        mode = self.view.cloud_mode
        found = self.difference(mode)
        if found is None:
            return None
        if owner in ("A", "B"):
            found = found.alone(found.a if self.items.shown_in(owner) is self.reference else found.b)
        return found.under(mode, self.scale_of(mode, owner))

    def scale_of_column(self, key: str) -> Scale | None:
        """The scale on which a column colours the listed blocks; None where it colours none."""
        if key != self.view.block_mode or not has_column(self.blocks, key):
            return None
        owner = owner_of(self, self.reference)
        mode, tables = block_mode(key), [layer.table for layer in self.layers_on(owner) if len(layer.table)]
        if not tables:
            return None
        return mode.scale(
            np.concatenate([mode.values(blocks) for blocks in tables]), self.scale_of(key, owner)
        )

    def layers_on(self, owner: Owner) -> list[BlockLayer]:
        """The blocks that one scale colours, each once. The listed ones are on that of the first view."""
        listed = [self.block_layer] if owner == owner_of(self, self.reference) else []
        return list(dict.fromkeys([*listed, *map(self.layer_of, coloured_by(self, owner))]))

    def scale_of(self, mode: str, owner: Owner = None) -> PropertyScale:
        """What was chosen of the scale of a mode, for all views or for one with a scale of its own."""
        return chosen_scale(self.view, mode, owner)

    def difference(self, mode: str) -> Difference | None:
        """What colours points in a mode that compares the clouds of A and B, or their bitstreams."""
        if mode != DELTA:
            return self.differences.get(mode)
        if self.other is None or self.reference is None or not self.can_compare_blocks:
            return None
        return self._delta.difference(self.blocks, self.other, self.reference, self.decoded)

    @property
    def can_compare_blocks(self) -> bool:
        """Whether there is a second bitstream whose blocks lie on the grid of those of the current one."""
        if self.other is None or not len(self.blocks) or self.blocks_live:
            return False
        depth = self.reference.display.cloud.depth if self.reference is not None else self.other.depth
        return depth == self.other.depth

    @property
    def block_comparison(self) -> BlockComparison | None:
        """The blocks of the current and of the second bitstream, place by place."""
        if self.other is None or not self.can_compare_blocks:
            return None
        return self._delta.comparison(self.blocks, self.other)

    def layer_of(self, item: CloudItem) -> BlockLayer:
        """The blocks of a shown cloud: of the bitstream that it was decoded from, else the listed ones."""
        stream = item.made_from
        if stream is None or stream is self.stream or stream.blocks is None or self.blocks_live:
            return self.block_layer
        layer = self._layers.get(id(stream))
        if layer is None or layer.table is not stream.blocks:
            layer = self._layers[id(stream)] = BlockLayer()
            layer.replace(stream.blocks, False, False)
        return layer

    @property
    def property_colours(self) -> PropertyColours | None:
        """Of the property that colours the points of the first view."""
        return self.property_colours_on(owner_of(self, self.reference))

    @property
    def property_values(self) -> PropertyValues | None:
        """Of all clouds on the scale of the first view. See `PropertyLayer.values`."""
        owner = owner_of(self, self.reference)
        return self._properties.values(coloured_by(self, owner), self.view, owner)

    def property_colours_on(self, owner: Owner) -> PropertyColours | None:
        """Of the property that colours the points, on one scale. See `PropertyLayer.colours`."""
        return self._properties.colours(coloured_by(self, owner), self.view, owner)

    @property
    def parts(self) -> list[Part]:
        """The parts of the current bitstream; empty while there is none."""
        if self.stream is None:
            return []
        if self._parts is None or self._parts[0] is not self.stream:
            self._parts = (self.stream, byte_map(self.stream.data))
        return self._parts[1]

    @property
    def component_bytes(self) -> dict[str, int]:
        """Bytes of the current bitstream by what they are for; empty while it is not known."""
        report = self.encode_report or self.decode_report
        return {} if self.stream is None or report is None else dict(report["components"])

    def suggested_path(self, suffix: str) -> str:
        """Where a result would go by default: beside the open file, and never in its place."""
        source = (self.original and self.original.path) or (self.stream and self.stream.path)
        whole = self.stream and self.stream.frame_of
        if not source and whole and self.timeline is not None:
            path = Path(whole)
            return str(path.with_name(f"{path.stem}_{self.timeline.shown or 0:04d}{suffix}"))
        if not source:
            return f"cloud{suffix}"
        path = Path(source).with_suffix(suffix)
        names = [entry.path for entry in self.items.clouds if entry is not self.decoded]
        names += [stream.path for stream in self.items.streams]
        open_files = [Path(name) for name in names if name]
        return str(path.with_stem(f"{path.stem}_voxels") if path in open_files else path)

    # -- blocks --------------------------------------------------------------------------------------

    @property
    def blocks(self) -> BlockTable:
        return self.block_layer.table

    @property
    def blocks_live(self) -> bool:
        """Whether a running job still appends rows."""
        return self.block_layer.live

    @property
    def index(self) -> BlockIndex:
        return self.block_layer.index

    @property
    def visible_blocks(self) -> npt.NDArray[np.bool_]:
        """See `BlockLayer.visible`."""
        return self.block_layer.visible(self.view)

    @property
    def outlined_blocks(self) -> npt.NDArray[np.bool_]:
        """See `BlockLayer.outlined`."""
        return self.block_layer.outlined(self.view)

    def visible_in(self, layer: BlockLayer) -> npt.NDArray[np.bool_]:
        """The same of the blocks of a view: only the filter applies to those that are not listed."""
        return layer.visible(self._view_of(layer))

    def outlined_in(self, layer: BlockLayer) -> npt.NDArray[np.bool_]:
        """As `visible_in`, of the sizes that are switched on."""
        return layer.outlined(self._view_of(layer))

    def _view_of(self, layer: BlockLayer) -> ViewState:
        listed = layer is self.block_layer
        return self.view if listed else replace(self.view, selected=None, isolate=False, scrub=None)

    @property
    def by_cost(self) -> npt.NDArray[np.int64]:
        """See `BlockLayer.by_cost`."""
        return self.block_layer.by_cost(self.view)

    @property
    def alone(self) -> bool:
        """Whether the selected block is shown without the others."""
        return self.view.alone

    @property
    def look(self) -> Look:
        return self.look_on(None)

    def look_on(self, owner: Owner) -> Look:
        """How points look on one scale; heights from the lowest to the highest point on it."""
        up, displays = self.camera.up, [item.display for item in coloured_by(self, owner)]
        axis = "xyz".index(up)
        ends = [(int(one.low[axis]), int(one.high[axis])) for one in displays if len(one)]
        heights = (float(min(low for low, _ in ends)), float(max(high for _, high in ends))) if ends else None
        return Look(up, self.view.shaded, self.scale_of(HEIGHT, owner), heights)

    def forecast(self, display: CloudDisplay) -> tuple[float, bool]:
        """Seconds that coding a cloud will take, and whether a pace was measured before."""
        rate = self.rates.get(rate_key(self.options))
        points = coding_work(display.codes, display.cloud.depth)
        return seconds_for(self.options, points, rate, is_prepared(self.options.codec)), rate is not None

    # -- surprise ------------------------------------------------------------------------------------

    @property
    def has_cloud_and_stream(self) -> bool:
        """Whether a cloud and a bitstream of it are open, which the surprise of a block needs."""
        return self.reference is not None and self.stream is not None

    @property
    def shown_surprise(self) -> Surprise | None:
        """The surprise of the selected block, if it is wanted and computed."""
        known, row, entry = self.surprise, self.view.selected, self.reference
        if not self.view.surprise or known is None or row is None or entry is None:
            return None
        same = known.is_of(entry.display.cloud, self.blocks.origin[row], int(self.blocks.size[row]))
        return known if same else None

    @property
    def surprise_due(self) -> bool:
        """Whether the surprise of the selected block is wanted and not computed yet."""
        wanted = self.view.surprise and self.view.selected is not None and self.has_cloud_and_stream
        return wanted and self.shown_surprise is None

    @property
    def surprises_due(self) -> bool:
        """Whether blocks are to be coloured by their surprise, and that is not computed yet."""
        modes = {
            self.view.block_mode,
            *(mode.key for key, mode in modes_by_block().items() if key == self.view.cloud_mode),
        }
        wanted = any(is_surprise(mode) and not has_column(self.blocks, mode) for mode in modes)
        return wanted and bool(len(self.blocks)) and not self.blocks_live and self.has_cloud_and_stream

    def surprise_on(self, item: CloudItem) -> Surprise | None:
        """The surprise to draw instead of a cloud, if it was computed for that one or for an equal one."""
        equal = self.overlap is not None and self.overlap.same
        return self.shown_surprise if item is self.reference or equal else None
