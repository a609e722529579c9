"""A codec that stores coordinates as they are, where only the frame around codecs is tested."""

from __future__ import annotations

import sys
import types

import numpy as np

from octavox.codec.blocks import BlockTable
from octavox.codec.cloud.cloud import VoxelCloud
from octavox.codec.codecs import registry
from octavox.codec.codecs.interface import (
    SECTION_SLICE,
    SECTION_TREE,
    DecodedGeometry,
    EncodedGeometry,
    GeometryStream,
    Section,
)
from octavox.codec.errors import CorruptStreamError
from octavox.codec.job import JobContext, Progress
from octavox.codec.options import CodecOptions

NAME, ID = "raw", 200
TREE = b"tree"
POINTS_A_SLICE = 5000


class RawCodec:
    """12 bytes a voxel; one block and one slice for each POINTS_A_SLICE voxels; a tree that says "tree"."""

    name = NAME
    id = ID

    def encode(self, cloud: VoxelCloud, options: CodecOptions, job: JobContext) -> EncodedGeometry:
        sections = [Section(SECTION_TREE, TREE)]
        for first in range(0, len(cloud), POINTS_A_SLICE):
            job.report(Progress("encode", first, len(cloud)))
            part = cloud.coords[first : first + POINTS_A_SLICE]
            sections.append(Section(SECTION_SLICE, part.astype("<i4").tobytes(), len(part)))
        stream = GeometryStream(cloud.depth, len(cloud), params=b"raw", sections=sections)
        return EncodedGeometry(stream, self._blocks(sections), {"tree": 8.0 * len(TREE)})

    def decode(self, stream: GeometryStream, options: CodecOptions, job: JobContext) -> DecodedGeometry:
        if stream.params != b"raw":
            raise CorruptStreamError("wrong params", field="params", byte=1)
        parts = [np.empty((0, 3), np.int32)]
        slices = [s for s in stream.sections if s.kind == SECTION_SLICE]
        for k, section in enumerate(slices):
            job.report(Progress("decode", k, len(slices)))
            if len(section.payload) != 12 * section.points:
                raise CorruptStreamError("wrong length", field=f"slice {k}", byte=len(section.payload))
            parts.append(np.frombuffer(section.payload, "<i4").reshape(-1, 3).astype(np.int32))
        blocks = self._blocks(stream.sections)
        return DecodedGeometry(np.concatenate(parts), blocks, {"tree": 8.0 * len(TREE)})

    @staticmethod
    def _blocks(sections: list[Section]) -> BlockTable:
        slices = [s for s in sections if s.kind == SECTION_SLICE]
        points = [s.points for s in slices]
        return BlockTable.make(
            np.zeros((len(slices), 3)), 64, points, [96.0 * n for n in points], slice=range(len(slices))
        )


def install() -> None:
    """Registers the codec for the life of this process."""
    module = types.ModuleType("octavox.codec.codecs.raw_for_tests")
    module.CODEC = RawCodec()
    sys.modules["octavox.codec.codecs.raw_for_tests"] = module
    registry.register(registry.CodecInfo(NAME, ID, module.__name__, "raw", "", compiled=False))


def uninstall() -> None:
    sys.modules.pop("octavox.codec.codecs.raw_for_tests", None)
    registry.unregister(NAME)


if __name__ == "__main__":  # the command line, with this codec
    install()
    from octavox.__main__ import main

    sys.exit(main())
