"""What is shown and how: colours, outlines, selection, filter, arrangement. All of it can be undone."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Slot

from octavox.gui.base.action_spec import (
    ActionSpec,
    has_blocks,
    has_cloud,
    has_comparison,
    has_selection,
    has_surprises,
    has_two_streams,
)
from octavox.gui.document.blocks import BlockFilter, is_surprise
from octavox.gui.document.colour_modes import (
    BLOCK_MODES,
    BY_BLOCK,
    CLOUD_MODES,
    DELTA,
    DIFFERENCES,
    CloudMode,
    modes_by_block,
)
from octavox.gui.document.session import Session
from octavox.gui.document.words import tr

from .command_set import CommandSet

BLOCK_SIZES = (64, 32, 16, 8, 4)
OPACITIES = (100, 60, 30, 12)
POINT_SIZES = (0, 1, 2, 3, 5, 8)  # pixels; 0: automatic
# What is drawn besides the points: field of the view state, text, key, hint.
SWITCHES = (
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
    (
        "probe",
        "Point under the cursor",
        "V",
        "Show where the point under the cursor lies and what it holds",
    ),
)
# What their undo steps are called.
UNDO_NAMES = {
    "measure": "measuring",
    "shaded": "shading",
    "edl": "eye-dome lighting",
    "bounds": "bounding box",
    "axes": "axes",
    "scale_bar": "scale bar",
    "probe": "point under the cursor",
}


def _has_size(session: Session, size: int) -> str:
    return "" if session.block_layer.has_size(size) else tr("there are no blocks of {n}", n=size)


def _missing(session: Session, mode: CloudMode) -> str:
    """Why no shown cloud can be coloured so; "" where one can."""
    reasons = [mode.missing(item.display) for item in session.items.shown]
    return "" if "" in reasons or not reasons else reasons[0]


class ViewCommands(CommandSet):
    def _toggle(self, words: str, field: str) -> None:
        self._bench.change_view(words, **{field: not getattr(self._session.view, field)})

    @Slot(str)
    def set_block_mode(self, key: str) -> None:
        self._bench.change_view("block colours", block_mode=key)

    @Slot(str)
    def set_cloud_mode(self, key: str) -> None:
        self._bench.change_view("point colours", cloud_mode=key)

    def set_point_size(self, pixels: str) -> None:
        self._bench.change_view("point size", point_size=int(pixels))

    def set_opacity(self, percent: str) -> None:
        self._bench.change_view("opacity of the outlines", opacity=int(percent))

    def toggle_overlay(self) -> None:
        self._toggle("block outlines", "overlay")

    def toggle_isolate(self) -> None:
        self._toggle("isolation", "isolate")

    def toggle_switch(self, field: str) -> None:
        """Show or hide one of SWITCHES."""
        self._toggle(UNDO_NAMES[field], field)

    def toggle_size(self, size: int | str) -> None:
        """Show or hide the outlines of blocks of a size."""
        hidden = self._session.view.hidden_sizes ^ {int(size)}
        self._bench.change_view("outlines by size", hidden_sizes=hidden)

    @Slot(str, bool)
    def set_shown(self, field: str, shown: bool) -> None:
        self._bench.change_view("what is shown", **{field: shown})

    @Slot(object)
    def set_filter(self, keep: BlockFilter) -> None:
        self._bench.change_view("filter", filter=keep)

    @Slot(object)
    def select(self, row: int | None) -> None:
        """Select a block, or none; with none, no block is shown alone any more."""
        if row is None and self._session.alone:
            self._bench.change_view("selection", selected=None, isolate=False, surprise=False)
        else:
            self._bench.change_view("selection", selected=row)

    def deselect(self) -> None:
        self.select(None)

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        return [
            ActionSpec(
                "overlay",
                "Show blocks",
                "View",
                cls.toggle_overlay,
                "Show or hide the outlines of the blocks",
                "B",
                has_blocks,
                "blocks",
                check=lambda s: s.view.overlay,
                short="Blocks",
            ),
            *cls._outline_actions(),
            *cls._block_mode_actions(),
            *cls._point_mode_actions(),
            *cls._point_size_actions(),
            *cls._switch_actions(),
            *cls._selection_actions(),
            cls._measure_action(),
        ]

    @classmethod
    def _outline_actions(cls) -> Iterator[ActionSpec]:
        for size in BLOCK_SIZES:
            yield ActionSpec(
                f"size_{size}",
                f"Blocks of {size}",
                "View/Block outlines",
                cls.toggle_size,
                f"Show or hide the outlines of blocks of {size} voxels",
                "",
                lambda s, n=size: (  # type: ignore[misc]
                    has_blocks(s)
                    or ("" if s.block_layer.has_size(n) else tr("there are no blocks of {n}", n=n))
                ),
                argument=str(size),
                check=lambda s, n=size: n not in s.view.hidden_sizes,  # type: ignore[misc]
            )
        for percent in OPACITIES:
            yield ActionSpec(
                f"opacity_{percent}",
                f"Opacity {percent} %",
                "View/Block outlines",
                cls.set_opacity,
                f"Draw the outlines with {percent} % opacity",
                "",
                has_blocks,
                argument=str(percent),
                check=lambda s, n=percent: s.view.opacity == n,  # type: ignore[misc]
                group="opacity",
                separator=percent == OPACITIES[0],
            )

    @classmethod
    def _block_mode_actions(cls) -> Iterator[ActionSpec]:
        for mode in BLOCK_MODES:
            costly = is_surprise(mode.key)
            later = "; computed first, from the bitstream, for all blocks" if costly else ""
            yield ActionSpec(
                f"blocks_{mode.key}",
                mode.title,
                "View/Blocks by",
                cls.set_block_mode,
                f"Colour the blocks by {mode.title.lower()}{later}",
                mode.shortcut,
                has_surprises if costly else has_blocks,
                argument=mode.key,
                check=lambda s, key=mode.key: s.view.block_mode == key,  # type: ignore[misc]
                group="block_mode",
                short=mode.short,
            )

    @classmethod
    def _point_mode_actions(cls) -> Iterator[ActionSpec]:
        for mode in CLOUD_MODES:
            yield ActionSpec(
                f"cloud_{mode.key}",
                mode.title,
                "View/Points by",
                cls.set_cloud_mode,
                mode.tip,
                mode.shortcut,
                lambda s, m=mode: has_cloud(s) or _missing(s, m),  # type: ignore[misc]
                argument=mode.key,
                check=lambda s, key=mode.key: s.view.cloud_mode == key,  # type: ignore[misc]
                group="cloud_mode",
            )
        by_block = [(BY_BLOCK, "Block", "Points take the colour of their block", "K", "", has_blocks)]
        by_block += [
            (
                key,
                mode.title,
                f"{mode.title} of the block of each point, whatever the outlines show",
                "",
                mode.short,
                has_surprises if is_surprise(mode.key) else has_blocks,
            )
            for key, mode in modes_by_block().items()
        ]
        for key, title, tip, shortcut, short, enabled in by_block:
            yield ActionSpec(
                f"cloud_{key}",
                title,
                "View/Points by",
                cls.set_cloud_mode,
                tip,
                shortcut,
                enabled,
                argument=key,
                check=lambda s, k=key: s.view.cloud_mode == k,  # type: ignore[misc]
                group="cloud_mode",
                separator=key == BY_BLOCK,
                short=short,
            )
        for key, title in DIFFERENCES.items():
            yield ActionSpec(
                f"cloud_{key}",
                title,
                "View/Points by",
                cls.set_cloud_mode,
                "How far each point is from the other cloud"
                + (", across its surface" if key == "d2" else ""),
                enabled=has_comparison,
                argument=key,
                check=lambda s, k=key: s.view.cloud_mode == k,  # type: ignore[misc]
                group="cloud_mode",
                separator=key == "d1",
            )

        yield ActionSpec(
            f"cloud_{DELTA}",
            "Bits B − A per block",
            "View/Points by",
            cls.set_cloud_mode,
            "How many bits more or fewer the bitstream of B spends on the block around each point",
            enabled=has_two_streams,
            argument=DELTA,
            check=lambda s: s.view.cloud_mode == DELTA,
            group="cloud_mode",
            short="Bits B − A",
        )

    @classmethod
    def _point_size_actions(cls) -> Iterator[ActionSpec]:
        for size in POINT_SIZES:
            name = "Auto" if size == 0 else "1 pixel" if size == 1 else f"{size} pixels"
            yield ActionSpec(
                f"point_size_{size}",
                name,
                "View/Point size",
                cls.set_point_size,
                "As large as a voxel looks" if size == 0 else f"Points of {name}",
                enabled=has_cloud,
                argument=str(size),
                check=lambda s, n=size: s.view.point_size == n,  # type: ignore[misc]
                group="point_size",
            )

    @classmethod
    def _switch_actions(cls) -> Iterator[ActionSpec]:
        for field, name, key, tip in SWITCHES:
            yield ActionSpec(
                field,
                name,
                "View/Show",
                cls.toggle_switch,
                tip,
                key,
                has_cloud,
                argument=field,
                check=lambda s, f=field: bool(getattr(s.view, f)),  # type: ignore[misc]
            )

    @classmethod
    def _measure_action(cls) -> ActionSpec:
        return ActionSpec(
            "measure",
            "Measure",
            "View",
            cls.toggle_switch,
            "Click two points for their distance, a third for the angle at the second",
            "M",
            has_cloud,
            argument="measure",
            check=lambda s: s.view.measure,
            order=20,
        )

    @classmethod
    def _selection_actions(cls) -> Iterator[ActionSpec]:
        yield ActionSpec(
            "isolate",
            "Isolate block",
            "View",
            cls.toggle_isolate,
            "Show the selected block alone",
            "I",
            has_selection,
            "isolate",
            check=lambda s: s.view.isolate,
            short="Isolate",
            order=20,
        )
        yield ActionSpec(
            "deselect",
            "Deselect",
            "View",
            cls.deselect,
            "Select no block",
            "Ctrl+Shift+A",
            has_selection,
            order=31,
        )
