"""Which of a cloud's points are drawn."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .blocks import point_ranges, rows_from
from .clip import Clip
from .items import CloudItem
from .near import Keep
from .overlap import on_one_grid
from .session import Session


def shares_blocks(session: Session, entry: CloudItem) -> bool:
    """Whether the listed blocks are those of a shown cloud: of the one that was coded, or decoded from it."""
    first = session.reference
    if first is None or entry is first or session.timeline is not None:
        return True
    return first.root is entry.root or (entry.made_from is not None and entry.made_from is session.stream)


def shown_part(session: Session, entry: CloudItem) -> npt.NDArray[np.int64] | None:
    """Rows of the entry's `display.points`: None for all, else those of the isolated block."""
    view, place = session.view, entry.display.points.place
    if session.alone and view.selected is not None and shares_blocks(session, entry):
        low, high = point_ranges(rows_from(session.blocks, view.selected), entry.display.codes)
        return np.flatnonzero((place >= low[0]) & (place < high[0]))
    return None


def clip_of(session: Session, entry: CloudItem | None) -> Clip | None:
    """The clipping box, for the clouds on whose grid it was chosen; others are drawn whole."""
    first = session.reference
    same = entry is None or first is None or on_one_grid(entry.display.cloud, first.display.cloud)
    return session.view.clip if same else None


def shown_rows(session: Session, entry: CloudItem) -> Keep | None:
    """The same as a condition on rows of the cloud, with coding order and clipping: None for all."""
    clip, coords = clip_of(session, entry), entry.display.cloud.coords
    keep = _unclipped(session, entry)
    if clip is None:
        return keep
    return lambda rows: clip.keeps(coords[rows]) & (True if keep is None else keep(rows))


def _unclipped(session: Session, entry: CloudItem) -> Keep | None:
    view = session.view
    if not shares_blocks(session, entry):
        return None
    if session.alone and view.selected is not None:
        low, high = point_ranges(rows_from(session.blocks, view.selected), entry.display.codes)
        first, end = int(low[0]), int(high[0])
        return lambda rows: (rows >= first) & (rows < end)
    if view.scrub is not None:
        owner, blocks = session.block_layer.owners(entry), view.scrub
        return lambda rows: (owner[rows] >= 0) & (owner[rows] < blocks)
    return None
