"""The shown frame of a sequence as the session's clouds, bitstream and blocks; places of other frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable

from .camera import Grid
from .display import CloudDisplay
from .items import CloudItem, StreamItem, ViewName
from .overlap import on_one_grid
from .session import Session
from .timeline import Frame, Motion


def grid_of(display: CloudDisplay) -> Grid:
    return display.cloud.transform, display.proportions


def show_frame(session: Session, a: Frame, b: Frame | None) -> None:
    """View A shows a frame, and view B that of a second sequence, or none; all that was found out about
    others goes. The camera keeps its place in the units of the file."""
    before, mode = session.original, session.view.cloud_mode
    if before is not None and grid_of(before.display) != grid_of(a.item.display):
        session.set_camera(session.camera.on_grid(grid_of(before.display), grid_of(a.item.display)))
    coded = next((frame for frame in (a, b) if frame is not None and frame.report is not None), None)
    if session.certificate is not None:
        session.set_certificate(None)
    _make_current(session, None if coded is None else coded.stream)
    session.encode_report, session.decode_report = None, None if coded is None else coded.report
    drop = session.kept.drop
    _show(session, "A", a.item)
    if before is not None and drop != session.kept.drop:
        session.set_kept(drop=drop)  # what is not stored is chosen for all frames
    _keep_colours(session, before, mode)
    overlap = b.overlap if b is not None and b.beside is a.item else None
    _show(session, "B", None if b is None else b.item)
    session.overlap = overlap
    session.set_blocks(BlockTable.empty() if coded is None else coded.blocks)


def _make_current(session: Session, stream: StreamItem | None) -> None:
    """The bitstream of the frame before is closed."""
    old = session.stream
    session.make_current(stream)
    if old is not None and old is not stream and old.is_frame:
        session.items.remove(old)


def _show(session: Session, view: ViewName, item: CloudItem | None) -> None:
    """The frame before is closed. Where the sequence has none for a view, another cloud stays there."""
    old = session.items.shown_in(view)
    if item is None and old is not None and not old.is_frame:
        return
    session.show(view, item)
    if old is not None and old is not item and old.is_frame:
        session.items.remove(old)


def _keep_colours(session: Session, before: CloudItem | None, mode: str) -> None:
    """Points that have no colours are plain; those that were plain by choice stay so."""
    item = session.original
    if item is None:
        return
    if not item.has_colors and session.view.cloud_mode == "rgb":
        session.set_view(cloud_mode="plain")
    chosen = before is not None and before.has_colors and mode == "plain"
    if chosen and session.view.cloud_mode == "rgb":
        session.set_view(cloud_mode="plain")


def on_grid_of(display: CloudDisplay, other: CloudDisplay) -> CloudDisplay:
    """A display whose points are drawn at their places on the grid of another one."""
    old, new = display.cloud.transform, other.cloud.transform
    if on_one_grid(display.cloud, other.cloud) or old == new:
        return display
    ratio = np.array(old.steps) / np.array(new.steps)
    shift = (np.array(old.origin) - np.array(new.origin)) / np.array(new.steps)
    places = (display.points.positions - 0.5) * ratio + shift + 0.5
    return replace(display, points=replace(display.points, positions=places.astype(np.float32)))


def arrows(motion: Motion, display: CloudDisplay) -> npt.NDArray[np.float32]:
    """(B, 2, 3) where arrows begin and end, in voxels of a display. Vectors of no length have no arrow."""
    origins, vectors = (np.asarray(part, np.float64).reshape(-1, 3) for part in motion)
    moved = vectors.any(axis=1)
    transform = display.cloud.transform
    ends = np.stack([origins[moved], origins[moved] + vectors[moved]], axis=1)
    places = (ends - np.array(transform.origin)) / np.array(transform.steps) + 0.5
    return np.asarray(places, np.float32)
