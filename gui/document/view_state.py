"""How things are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .blocks import BlockFilter
from .clip import Clip
from .property_colours import PropertyScale

ARRANGEMENTS = ("beside", "overlaid")
PANES = (1, 2, 4)
MOST_PIXELS = 64  # edge of a point


@dataclass(frozen=True)
class ViewState:
    """How things are shown. Every change of it that the user makes can be undone."""

    cloud_mode: str = "rgb"
    block_mode: str = "bits"
    overlay: bool = True  # outlines of the blocks
    shaded: bool = True
    point_size: int = 0  # pixels; 0: as large as a voxel looks
    selected: int | None = None  # row of the block table
    isolate: bool = False  # show the selected block alone
    surprise: bool = False  # and in the colours of what its voxels cost
    filter: BlockFilter = field(default_factory=BlockFilter)
    show_a: bool = True
    show_b: bool = True
    show_c: bool = True
    show_d: bool = True
    panes: int = 4  # views at most
    linked: bool = True  # the mouse moves the cameras of all views
    hidden_sizes: frozenset[int] = frozenset()  # block sizes whose outlines are left out
    opacity: int = 100  # of the outlines, per cent
    edl: bool = False  # eye-dome lighting
    bounds: bool = False
    axes: bool = True
    scale_bar: bool = True
    measure: bool = False  # clicks pick points to measure between
    clip: Clip | None = None  # what lies outside is not drawn
    probe: bool = True  # the properties of the point under the cursor
    ghost: bool = False  # the frame before the shown one, grey
    motion: bool = False  # arrows where the shown frame is coded with motion
    scrub: int | None = None  # how many blocks, in coding order, are shown; None: all
    arrangement: str = "beside"  # or "overlaid": both clouds in the left view
    scales: Mapping[str, PropertyScale] = field(default_factory=dict)  # by mode of points or blocks
    # The same of views that do not share these, by their letters.
    own_scales: Mapping[str, Mapping[str, PropertyScale]] = field(default_factory=dict)

    @property
    def alone(self) -> bool:
        """Whether the selected block is shown without the others."""
        return self.selected is not None and (self.isolate or self.surprise)
