"""What is open, what was found out about it, and how it is shown. Changed on the GUI thread only."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, Certificate, Comparison, is_prepared, make_cloud_options, make_options

from .block_comparison import BlockComparison
from .block_delta import BlockDelta
from .block_layer import BlockLayer
from .blocks import BlockFilter, BlockIndex, find_row
from .byte_map import Part, byte_map
from .camera import Camera
from .colormap import Scale
from .colour_modes import DELTA, Look, is_by_block, is_difference, is_property
from .difference import Difference, Distances
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
from .forecast import coding_work, rate_key, seconds_for
from .items import VIEWS, CloudItem, Items, StreamBlocks, StreamItem, ViewName
from .job_state import JobState
from .overlap import Overlap
from .point_data import cost_of
from .preview import Preview
from .property_colours import PropertyColours
from .property_errors import PropertyError
from .property_layer import PropertyLayer, own_properties
from .proportions import Proportions
from .quality import Quality
from .queue import Queue
from .surprise import Surprise
from .timeline import Timeline
from .view_state import ViewState


class Session:
    """Everything the window shows. `events` says what changes.

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
        if found is None or view not in ("A", "B"):
            return None
        return found.a if item is self.reference else found.b, found.scale

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
        """Of the property that colours the points. See `PropertyLayer.colours`."""
        return self._properties.colours(self.items.shown, self.view)

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
        return Look(self.camera.up, self.view.shaded)

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

    def surprise_on(self, item: CloudItem) -> Surprise | None:
        """The surprise to draw instead of a cloud, if it was computed for that one or for an equal one."""
        equal = self.overlap is not None and self.overlap.same
        return self.shown_surprise if item is self.reference or equal else None

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

    def set_own_camera(self, view: ViewName, camera: Camera) -> None:
        """One view alone looks from elsewhere, until all cameras are set or linked again."""
        self.cameras[view] = camera
        self.publish(CameraChanged())

    def set_camera(self, camera: Camera) -> None:
        self.cameras.clear()
        turned, self.camera = camera.parallel != self.camera.parallel, camera
        self.publish(CameraChanged())
        if turned:  # an action shows it
            self.publish(ViewChanged())

    def set_options(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)
        self.publish(OptionsChanged())

    def set_kept(self, **changes: Any) -> None:
        """Fields of `CloudOptions`. Properties that are left out are those of the open file, else of the
        next one."""
        self.kept = replace(self.kept, **changes)
        if "drop" in changes:
            self._drops_of = self.original.path if self.original is not None else None
        self.publish(OptionsChanged())

    def set_job(self, job: JobState | None) -> None:
        self.job = job
        self.publish(JobChanged())

    def _replace(self, view: ViewName, item: CloudItem | None) -> None:
        """An item takes the place of the one that a view shows, which is closed."""
        old = self.items.shown_in(view)
        if old is not None and old is not item:
            self.items.remove(old)
        self.items.show(view, item)

    def show(self, view: ViewName, item: CloudItem | None) -> None:
        """Have a view show another cloud, or none; what it showed stays open."""
        self.items.show(view, item)
        self._shown_in(view, item)

    def clouds_changed(self) -> None:
        """Clouds were opened, closed or put in another order, or a view shows another one."""
        if self.comparison is not None and self._compared != self._comparable:
            self.set_comparison(None)
        open_streams = {id(stream) for stream in self.items.streams}
        self._layers = {key: layer for key, layer in self._layers.items() if key in open_streams}
        for layer in (self.block_layer, *self._layers.values()):
            layer.forget_owners(self.items.clouds)
        self.publish(CloudsChanged())

    def set_original(self, item: CloudItem | None) -> None:
        """View A shows another cloud, or none; the old one is closed."""
        self._replace("A", item)
        self._shown_in("A", item)

    def _shown_in(self, view: ViewName, item: CloudItem | None) -> None:
        if view == "A":
            self._follow_original(item)
        self.clouds_changed()

    def _follow_original(self, item: CloudItem | None) -> None:
        """Colours and properties to store are those of the cloud that view A shows now."""
        if item is not None and item.has_colors and self._wants_colors and self.view.cloud_mode == "plain":
            self.set_view(cloud_mode="rgb")
        if item is not None:
            if self.kept.drop is not None and self._drops_of not in (None, item.path):
                self.set_kept(drop=None)  # another file has properties of its own
            self._drops_of = item.path
        if not own_properties(item, self.view.cloud_mode):
            self.set_view(cloud_mode=self._own_mode())

    def set_decoded(self, item: CloudItem | None, overlap: Overlap | None = None) -> None:
        """View B shows another cloud, or none; the old one is closed. overlap: with the original."""
        self.overlap = overlap
        self._replace("B", item)
        self.clouds_changed()

    def set_stream(self, stream: StreamItem | None) -> None:
        """Another bitstream is the current one, or none; the old one is closed."""
        old = self.stream
        if old is not None and old is not stream:
            self.items.remove(old)
            self._forget_costs()  # they are those of the bitstream that was closed
        self.make_current(stream)

    def make_current(self, stream: StreamItem | None) -> None:
        """Another bitstream is the current one, or none; the old one stays open."""
        if self.stream is not None and self.stream is not stream:
            self._forget_costs()
            self.surprise = None
        self.items.make_current(stream)
        self.publish(StreamChanged())

    def _forget_costs(self) -> None:
        for data in (item.data for item in self.items.clouds if item.data is not None):
            data.forget_costs()
        if cost_of(self.view.cloud_mode) is not None:
            self.set_view(cloud_mode=self._own_mode())

    @property
    def _comparable(self) -> tuple[object, ...]:
        """What a comparison is of: both clouds, and the grids that show them."""
        return tuple(part for item in self.pair or () for part in (id(item), id(item.display)))

    def set_surprise(self, surprise: Surprise | None) -> None:
        self.surprise = surprise
        self.publish(SurpriseChanged())

    def set_comparison(
        self,
        comparison: Comparison | None,
        found: dict[str, Difference] | None = None,
        errors: tuple[PropertyError, ...] = (),
    ) -> None:
        """found: the `differences` of the comparison. errors: of each property."""
        self.comparison, self.differences, self.property_errors = comparison, found or {}, errors
        self._compared = self._comparable
        self._drop_mode_of_nothing()
        self.publish(ComparisonChanged())

    def set_other(self, other: StreamBlocks | None) -> None:
        self.other = other
        self._drop_mode_of_nothing()
        self.publish(OtherStreamChanged())

    def _drop_mode_of_nothing(self) -> None:
        """Points are not coloured by a difference that is not known any more."""
        mode = self.view.cloud_mode
        gone = not self.can_compare_blocks if mode == DELTA else mode not in self.differences
        if is_difference(mode) and gone:
            self.set_view(cloud_mode=self._own_mode())

    def keep_bookmark(self, number: int) -> None:
        self.bookmarks[number] = self.camera
        self.publish(BookmarksChanged())

    def set_certificate(self, certificate: Certificate | None) -> None:
        self.certificate = certificate
        self.publish(CertificateChanged())

    def set_blocks(self, blocks: BlockTable, live: bool = False, grown: bool = False) -> None:
        """Replace the table. The selection stays with its block: it moves to the block's new row, and waits
        while the block has not arrived yet. grown: the old rows are the first of the new ones."""
        self.block_layer.replace(blocks, live, grown)
        if self.stream is not None and not live:
            self.stream.blocks = blocks
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
        cloud = self.reference
        return "plain" if cloud is not None and not cloud.has_colors else "rgb"

    def clear(self) -> None:
        """Close everything; how things are shown stays, but for what refers to the closed files."""
        self.leave()
        for item in self.items:
            self.items.remove(item)
        self.clouds_changed()

    def leave(self) -> None:
        """Show nothing. All stays open but the shown frame of a sequence, which is decoded again."""
        cloud, mode = self.reference, self.view.cloud_mode
        if cloud is None or cloud.has_colors:  # else there was no choice
            self._wants_colors = mode == "rgb" or is_by_block(mode) or is_property(mode)
        frames = [item for item in (*self.items.shown, self.stream) if item is not None and item.is_frame]
        self.certificate = None
        self.make_current(None)
        self.encode_report = self.decode_report = self.surprise = None
        self.set_blocks(BlockTable.empty())
        self.overlap = None
        for view in VIEWS[::-1]:
            self.show(view, None)
        for item in dict.fromkeys(frames):
            self.items.remove(item)
        self.set_view(selected=None, isolate=False, surprise=False, filter=BlockFilter())
        self.set_other(None)
        self.bookmarks.clear()
        self.set_certificate(None)
