"""What an action is, and the reasons for which one may be off. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from octavox.gui.document.blocks import surprises_of
from octavox.gui.document.session import Session
from octavox.gui.document.words import again, tr

Reason = Callable[[Session], str]  # why the action is disabled; "" if it is not


def always(session: Session) -> str:
    return ""


@dataclass(frozen=True)
class ActionSpec:
    """One action: what menus, tool bar, palette and list of keys show of it, and what it does.

    run: a method of the command set that lists the action; called with `argument` if that is not None.
    menu: path of menu titles, "/" between. order: place in the top-level menu; lower numbers come first, and
    equal ones stay as they are listed. enabled: says why the action is disabled. icon: a name in
    resources/styles/icons. check: reads the state that the action shows. group: at most one action of a group
    is checked. short: the name where a button has little room. separator: a line above it in the menu.
    """

    key: str
    text: str
    menu: str
    run: Callable[..., object]
    tip: str
    shortcut: str = ""
    enabled: Reason = always
    icon: str = ""
    argument: str | None = None
    check: Callable[[Session], bool] | None = None
    group: str = ""
    separator: bool = False
    short: str = ""
    order: int = 0


def not_busy(session: Session) -> str:
    if session.job is None:
        return ""
    return tr("{title} is running; wait for it or cancel it (Esc)", title=again(session.job.title))


def has_cloud(session: Session) -> str:
    return "" if session.reference else "no cloud is open"


def has_blocks(session: Session) -> str:
    return "" if len(session.blocks) else "there are no blocks yet: compress the cloud or open a bitstream"


def has_sizes(session: Session) -> str:
    one = len(set(session.blocks.size.tolist())) == 1
    return has_blocks(session) or ("all blocks have one size" if one else "")


def has_stream(session: Session) -> str:
    return "" if session.stream else "there is no bitstream yet: compress the cloud or open one"


def can_compress(session: Session) -> str:
    reason = not_busy(session) or ("" if session.original else "no point cloud is open")
    if not reason and session.original is not None and session.original.on_disk is not None:
        return "most points of this cloud stay on disk: “Queue this cloud” compresses its file"
    return reason


def can_write_cloud(session: Session) -> str:
    written = session.decoded or session.original
    if written is not None and written.held is not None:
        return "most points of this cloud stay on disk, in a file already"
    return has_cloud(session)


def can_decompress(session: Session) -> str:
    reason = not_busy(session) or has_stream(session)
    levels = None if reason or session.stream is None else session.stream.levels
    if levels is not None and levels.points > session.large:
        return "this bitstream has too many voxels to show all: choose levels; “octavox decode” writes all"
    return reason


def can_film(session: Session) -> str:
    return not_busy(session) or has_cloud(session)


def can_cancel(session: Session) -> str:
    if session.job is None:
        return "nothing is running"
    return "it is stopping already" if session.job.cancelling else ""


def has_selection(session: Session) -> str:
    return "" if session.view.selected is not None else "no block is selected"


def can_show_surprise(session: Session) -> str:
    """Why the surprise cannot be switched on; it can be switched off at any time."""
    if session.view.surprise:
        return ""
    reason = has_cloud(session) or has_blocks(session) or has_selection(session)
    return reason or has_stream(session) or not_busy(session)


def has_surprises(session: Session) -> str:
    """Why blocks cannot be coloured by surprise: it is computed from a bitstream of a cloud."""
    known = bool(surprises_of(session.blocks))
    return has_blocks(session) or ("" if known else has_cloud(session) or has_stream(session))


def has_decoded(session: Session) -> str:
    return "" if session.decoded else "nothing has been decoded yet"


def has_anything(session: Session) -> str:
    return "" if session.reference or session.stream else "nothing is open"


def has_file(session: Session) -> str:
    return "" if session.original and session.original.path else "no point cloud of a file is open"


def has_both(session: Session) -> str:
    if session.pair is None:
        return "two clouds are needed: open both, or decode a bitstream beside its cloud"
    return ""


def can_compare(session: Session) -> str:
    reason = not_busy(session) or has_both(session)
    if not reason and any(item.held is not None for item in session.pair or ()):
        return "all points of both clouds are needed, and most of one stay on disk"
    return reason


def has_comparison(session: Session) -> str:
    return has_both(session) or ("" if session.comparison else "the clouds have not been compared yet")


def has_two_streams(session: Session) -> str:
    return "" if session.can_compare_blocks else "no second bitstream of this cloud is open in view B"


def can_decode_part(session: Session) -> str:
    return not_busy(session) or has_stream(session) or has_selection(session)


def can_compare_streams(session: Session) -> str:
    return not_busy(session) or has_blocks(session)


def can_compare_codecs(session: Session) -> str:
    if session.timeline is not None:
        return "the frames of a sequence are compressed together"
    if session.kept.keep == "voxels" and session.kept.depth is None:
        return "choose a depth first: points would move"
    return can_compress(session)


def has_sequence(session: Session) -> str:
    return "" if session.timeline is not None else "no sequence is open"


def can_move(session: Session) -> str:
    return not_busy(session) or has_sequence(session)


def can_go_back(session: Session) -> str:
    back = session.timeline is not None and session.timeline.frame > 0
    return can_move(session) or ("" if back else "this is the first frame")


def can_go_on(session: Session) -> str:
    timeline = session.timeline
    more = timeline is not None and timeline.frame < len(timeline) - 1
    return can_move(session) or ("" if more else "this is the last frame")


def can_play(session: Session) -> str:
    more = session.timeline is not None and len(session.timeline) > 1
    return can_move(session) or ("" if more else "the sequence has one frame")
