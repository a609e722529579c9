"""How many levels of a bitstream are shown, and what reading them took."""

from __future__ import annotations

from dataclasses import dataclass

from octavox.codec import StreamLevels

from . import text
from .words import tr


@dataclass(frozen=True)
class Shown:
    """A coarse cloud of a bitstream. bytes: of the geometry that were read. all_bytes: of all of it. finest:
    the level of the finest cells, where the cloud is finer in the view than elsewhere; else 0."""

    level: int
    cells: int
    bytes: int
    all_bytes: int
    seconds: float
    finest: int = 0

    def words(self) -> str:
        """What the user reads of it."""
        read, all_bytes = text.size(self.bytes), text.size(self.all_bytes)
        if self.finest:
            return tr(
                "{n} points, a cell each; up to level {finest} in the view; {bytes} of {all} read",
                n=text.count(self.cells),
                finest=self.finest,
                bytes=read,
                all=all_bytes,
            )
        return tr(
            "{n} points, a cell each; {bytes} of {all} of the geometry read ({share}), in {time}",
            n=text.count(self.cells),
            bytes=read,
            all=all_bytes,
            share=text.percent(self.bytes / max(1, self.all_bytes), 1),
            time=text.duration(self.seconds),
        )


def coarse_levels(levels: StreamLevels | None) -> int:
    """How many choices of a coarse cloud a bitstream has: 1, 2, ... levels; beyond is all of it.

    The coded levels, but for the last one of a bitstream that has no guessed ones: that is all of it.
    """
    if levels is None:
        return 0
    coded = len(levels.bytes)
    return coded if coded < levels.depth else coded - 1


def expected(levels: StreamLevels, level: int) -> str:
    """What a level would read."""
    all_bytes = levels.bytes[-1]
    taken = levels.bytes[min(level, len(levels.bytes)) - 1]
    return tr("reads {bytes} of {all} of the geometry", bytes=text.size(taken), all=text.size(all_bytes))
