"""The contexts: which parts of the context words each of them uses. They are part of the format.

Found by random search over masks, scored by the whole mixture on training clouds: bodies, statues, noisy
surfaces, and made-up sparse, LiDAR-like and depth-camera scenes.
"""

from __future__ import annotations

from typing import NamedTuple


class Template(NamedTuple):
    """A context. Each also uses the two voxels before the child in its row.

    voxels: offsets "dx,dy,dz" in the window, single ones and boxes "A..B"; for those after the child their
    nodes are used. nodes: offsets in the parent's 3^3 neighbourhood. fields: names in
    `contexts.FIELDS`.
    """

    voxels: str
    nodes: str
    fields: str


TEMPLATES = (
    Template(
        "0,-1,-1..0,-1,1 -2,-1,2 -1,0,0 0,0,1 0,1,0 1,-2,2 1,0,0 1,1,2 1,2,1 2,0,1 2,2,-1",
        "0,1,-1 1,-1,0",
        "level",
    ),
    Template(
        "-1,-1,-1..-1,1,0 0,-1,-1..0,-1,1 2,1,-1 2,2,-1 -2,-2,0 -2,-1,-2 -2,2,0 -1,-1,1 -1,1,1",
        "0,-1,0",
        "",
    ),
    Template(
        "-1,0,-2 -1,0,-1 1,2,0 2,-1,-2",
        "-1,-1,-1..1,-1,1 -1,1,-1..0,1,1 -1,0,-1 -1,0,0 1,0,-1 1,0,0 1,1,0 1,1,1 0,0,1",
        "parity",
    ),
    Template(
        "-1,-1,-1..-1,1,1 -2,-1,-1..-2,-1,1 -2,-2,-1 -1,-2,-1 -2,0,0 -2,1,0 -2,1,-1 -1,-2,0",
        "",
        "",
    ),
    Template(
        "-1,-2,0..0,-1,2 -1,-1,-2..-1,2,-1 -1,1,1..-1,2,2 0,-2,-2..0,-1,-1 -2,-2,-2 -1,-2,-2 -2,-2,0"
        " -1,0,0 -1,0,2 -1,2,0 2,1,-2",
        "1,-1,1",
        "",
    ),
    Template(
        "-2,0,0 -1,0,0 0,-2,0 0,-1,0 0,-1,2 0,0,2 0,1,0 0,2,0 1,0,-1 1,0,0 0,0,1 2,-2,-2 2,0,0",
        "",
        "parity",
    ),
    Template(
        "-1,-1,0..-1,1,0 0,-1,1 1,-1,1 1,1,-1 1,1,0 -1,0,1 0,1,1 1,-1,-1 1,0,-2 2,0,1 2,2,2",
        "-1,1,1 0,-1,0",
        "",
    ),
    Template(
        "",
        "",
        "parity level y z",
    ),
    Template(
        "",
        "",
        "neighbours own parity",
    ),
    Template(
        "",
        "",
        "own parity level crowd",
    ),
    Template(
        "-1,0,0 0,-1,0 0,0,1 0,1,0 1,0,0",
        "",
        "parity level",
    ),
)
