"""Every action of the window, in one table: text, key, hint, place, and why it may be disabled. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .model.modes import BLOCK_MODES, BY_BLOCK, CLOUD_MODES
from .model.session import Session

Reason = Callable[[Session], str]  # why the action is disabled; "" if it is not


def always(session: Session) -> str:
    return ""


def not_busy(session: Session) -> str:
    return f"{session.job.title} is running; wait for it or cancel it (Esc)" if session.job else ""


def has_cloud(session: Session) -> str:
    return "" if session.reference else "no cloud is open"


def has_blocks(session: Session) -> str:
    return "" if len(session.blocks) else "there are no blocks yet: compress the cloud or open a bitstream"


def has_stream(session: Session) -> str:
    return "" if session.stream else "there is no bitstream yet: compress the cloud or open one"


def can_compress(session: Session) -> str:
    return not_busy(session) or ("" if session.original else "no point cloud is open")


def can_decompress(session: Session) -> str:
    return not_busy(session) or has_stream(session)


def can_cancel(session: Session) -> str:
    if session.job is None:
        return "nothing is running"
    return "it is stopping already" if session.job.cancelling else ""


def has_selection(session: Session) -> str:
    return "" if session.view.selected is not None else "no block is selected"


def can_ask(session: Session) -> str:
    """Whether the surprise can be switched; off at any time."""
    if session.view.surprise:
        return ""
    network = "" if session.has_network else "these blocks come from a codec without a network"
    reason = has_cloud(session) or has_blocks(session) or has_selection(session)
    return reason or network or not_busy(session)


def has_decoded(session: Session) -> str:
    return "" if session.decoded else "nothing has been decoded yet"


def has_anything(session: Session) -> str:
    return "" if session.reference or session.stream else "nothing is open"


@dataclass(frozen=True)
class ActionSpec:
    """One action. slot: method of the workbench, called with `argument` if that is not None.

    menu: path of menu titles, "/" between. check: the action shows a state, read from the session.
    """

    key: str
    text: str
    menu: str
    slot: str
    tip: str
    shortcut: str = ""
    enabled: Reason = always
    icon: str = ""
    argument: str | None = None
    check: Callable[[Session], bool] | None = None
    group: str = ""
    separator: bool = False  # a line above it in the menu


def _block_modes() -> Iterator[ActionSpec]:
    for mode in BLOCK_MODES:
        yield ActionSpec(
            f"blocks_{mode.key}",
            mode.title,
            "View/Blocks by",
            "set_block_mode",
            f"Colour the blocks by {mode.title.lower()}",
            mode.shortcut,
            has_blocks,
            argument=mode.key,
            check=lambda s, key=mode.key: s.view.block_mode == key,  # type: ignore[misc]
            group="block_mode",
        )


def _cloud_modes() -> Iterator[ActionSpec]:
    keys = {"rgb": "C", "height": "H", "plain": "P"}
    for mode in CLOUD_MODES:
        yield ActionSpec(
            f"cloud_{mode.key}",
            mode.title,
            "View/Points by",
            "set_cloud_mode",
            mode.tip,
            keys.get(mode.key, ""),
            lambda s, m=mode: has_cloud(s) or (m.missing(s.reference.display) if s.reference else ""),  # type: ignore[misc]
            argument=mode.key,
            check=lambda s, key=mode.key: s.view.cloud_mode == key,  # type: ignore[misc]
            group="cloud_mode",
        )
    yield ActionSpec(
        "cloud_block",
        "Block",
        "View/Points by",
        "set_cloud_mode",
        "Points take the colour of their block",
        "K",
        has_blocks,
        argument=BY_BLOCK,
        check=lambda s: s.view.cloud_mode == BY_BLOCK,
        group="cloud_mode",
    )


def _camera_views() -> Iterator[ActionSpec]:
    # Numpad keys as in other 3D programs; with Ctrl the opposite side.
    for view, key in (
        ("front", "Num+1"),
        ("back", "Ctrl+Num+1"),
        ("right", "Num+3"),
        ("left", "Ctrl+Num+3"),
        ("top", "Num+7"),
        ("bottom", "Ctrl+Num+7"),
        ("corner", "Num+0"),
    ):
        yield ActionSpec(
            f"view_{view}",
            view.capitalize(),
            "View/Look from",
            "look_from",
            f"Look at the cloud from the {view}",
            key,
            has_cloud,
            argument=view,
        )


def _point_sizes() -> Iterator[ActionSpec]:
    for size, name in (
        (0, "Automatic"),
        (1, "1 pixel"),
        (2, "2 pixels"),
        (3, "3 pixels"),
        (5, "5 pixels"),
        (8, "8 pixels"),
    ):
        yield ActionSpec(
            f"point_size_{size}",
            name,
            "View/Point size",
            "set_point_size",
            "As large as a voxel looks" if size == 0 else f"Points of {name}",
            enabled=has_cloud,
            argument=str(size),
            check=lambda s, n=size: s.view.point_size == n,  # type: ignore[misc]
            group="point_size",
        )


def _themes() -> Iterator[ActionSpec]:
    for key in ("dark", "light"):
        yield ActionSpec(
            f"theme_{key}",
            f"{key.capitalize()} theme",
            "Window",
            "set_theme",
            f"Switch to the {key} theme",
            argument=key,
            group="theme",
        )


def _file() -> list[ActionSpec]:
    return [
        ActionSpec(
            "open",
            "Open…",
            "File",
            "open_dialog",
            "Open a point cloud or a bitstream",
            "Ctrl+O",
            not_busy,
            "open",
        ),
        ActionSpec(
            "open_sample", "Open sample", "File", "open_sample", "Open the bundled sample cloud", "", not_busy
        ),
        ActionSpec(
            "save_stream",
            "Save bitstream…",
            "File",
            "save_stream",
            "Save the compressed cloud as .ovx",
            "Ctrl+S",
            has_stream,
            "save",
            separator=True,
        ),
        ActionSpec(
            "export_ply",
            "Export cloud as PLY…",
            "File/Export",
            "export_ply",
            "Write the decoded cloud, or the original if nothing is decoded",
            "",
            has_cloud,
        ),
        ActionSpec(
            "export_csv",
            "Export blocks as CSV…",
            "File/Export",
            "export_csv",
            "Write one line per block",
            "",
            has_blocks,
        ),
        ActionSpec(
            "export_json",
            "Export report as JSON…",
            "File/Export",
            "export_json",
            "Write everything known of the cloud and its bitstream",
            "",
            has_anything,
        ),
        ActionSpec(
            "screenshot",
            "Screenshot…",
            "File/Export",
            "screenshot",
            "Save the views with their legend as PNG",
            "Ctrl+Shift+S",
            has_cloud,
            "camera",
        ),
        ActionSpec(
            "close",
            "Close",
            "File",
            "close_session",
            "Close the cloud and the bitstream",
            "Ctrl+W",
            lambda s: not_busy(s) or has_anything(s),
            separator=True,
        ),
        ActionSpec("quit", "Quit", "File", "quit", "Close the window", "Ctrl+Q"),
    ]


def _edit() -> list[ActionSpec]:
    return [
        ActionSpec(
            "copy_compress",
            "Copy Compress as command line",
            "Edit",
            "copy_compress",
            "Put the command that does the same on the clipboard",
            "",
            lambda s: "" if s.original else "no point cloud is open",
            separator=True,
        ),
        ActionSpec(
            "copy_decompress",
            "Copy Decompress as command line",
            "Edit",
            "copy_decompress",
            "Put the command that does the same on the clipboard",
            "",
            has_stream,
        ),
    ]


def _view_looks() -> list[ActionSpec]:
    return [
        ActionSpec(
            "overlay",
            "Show blocks",
            "View",
            "toggle_overlay",
            "Show or hide the outlines of the blocks",
            "B",
            has_blocks,
            "blocks",
            check=lambda s: s.view.overlay,
        ),
        *_block_modes(),
        *_cloud_modes(),
        *_point_sizes(),
        ActionSpec(
            "shaded",
            "Shade surfaces",
            "View",
            "toggle_shaded",
            "Darken points by the slope of the surface; off shows exact colours",
            "L",
            has_cloud,
            check=lambda s: s.view.shaded,
        ),
        *_camera_views(),
    ]


def _view_places() -> list[ActionSpec]:
    return [
        ActionSpec(
            "fit",
            "Fit to view",
            "View",
            "fit",
            "Show the whole cloud",
            "Home",
            has_cloud,
            "fit",
            separator=True,
        ),
        ActionSpec(
            "zoom_block",
            "Zoom to block",
            "View",
            "zoom_block",
            "Look at the selected block",
            "Z",
            has_selection,
            "zoom",
        ),
        ActionSpec(
            "isolate",
            "Isolate block",
            "View",
            "toggle_isolate",
            "Show the selected block alone",
            "I",
            has_selection,
            "isolate",
            check=lambda s: s.view.isolate,
        ),
        ActionSpec(
            "surprise",
            "Surprise",
            "View",
            "toggle_surprise",
            "Show what each voxel of the selected block cost, as the network expected it or not",
            "Shift+S",
            can_ask,
            check=lambda s: s.view.surprise,
        ),
        ActionSpec(
            "deselect", "Deselect", "View", "deselect", "Select no block", "Ctrl+Shift+A", has_selection
        ),
        ActionSpec(
            "pane_a",
            "Show original (A)",
            "View",
            "toggle_pane_a",
            "Show or hide the left view",
            "",
            has_decoded,
            check=lambda s: s.view.show_a,
            separator=True,
        ),
        ActionSpec(
            "pane_b",
            "Show decoded (B)",
            "View",
            "toggle_pane_b",
            "Show or hide the right view",
            "",
            has_decoded,
            check=lambda s: s.view.show_b,
        ),
    ]


def _codec() -> list[ActionSpec]:
    return [
        ActionSpec(
            "compress",
            "Compress",
            "Codec",
            "compress",
            "Compress the open cloud",
            "Ctrl+E",
            can_compress,
            "compress",
        ),
        ActionSpec(
            "decompress",
            "Decompress",
            "Codec",
            "decompress",
            "Decode the bitstream and compare it with the original",
            "Ctrl+D",
            can_decompress,
            "decompress",
        ),
        ActionSpec(
            "cancel", "Cancel", "Codec", "cancel", "Stop the running job", "Esc", can_cancel, "cancel"
        ),
    ]


def _window() -> list[ActionSpec]:
    return [
        *_themes(),
        ActionSpec(
            "reset_layout",
            "Reset layout",
            "Window",
            "reset_layout",
            "Put all panels back in their places",
            separator=True,
        ),
    ]


def _help() -> list[ActionSpec]:
    return [
        ActionSpec("about", "About Octavox", "Help", "about", "Version and what this program does"),
        ActionSpec("shortcuts", "Keys and mouse", "Help", "shortcuts", "List all keys", "F1"),
    ]


def all_specs() -> list[ActionSpec]:
    """All actions, in the order of the menus."""
    parts = (_file, _edit, _view_looks, _view_places, _codec, _window, _help)
    return [spec for part in parts for spec in part()]
