"""Runs the slices of one job in threads, with one progress report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.morton import CodeArray
from octavox.codec.job import JobContext
from octavox.codec.parallel import SharedJob, map_parallel, thread_count

from .axes import unpermuted_blocks, unpermuted_coords
from .levels import raster_to_coords
from .slice_coder import Report

T = TypeVar("T")


class SliceRunner:
    """Runs the slices, several at a time.

    points: of each slice. axes: coded axes of the slices; reports are in the cloud's axes. spare_thread:
    whether there is a second thread for each slice that runs.
    """

    def __init__(
        self, stage: str, points: list[int], threads: int | None, job: JobContext, axes: int = 0
    ) -> None:
        self._points, self._threads, self._axes = points, threads, axes
        self._tells_voxels = stage == "decode" and job.progress is not None
        self._shared = SharedJob(job, stage, sum(points))
        given = thread_count(threads)
        self.spare_thread = given >= 2 * min(given, max(len(points), 1))

    def run(self, work: Callable[[int, Report], T]) -> list[T]:
        """The results of work(k, report) for every slice k. The first error stops the other slices."""

        def one(k: int) -> T:
            report = self._reporter(k)
            result = work(k, report)
            report(1.0, None, None)
            return result

        return map_parallel(self._shared, len(self._points), self._threads, one)

    def _reporter(self, k: int) -> Report:
        """The report of a slice, which turns the fraction of its work that is done into points."""
        reported = 0

        def report(fraction: float, keys: CodeArray | None, blocks: BlockTable | None) -> None:
            nonlocal reported
            self._shared.check()
            coords = None
            if keys is not None and len(keys) and self._tells_voxels:
                coords = unpermuted_coords(raster_to_coords(keys), self._axes)
            blocks = unpermuted_blocks(blocks, self._axes) if blocks is not None else None
            done = max(int(fraction * self._points[k]), reported)
            self._shared.advance(done - reported, blocks, coords)
            reported = done

        return report
