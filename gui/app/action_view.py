"""The actions of the View menu."""

from __future__ import annotations

from collections.abc import Iterator

from octavox.gui.base.action_spec import (
    ActionSpec,
    can_ask,
    has_blocks,
    has_both,
    has_cloud,
    has_comparison,
    has_decoded,
    has_selection,
)
from octavox.gui.document.colour_modes import BLOCK_MODES, BY_BLOCK, BY_BLOCK_KEYS, CLOUD_MODES
from octavox.gui.document.session import Session
from octavox.gui.document.words import tr

BOOKMARKS = range(1, 9)
BLOCK_SIZES = (64, 32, 16, 8, 4)
OPACITIES = (100, 60, 30, 12)


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


def _block_looks() -> Iterator[ActionSpec]:
    for size in BLOCK_SIZES:
        yield ActionSpec(
            f"size_{size}",
            f"Blocks of {size}",
            "View/Block outlines",
            "toggle_size",
            f"Show or hide the outlines of blocks of {size} voxels",
            "",
            lambda s, n=size: (
                has_blocks(s) or ("" if s.has_size(n) else tr("there are no blocks of {n}", n=n))
            ),  # type: ignore[misc]
            argument=str(size),
            check=lambda s, n=size: n not in s.view.hidden_sizes,  # type: ignore[misc]
        )
    for percent in OPACITIES:
        yield ActionSpec(
            f"opacity_{percent}",
            f"Opacity {percent} %",
            "View/Block outlines",
            "set_opacity",
            f"Draw the outlines with {percent} % opacity",
            "",
            has_blocks,
            argument=str(percent),
            check=lambda s, n=percent: s.view.opacity == n,  # type: ignore[misc]
            group="opacity",
            separator=percent == OPACITIES[0],
        )


def _cloud_modes() -> Iterator[ActionSpec]:
    keys = {"rgb": "C", "height": "H", "plain": "P", "normal": "Shift+N"}
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
    by_block = [(BY_BLOCK, "Block", "Points take the colour of their block", "K")]
    by_block += [
        (key, mode.title, f"{mode.title} of the block of each point, whatever the outlines show", "")
        for key, mode in BY_BLOCK_KEYS.items()
    ]
    for key, title, tip, shortcut in by_block:
        yield ActionSpec(
            f"cloud_{key}",
            title,
            "View/Points by",
            "set_cloud_mode",
            tip,
            shortcut,
            has_blocks,
            argument=key,
            check=lambda s, k=key: s.view.cloud_mode == k,  # type: ignore[misc]
            group="cloud_mode",
            separator=key == BY_BLOCK,
        )
    for key in ("d1", "d2"):
        yield ActionSpec(
            f"cloud_{key}",
            f"Difference {key.upper()}",
            "View/Points by",
            "set_cloud_mode",
            "How far each point is from the other cloud" + (", across its surface" if key == "d2" else ""),
            enabled=has_comparison,
            argument=key,
            check=lambda s, k=key: s.view.cloud_mode == k,  # type: ignore[misc]
            group="cloud_mode",
            separator=key == "d1",
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


def _bookmarks() -> Iterator[ActionSpec]:
    for number in BOOKMARKS:
        yield ActionSpec(
            f"bookmark_{number}",
            f"Go to bookmark {number}",
            "View/Camera bookmarks",
            "go_to_bookmark",
            f"Take the camera that was kept as bookmark {number}",
            str(number),
            lambda s, n=number: (
                has_cloud(s) or ("" if n in s.bookmarks else tr("keep one first (Ctrl+{n})", n=n))
            ),  # type: ignore[misc]
            argument=str(number),
        )
    for number in BOOKMARKS:
        yield ActionSpec(
            f"keep_{number}",
            f"Keep as bookmark {number}",
            "View/Camera bookmarks",
            "keep_bookmark",
            f"Keep the camera as bookmark {number}",
            f"Ctrl+{number}",
            has_cloud,
            argument=str(number),
            separator=number == BOOKMARKS[0],
        )


def _point_sizes() -> Iterator[ActionSpec]:
    for size, name in (
        (0, "Auto"),
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


def _switches() -> Iterator[ActionSpec]:
    """What is drawn besides the points; one row each: field of the view, text, key, hint."""
    for field, name, key, tip in (
        (
            "shaded",
            "Shade surfaces",
            "L",
            "Darken points by the slope of the surface; off shows exact colours",
        ),
        ("edl", "Eye-dome lighting", "E", "Darken edges in depth, once the camera rests"),
        ("bounds", "Bounding box", "Shift+B", "Show the box around the cloud and its extent"),
        ("axes", "Axes", "A", "Show the axes in the corner"),
        ("scale_bar", "Scale bar", "Shift+A", "Show a length at the centre of rotation"),
    ):
        yield ActionSpec(
            field,
            name,
            "View/Show",
            f"toggle_{field}",
            tip,
            key,
            has_cloud,
            check=lambda s, f=field: bool(getattr(s.view, f)),  # type: ignore[misc]
        )


def view_looks() -> list[ActionSpec]:
    """How things look."""
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
        *_block_looks(),
        *_block_modes(),
        *_cloud_modes(),
        *_point_sizes(),
        *_switches(),
        *_camera_views(),
        *_bookmarks(),
    ]


def _arrangements() -> Iterator[ActionSpec]:
    for key, name, tip, shortcut in (
        ("beside", "Side by side", "Show both clouds beside each other, cameras linked", "Ctrl+Shift+B"),
        ("overlaid", "Overlaid", "Show both clouds in one view: what only one of them holds stands out", "O"),
    ):
        yield ActionSpec(
            f"arrange_{key}",
            name,
            "View",
            "set_arrangement",
            tip,
            shortcut,
            has_both,
            argument=key,
            check=lambda s, k=key: s.view.arrangement == k,  # type: ignore[misc]
            group="arrangement",
        )


def _selected(session: Session) -> bool:
    return session.view.isolate


def view_places() -> list[ActionSpec]:
    """Where one looks, and at what."""
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
            check=_selected,
        ),
        ActionSpec(
            "surprise",
            "Surprise",
            "View",
            "toggle_surprise",
            "Show what each voxel of the selected block cost, as the codec expected it or not",
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
        *_arrangements(),
    ]
