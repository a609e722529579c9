"""What `--effort high` does: finds the order of axes and the rates of learning that suit a cloud.

It tries settings by coding the cloud, or a part of a large cloud, so the time is bounded. The time of the
decoder does not change. docs/decisions/0005 says why these settings are adapted, not the network's weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock

import numpy as np

from octavox.codec.arrays import Int32Array
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.cloud.morton import CodeArray, morton_decode, morton_encode
from octavox.codec.job import JobContext, Progress
from octavox.codec.parallel import thread_count

from .axes import permuted_codes
from .params import AXIS_ORDERS, LONG, SHORT, Params
from .predictor import Predictor
from .slice_coder import SliceJob, SliceSettings, encode_slice
from .slicing import BLOCK_BITS

SAMPLE_POINTS = 400_000
# The values that are tried of each field of Learning besides its value v; fields that gain most come first.
_MOVES: tuple[tuple[str, Callable[[int], tuple[int, int]]], ...] = (
    ("rate", lambda v: (v * 5 // 8, v * 8 // 5)),
    ("start", lambda v: (v // 3, min(2 * v, 255))),
    ("memory", lambda v: (v // 4, v // 2)),
    ("sure", lambda v: (v // 3, min(2 * v, 255))),
    ("last", lambda v: (max(v // 2, 1), 2 * v)),
)
TRIES = len(AXIS_ORDERS) + 2 * len(_MOVES)


def sample(cloud: VoxelCloud, limit: int) -> Int32Array:
    """(N, 3) voxels: all of the cloud, or whole 64-blocks around its middle in Morton order.

    Of about `limit` points.
    """
    if len(cloud) <= limit:
        return cloud.coords
    codes = morton_encode(cloud.coords, cloud.depth)
    blocks = codes >> (3 * BLOCK_BITS)
    first = int(np.searchsorted(blocks, blocks[(len(codes) - limit) // 2]))
    last = int(np.searchsorted(blocks, blocks[first + limit - 1], side="right"))
    if last - first > 2 * limit:  # a 64-block holds up to 262,144
        last = first + limit
    return morton_decode(codes[first:last])


class Search:
    """Tries settings on a sample.

    predictor: makes one for each try, or gives None. saw_all: whether the sample is the whole cloud.
    """

    def __init__(
        self,
        cloud: VoxelCloud,
        predictor: Callable[[], Predictor | None],
        threads: int | None,
        job: JobContext,
    ) -> None:
        self._coords, self._depth = sample(cloud, SAMPLE_POINTS), cloud.depth
        self.saw_all = len(self._coords) == len(cloud)
        self._predictor, self._job = predictor, job
        self._threads = max(1, min(thread_count(threads), len(AXIS_ORDERS)))
        self._tried, self._lock = 0, Lock()

    def best(self, default: Params) -> Params:
        """The settings with the fewest bytes; `default` unless others save more than it takes to send them.

        Raises CancelledError.
        """
        codes = [permuted_codes(self._coords, axes, self._depth) for axes in range(len(AXIS_ORDERS))]
        if not len(self._coords):
            return default
        sizes: dict[Params, int] = {}
        chosen = self._round((replace(default, axes=a) for a in range(len(AXIS_ORDERS))), codes, sizes)
        for name, moves in _MOVES:
            learning = chosen.learning
            others = (learning._replace(**{name: v}) for v in moves(getattr(learning, name)))
            tried = [chosen, *(replace(chosen, learning=other) for other in others if other.valid)]
            chosen = self._round(tried, codes, sizes)
        self._job.report(Progress("search", TRIES, TRIES))  # fewer were tried if some settings came up twice
        return chosen if sizes[chosen] + LONG - SHORT < sizes[default] else default

    def _round(self, tried: Iterable[Params], codes: list[CodeArray], sizes: dict[Params, int]) -> Params:
        """The best of `tried`, or the first of several best ones. Adds the sizes to `sizes`."""
        tried = list(tried)
        new = [params for params in tried if params not in sizes]
        with ThreadPoolExecutor(self._threads) as pool:
            futures = [pool.submit(self._size, params, codes[params.axes]) for params in new]
            for params, future in zip(new, futures, strict=True):
                sizes[params] = future.result()
        return min(tried, key=lambda params: sizes[params])

    def _size(self, params: Params, codes: CodeArray) -> int:
        """Bytes of the sample coded with these settings."""
        settings = SliceSettings.of(self._depth, params)
        job = SliceJob(0, lambda *news: self._job.check(), self._predictor())
        payload = encode_slice(codes, settings, job).payload
        with self._lock:
            self._tried = min(self._tried + 1, TRIES)
            self._job.report(Progress("search", self._tried, TRIES))
        return len(payload)
