"""Which panels a task needs. A new layout is one entry in LAYOUTS: menu, tool bar, key and palette follow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Layout:
    """panels: those that are open, by name; none: all. front: those before others in their place."""

    key: str
    title: str
    tip: str
    shortcut: str
    panels: tuple[str, ...] = ()
    front: tuple[str, ...] = ("Blocks", "Histogram")


LAYOUTS = (
    Layout("all", "All panels", "Open all panels", "Alt+1"),
    Layout(
        "look",
        "Look",
        "Panels to look at a cloud: what is open, its points and voxels",
        "Alt+2",
        ("Scene", "Properties", "Points", "Timeline", "Voxels", "Clip"),
        ("Points",),
    ),
    Layout(
        "compress",
        "Compress",
        "Panels to compress: options of the codec, quality, queue",
        "Alt+3",
        ("Scene", "Codec", "Properties", "Quality", "Queue", "Log", "Levels"),
        ("Quality", "Levels"),
    ),
    Layout(
        "analyse",
        "Analyse",
        "Panels to see what takes the bits: blocks, their histogram, bytes",
        "Alt+4",
        ("Scene", "Properties", "Inspector", "Blocks", "Histogram", "Bytes", "Voxels", "Points"),
    ),
    Layout(
        "compare",
        "Compare",
        "Panels to compare two clouds, or two bitstreams block by block",
        "Alt+5",
        ("Scene", "Properties", "Inspector", "Compare", "Blocks"),
        ("Compare",),
    ),
)


def layout_of(key: str) -> Layout:
    """The layout of that key; that of all panels for an unknown one."""
    return next((layout for layout in LAYOUTS if layout.key == key), LAYOUTS[0])
