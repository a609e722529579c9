"""Level of detail: how much to draw in a frame so that the window stays quick, from measured times."""

from __future__ import annotations

import numpy as np

CHUNK_POINTS = 25_000
BUSY_PAUSES = 3  # pause between two frames while a job runs, in durations of a frame
PREPARING = 0.3  # share of a frame
UPLOADING = 8.0  # milliseconds of a frame for handing new chunks to OpenGL
MOST_NEW = 4  # at most so many new chunks in a frame: in software each needs megabytes until it is drawn
BUSY_SHARE = 0.4  # of a frame while a job runs
FORGET = 0.8  # weight of the earlier measurements, at each new one


class DrawingCost:
    """Milliseconds of a frame as a line over its chunks: clearing and copying cost something without any.

    A least-squares fit with exponential forgetting; software rendering begins with both numbers in the tens.
    """

    def __init__(self) -> None:
        self._sums = np.zeros(5)  # of 1, n, n^2, ms, n * ms
        for chunks, milliseconds in ((1, 20.0), (6, 70.0)):  # guesses; the first frames correct them
            self.measured(chunks, milliseconds)

    def measured(self, chunks: int, milliseconds: float) -> None:
        new = np.array([1.0, chunks, chunks * chunks, milliseconds, chunks * milliseconds])
        self._sums = FORGET * self._sums + new

    def line(self) -> tuple[float, float]:
        """Milliseconds of a frame without chunks, and of each chunk."""
        count, n, squares, total, products = self._sums
        spread = squares - n * n / count
        mean = total / n if n else total
        if spread < 0.05 * squares:  # frames of one size say nothing of the other number
            return 0.0, max(0.05, mean)
        each = float(np.clip((products - n * total / count) / spread, 0.05, mean))
        return max(0.0, float(total - each * n) / count), each


class FrameBudget:
    """Learns the cost of drawing and says how many chunks fit in a frame.

    moving: milliseconds of drawing a frame while the camera moves. still: while detail is filled in.
    """

    def __init__(self, moving: float = 30.0, still: float = 16.0) -> None:
        self.moving = moving
        self.still = still
        self.busy = False  # a job runs: frames are shorter, so that its progress is shown in time
        self._cost = DrawingCost()
        self._upload = UPLOADING  # milliseconds of each new chunk; the first ones also find fresh memory
        self._submit = 5.0  # of a frame without any

    def milliseconds(self, chunks: int) -> float:
        """What drawing so many chunks is expected to take."""
        base, each = self._cost.line()
        return base + chunks * each

    def measured(self, chunks: int, milliseconds: float) -> None:
        if chunks > 0:
            self._cost.measured(chunks, milliseconds)

    @property
    def preparing(self) -> float:
        """Milliseconds of a frame for making new data of chunks; uploading that data takes more time."""
        return PREPARING * self.still * (BUSY_SHARE if self.busy else 1.0)

    @property
    def new_chunks(self) -> int:
        """How many chunks that OpenGL has not seen a frame takes; at least one.

        They cost the thread that submits the frame many times what the others do.
        """
        fitting = int(UPLOADING * (BUSY_SHARE if self.busy else 1.0) / self._upload)
        return min(max(1, fitting), MOST_NEW)

    def submitted(self, new: int, milliseconds: float) -> None:
        """What it took to submit a frame with so many new chunks."""
        if new:
            each = max(0.1, (milliseconds - self._submit) / new)
            self._upload += (1 - FORGET) * (each - self._upload)
        else:
            self._submit += (1 - FORGET) * (milliseconds - self._submit)

    def pause(self, milliseconds: float) -> int:
        """Milliseconds to wait after a frame that took so long before more detail is drawn."""
        return round(BUSY_PAUSES * milliseconds) if self.busy else 0

    def chunks(self, moving: bool, views: int = 1) -> int:
        """Chunks of one view's frame when `views` views are drawn together; at least one."""
        allowed = (self.moving if moving else self.still) / max(1, views)
        if self.busy:
            allowed *= BUSY_SHARE
        base, each = self._cost.line()
        return max(1, int((allowed - base) / each))


def interleave(sizes: list[int]) -> list[tuple[int, int]]:
    """Draw order over layers with sizes[k] chunks each, so that every prefix shows an even share of all.

    Returns (layer, chunk) pairs.
    """
    pairs = [((i + 0.5) / n, layer, i) for layer, n in enumerate(sizes) for i in range(n)]
    return [(layer, i) for _, layer, i in sorted(pairs)]
