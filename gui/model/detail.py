"""Level of detail: how much to draw in a frame so that the window stays quick, from measured times."""

from __future__ import annotations

CHUNK_POINTS = 25_000
COMPOSING_MS = 20.0  # what Qt takes to put the window together after a frame, about, in software
BUSY_PAUSES = 3  # while a job runs, drawing takes one part in so many and one


class FrameBudget:
    """Learns the cost of drawing and says how many chunks fit in a frame.

    moving, still: milliseconds allowed for a frame while the camera moves and while detail is filled in.
    """

    def __init__(self, moving: float = 60.0, still: float = 45.0) -> None:
        self.moving = moving
        self.still = still
        self.busy = False  # a job runs: frames are shorter, so that its news are shown in time
        self._per_chunk = 10.0  # a guess for software rendering; the first frames correct it

    def milliseconds(self, chunks: int) -> float:
        """What drawing so many chunks is expected to take."""
        return chunks * self._per_chunk

    def measured(self, chunks: int, milliseconds: float) -> None:
        if chunks > 0:
            cost = max(0.05, milliseconds / chunks)
            self._per_chunk += 0.3 * (cost - self._per_chunk)

    def pause(self, milliseconds: float) -> int:
        """Milliseconds to wait after a frame that took so long before more detail is drawn."""
        return round(BUSY_PAUSES * (milliseconds + COMPOSING_MS)) if self.busy else 0

    def chunks(self, moving: bool, views: int = 1) -> int:
        """Chunks of one view's frame when `views` views are drawn together; at least one."""
        allowed = (self.moving if moving else self.still) / max(1, views)
        if self.busy:
            allowed *= 0.4
        return max(1, int(allowed / self._per_chunk))


def interleave(sizes: list[int]) -> list[tuple[int, int]]:
    """Draw order over layers with sizes[k] chunks each, so that every prefix shows an even share of all.

    Returns (layer, chunk) pairs.
    """
    pairs = [((i + 0.5) / n, layer, i) for layer, n in enumerate(sizes) for i in range(n)]
    return [(layer, i) for _, layer, i in sorted(pairs)]
