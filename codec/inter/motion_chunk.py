"""The chunk MOTION (docs/format.md): which slices use the reference, and the vectors of its blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.codecs.attributes.packing import pack_column, unpack_column
from octavox.codec.coding.bytes import ByteReader, varint
from octavox.codec.errors import CorruptStreamError

FIELD = "motion"
LARGEST = 127  # voxels that a vector may have along an axis
Vectors = npt.NDArray[np.int16]


@dataclass(frozen=True)
class Motion:
    """slices: those that use the reference. vectors: (B, 3) int16 of its blocks, by Morton code."""

    slices: frozenset[int]
    vectors: Vectors


def pack_motion(motion: Motion, count: int) -> bytes:
    """count: slices of the frame."""
    held = np.zeros(count, np.uint8)
    held[list(motion.slices)] = 1
    steps = np.diff(motion.vectors, axis=0, prepend=np.zeros((1, 3), np.int16))
    changed = steps.any(1)
    columns = [np.packbits(changed, bitorder="little"), *steps[changed].T]
    packed = [pack_column(np.ascontiguousarray(column)) for column in columns]
    out = np.packbits(held, bitorder="little").tobytes() + varint(len(steps)) + varint(int(changed.sum()))
    return out + b"".join(varint(len(part)) + part for part in packed)


def parse_motion(payload: bytes, first_byte: int, count: int, blocks: int) -> Motion:
    """Inverse of `pack_motion`. blocks: of the reference. Raises CorruptStreamError."""
    reader = ByteReader(payload, first_byte=first_byte)
    held = np.unpackbits(np.frombuffer(reader.take(-(-count // 8), FIELD), np.uint8), bitorder="little")
    if held[count:].any() or not held[:count].any():
        raise reader.fault("not the slices that use the reference", FIELD, 0)
    if reader.varint(FIELD) != blocks:
        raise reader.fault(f"vectors of other blocks than the {blocks:,} of the reference", FIELD, 0)
    moves = reader.varint(FIELD, blocks)
    parts = [reader.take(reader.varint(FIELD, reader.left), FIELD) for _ in range(4)]
    reader.done(FIELD)
    kinds: list[tuple[np.dtype[Any], int]] = [(np.dtype("u1"), -(-blocks // 8))]
    kinds += [(np.dtype("<i2"), moves)] * 3
    try:
        bits, *axes = (
            unpack_column(part, kind, rows) for part, (kind, rows) in zip(parts, kinds, strict=True)
        )
    except CorruptStreamError as fault:
        raise reader.fault(fault.reason, FIELD, 0) from None
    changed = np.unpackbits(bits, bitorder="little").astype(bool)
    if int(changed.sum()) != moves or changed[blocks:].any():
        raise reader.fault("other blocks change their vectors than it says", FIELD, 0)
    steps = np.zeros((blocks, 3), np.int64)
    steps[changed[:blocks]] = np.stack(axes, 1) if moves else 0
    vectors = np.cumsum(steps, axis=0)
    if (np.abs(vectors) > LARGEST).any():
        raise reader.fault(f"a vector of more than {LARGEST} voxels", FIELD, 0)
    return Motion(frozenset(np.flatnonzero(held[:count]).tolist()), vectors.astype(np.int16))
