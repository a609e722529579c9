"""What is open, what was found out about it, and how it is shown. Changed on the GUI thread only."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any

from octavox.codec import BlockTable, Certificate, Comparison

from .blocks import BlockFilter, component_of, find_row, has_column
from .camera import Camera
from .colour_modes import DELTA, is_by_block, is_difference, is_property
from .difference import Difference
from .events import (
    BlocksChanged,
    BookmarksChanged,
    CameraChanged,
    CertificateChanged,
    CloudsChanged,
    ComparisonChanged,
    DiskChanged,
    Event,
    JobChanged,
    OptionsChanged,
    OtherStreamChanged,
    StreamChanged,
    SurpriseChanged,
    ViewChanged,
)
from .items import VIEWS, CloudItem, StreamBlocks, StreamItem, ViewName
from .job_state import JobState
from .overlap import Overlap
from .point_data import cost_of
from .property_errors import PropertyError
from .property_layer import PropertyLayer, own_properties
from .session_state import SessionState
from .surprise import Surprise
from .words import Told, again


class Session(SessionState):
    """Everything the window shows, and its changes. `events` says what changed."""

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

    def set_budget(self, points: int) -> None:
        """How many points of a cloud on disk are read and drawn at most."""
        self.budget = points
        self.publish(DiskChanged())

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
        mode = self.view.block_mode
        if len(blocks) and not live and component_of(mode) is not None and not has_column(blocks, mode):
            self.set_view(block_mode="bits")  # these blocks have no such component
        if not len(blocks) and not live and is_by_block(self.view.cloud_mode):
            self.set_view(cloud_mode=self._own_mode())
        self.publish(BlocksChanged())

    def append_blocks(self, tables: list[BlockTable]) -> None:
        self.set_blocks(BlockTable.concatenate([self.blocks, *tables]), live=True, grown=True)

    def _own_mode(self) -> str:
        """How points are coloured that have no blocks."""
        cloud = self.reference
        return "plain" if cloud is not None and not cloud.has_colors else "rgb"

    def tell_again(self) -> None:
        """The language changed: words that are kept are told in it."""
        for cloud in self.items.clouds:
            if isinstance(cloud.label, Told):
                cloud.label = again(cloud.label)
        for entry in self.queue.entries:
            if isinstance(entry.words, Told):
                entry.words = again(entry.words)
        if self.job is not None and isinstance(self.job.title, Told):
            self.job.title = again(self.job.title)
        self._properties = PropertyLayer()

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
