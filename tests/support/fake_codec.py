"""A codec for tests of the window alone: cuts the cloud into 32³ and 16³ blocks, stores coordinates raw.

It reports what a real codec reports, at a pace that a test sets, so that a test can watch, cancel or close.
"""

from __future__ import annotations

import sys
import time
import types

import numpy as np

from octavox.codec import BlockTable, CodecOptions, CorruptStreamError, Progress, VoxelCloud
from octavox.codec.codecs import registry
from octavox.codec.codecs.interface import (
    SECTION_SLICE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    Section,
)
from octavox.codec.codecs.registry import CodecInfo
from octavox.codec.job import JobContext

NAME, ID = "fake", 250
INFO_OPTIONS = ("block_size", "effort", "slices")  # as of codecs without a partition


class FakeCodec:
    name = NAME
    id = ID
    pause = 0.0  # seconds a step
    stop_at: int | None = None  # voxels after which the job waits, until this changes or it is cancelled
    fail: Exception | None = None

    def blocks_of(self, coords: np.ndarray) -> tuple[BlockTable, np.ndarray]:
        """Blocks of 32, of 16 where x < 64, bits growing with the points; and the owner of each point."""
        size = np.where(coords[:, 0] < 64, 16, 32)
        corner = np.column_stack([coords // size[:, None] * size[:, None], size])
        kinds, owner, counts = np.unique(corner, axis=0, return_inverse=True, return_counts=True)
        bits = counts * (0.4 + 0.001 * counts)
        whole = bits + 10
        table = BlockTable.make(kinds[:, :3], kinds[:, 3], counts, bits, 1.5, 0, whole, bits)
        return table, owner.ravel()

    def steps(self, coords: np.ndarray, stage: str, job: JobContext) -> BlockTable:
        table, owner = self.blocks_of(coords)
        done = 0
        for first in range(0, len(table), 16):
            rows = slice(first, first + 16)
            part = BlockTable(*(getattr(table, name)[rows] for name in table.__dataclass_fields__))
            done += int(part.points.sum())
            inside = coords[(owner >= first) & (owner < first + 16)] if stage == "decode" else None
            job.report(Progress(stage, done, len(coords), part, inside))
            if self.fail is not None:
                raise self.fail
            time.sleep(self.pause)
            while self.stop_at is not None and done >= self.stop_at:
                job.check()
                time.sleep(0.005)
        return table

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry:
        table = self.steps(cloud.coords, "encode", job)
        payload = np.ascontiguousarray(cloud.coords, "<i4").tobytes()
        stream = GeometryStream(
            cloud.depth, len(cloud), sections=[Section(SECTION_SLICE, payload, len(cloud))]
        )
        return EncodedGeometry(stream, table)

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry:
        payload = stream.sections[0].payload
        if len(payload) != 12 * stream.points:
            raise CorruptStreamError("wrong length", field="slice 0")
        coords = np.frombuffer(payload, "<i4").reshape(-1, 3).astype(np.int32)
        return DecodedGeometry(coords, self.steps(coords, "decode", job))


CODEC = FakeCodec()


def register() -> None:
    """Make `CodecOptions(codec="fake")` work."""
    module = types.ModuleType("octavox.codec.codecs._fake_for_tests")
    module.CODEC = CODEC  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    registry.register(CodecInfo(NAME, ID, module.__name__, "fake", "", INFO_OPTIONS, compiled=False))


def unregister() -> None:
    registry.unregister(NAME)
