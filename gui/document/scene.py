"""What is done with the open items: opening, choosing what the views show, closing, ordering."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from octavox.codec import BlockTable

from .items import VIEWS, CloudItem, Item, SequenceItem, StreamBlocks, StreamItem, ViewName
from .session import Session


@dataclass(frozen=True)
class Row:
    """A line of the list of items. depth: 0 for what stands alone, 1 and 2 for what came of it."""

    item: Item
    depth: int


def parent_of(session: Session, item: Item) -> Item | None:
    """The open item that an item came of: the cloud of a bitstream, the bitstream of a decoded cloud."""
    above: Item | None = None
    if isinstance(item, StreamItem):
        above = item.of
    elif isinstance(item, CloudItem):
        above = item.made_from
    return above if above is not None and above in session.items else None


def children_of(session: Session, item: Item) -> list[Item]:
    """What came of an item, in the order of the list."""
    return [other for other in session.items if parent_of(session, other) is item]


def rows(session: Session) -> Iterator[Row]:
    """All items: each is followed by what came of it."""

    def below(item: Item, depth: int) -> Iterator[Row]:
        yield Row(item, depth)
        for child in children_of(session, item):
            yield from below(child, depth + 1)

    for item in session.items:
        if parent_of(session, item) is None:
            yield from below(item, 0)


def streams_of(session: Session, cloud: CloudItem) -> list[StreamItem]:
    """The bitstreams of a cloud: for a decoded one, that which it was decoded from."""
    return [s for s in session.items.streams if s is cloud.made_from or s.of is cloud]


def decoded_of(session: Session, stream: StreamItem) -> CloudItem | None:
    """The cloud that was decoded from a bitstream and is still open."""
    found = [c for c in session.items.clouds if c.made_from is stream and c.detail is None]
    return found[-1] if found else None


def codable(session: Session) -> list[CloudItem]:
    """The open clouds that a bitstream may be of: that of view A, then others that were opened from files.

    Clouds whose points stay on disk cannot be compared with it.
    """
    first, frames = session.original, session.timeline is not None
    others = [c for c in session.items.clouds if c.root is c and c.detail is None and not c.is_frame]
    found = ([] if first is None else [first]) + [c for c in others if c is not first and not frames]
    return [c for c in found if c.on_disk is None]


def belongs_to_another(session: Session, cloud: CloudItem) -> bool:
    """Whether a cloud was decoded from a bitstream of another open cloud."""
    stream = cloud.made_from
    return stream is not None and parent_of(session, stream) is not None


def unsaved(session: Session) -> list[StreamItem]:
    """The bitstreams that are in no file."""
    return [stream for stream in session.items.streams if not stream.saved]


# -- opening ---------------------------------------------------------------------------------------------


def add_cloud(session: Session, item: CloudItem) -> None:
    """A cloud was opened: view A shows it alone, and all that was open stays open."""
    session.leave()
    session.show("A", item)


def add_stream(session: Session, stream: StreamItem, cloud: CloudItem | None) -> None:
    """A bitstream was made of an open cloud, or opened: it becomes the current one."""
    stream.of = cloud
    if cloud is not None:
        stream.display = cloud.display
    session.make_current(stream)


def show_decoded(session: Session, item: CloudItem) -> None:
    """The current bitstream was decoded: view B shows the cloud, and an older one of it is closed."""
    stream = session.stream
    item.made_from = stream
    item.is_frame = stream is not None and stream.is_frame
    for old in session.items.clouds if stream is not None else ():
        if old.made_from is stream and old is not item:
            session.items.remove(old)
    session.show("B", item)
    recall_pair(session)


# -- choosing --------------------------------------------------------------------------------------------


def choose(session: Session, view: ViewName, item: CloudItem) -> None:
    """Have a view show an open cloud. A view that showed it takes what the other one showed."""
    other, old = session.items.view_of(item), session.items.shown_in(view)
    if other == view:
        return
    with session.together():
        if view == "A" and old is not None and old.is_frame:
            session.leave()
        elif "A" in (view, other):
            _leave_original(session)
        if other is not None:
            session.show(other, old)
        session.show(view, item)
        session.set_view(**{f"show_{view.lower()}": True})
        if "A" in (view, other):
            _take_up_results(session)
        recall_pair(session)


def focus(session: Session, stream: StreamItem) -> None:
    """Show an open bitstream: its cloud in A, what was decoded of it in B, its blocks and its reports."""
    cloud, decoded = stream.of, decoded_of(session, stream)
    with session.together():
        if session.timeline is not None:
            session.leave()
        _leave_original(session)
        session.show("A", cloud if cloud is not None and cloud in session.items else None)
        session.show("B", decoded)
        _make_current(session, stream)
        recall_pair(session)


def recall_pair(session: Session) -> None:
    """What is known of the clouds of A and B: their overlap, and the certificate of the decoding."""
    a, b = session.original, session.decoded
    known = b is not None and b.made_from is not None and b.made_from.of is a and a is not None
    session.overlap = b.overlap if known and b is not None else None
    session.set_certificate(b.certificate if known and b is not None else None)
    stream = None if b is None else b.made_from
    if session.other is not None and session.other.stream not in (None, stream):
        session.set_other(None)  # B is of another bitstream now, or of none
    if a is None or b is None or stream is None or a.root is not b.root:
        return
    if stream.blocks is not None and stream is not session.stream:
        depth, size = b.display.cloud.depth, len(stream.data)
        session.set_other(StreamBlocks(b.label, depth, stream.blocks, size, stream))


def _leave_original(session: Session) -> None:
    """The blocks that are listed are about to be those of another bitstream."""
    session.set_view(selected=None, isolate=False, surprise=False, scrub=None)
    session.set_other(None)


def take_up(session: Session, stream: StreamItem) -> None:
    """Another bitstream of the shown cloud becomes the current one."""
    with session.together():
        _leave_original(session)
        _make_current(session, stream)
        recall_pair(session)


def _take_up_results(session: Session) -> None:
    """The bitstream of the cloud that view A shows becomes the current one: the last one of several."""
    cloud = session.reference
    found = [] if cloud is None else streams_of(session, cloud)
    if session.stream not in found or session.stream is None:
        _make_current(session, found[-1] if found else None)


def _make_current(session: Session, stream: StreamItem | None) -> None:
    """Take up a bitstream with what was found out about it before."""
    session.make_current(None)
    cloud = None if stream is None else stream.of
    grid = None if stream is None else stream.display
    if cloud is not None and grid is not None and cloud.display is not grid:  # the blocks lie on another grid
        cloud.display, cloud.data = grid, None
        session.clouds_changed()
    session.make_current(stream)
    blocks = None if stream is None else stream.blocks
    session.set_blocks(BlockTable.empty() if blocks is None else blocks)


# -- the list --------------------------------------------------------------------------------------------


def family_of(session: Session, item: Item) -> list[Item]:
    """An item and all that came of it: what closes with it."""
    found = [item]
    for child in children_of(session, item):
        found += family_of(session, child)
    return found


def close_item(session: Session, item: Item) -> None:
    """Close an item with what came of it. Where view A showed it, A shows the next cloud of the list."""
    family = family_of(session, item)
    shown = [view for view in VIEWS if session.items.shown_in(view) in family]
    current = session.stream in family
    with session.together():
        if isinstance(item, SequenceItem) and item.timeline is session.timeline:
            session.leave()
            shown = ["A"]
        if current or "A" in shown:
            _leave_original(session)
        for view in shown:
            session.show(view, None)
        if current:
            session.make_current(None)
        for one in family:
            session.items.remove(one)
        if "A" in shown:
            _fill_a(session)
        if current or "A" in shown:
            _take_up_results(session)
        recall_pair(session)
        session.clouds_changed()


def _fill_a(session: Session) -> None:
    """View A shows the first cloud that no view has, else the first one."""
    clouds = [cloud for cloud in session.items.clouds if parent_of(session, cloud) is None]
    free = [cloud for cloud in clouds if session.items.view_of(cloud) is None]
    for cloud in (free or clouds)[:1]:
        view = session.items.view_of(cloud)
        if view is not None:
            session.show(view, None)
        session.show("A", cloud)


def move(session: Session, item: Item, by: int) -> None:
    """Move an item one place up (-1) or down (1) among those that came of the same one."""
    peers = [other for other in session.items if parent_of(session, other) is parent_of(session, item)]
    place = peers.index(item) + by
    if 0 <= place < len(peers):
        session.items.put_beside(item, peers[place], after=by > 0)
        session.clouds_changed()


def rename(session: Session, item: Item, name: str) -> None:
    """Give an item another name. An empty one changes nothing."""
    if name.strip():
        item.label = name.strip()
        session.clouds_changed()
        if session.timeline is None:
            recall_pair(session)  # the names of A and B


def title_of(item: Item) -> str:
    """What the list calls an item."""
    return item.title if isinstance(item, StreamItem) else item.label


def are_frames(paths: list[str]) -> bool:
    """Whether the names of files say that they are frames: they differ in one number alone, which grows by
    the same step from file to file. The number of `vox10` is a bit depth, and no number of a frame."""
    names = [re.split(r"(\d+)", Path(path).name) for path in paths]
    if len(paths) < 2 or len({(len(name), Path(path).parent) for name, path in zip(names, paths)}) > 1:
        return False
    differing = [k for k in range(len(names[0])) if len({name[k] for name in names}) > 1]
    if len(differing) != 1 or not names[0][differing[0]].isdigit():
        return False
    if names[0][differing[0] - 1].lower().endswith("vox"):
        return False
    numbers = sorted(int(name[differing[0]]) for name in names)
    return len({b - a for a, b in zip(numbers, numbers[1:], strict=False)}) == 1
