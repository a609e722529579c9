"""Lattices as bytes of streams."""

from __future__ import annotations

import math

import numpy as np

from octavox.codec.cloud.lattice import BINARY, DECIMAL, FRACTION, INTEGER, MOST_BINARY, REGULAR, Lattice
from octavox.codec.errors import UnsupportedStreamError

from .bytes import ByteReader, varint, zigzag

_MOST_PLACES = {DECIMAL: 22, BINARY: MOST_BINARY, FRACTION: 1 << 32}


def pack_lattice(axis: Lattice) -> bytes:
    """A lattice as bytes (docs/format.md)."""
    if axis.kind == REGULAR:
        return bytes([REGULAR]) + np.array([axis.origin, axis.scale], "<f8").tobytes()
    places = b"" if axis.kind == INTEGER else varint(axis.places)
    return bytes([axis.kind]) + zigzag(axis.base) + varint(axis.step) + places


def parse_lattice(reader: ByteReader, depth: int, name: str) -> Lattice:
    """Inverse of `pack_lattice`. depth: bits of its cells. name: of the field, in errors.

    Raises CorruptStreamError, UnsupportedStreamError.
    """
    at = reader.position
    kind = reader.u8(name)
    if kind == REGULAR:
        origin, scale = reader.doubles(2, name)
        far = origin + scale * (1 << depth)
        if not (math.isfinite(origin) and math.isfinite(scale) and scale > 0 and math.isfinite(far)):
            raise reader.fault("origin or scale is not finite, or scale not positive", name, at)
        return Lattice(REGULAR, origin=origin, scale=scale)
    if kind not in (INTEGER, DECIMAL, BINARY, FRACTION):
        reason = f"a lattice of kind {kind} is not known to this release"
        raise UnsupportedStreamError(reason, field=name, byte=reader.first_byte + at)
    base, step = reader.zigzag(name), reader.varint(name, 1 << 62, 1)
    places = reader.varint(name, _MOST_PLACES[kind], int(kind == FRACTION)) if kind != INTEGER else 0
    lattice = Lattice(kind, base, step, places)
    if not lattice.fits(depth):
        raise reader.fault("the lattice does not fit into 64 bits", name, at)
    return lattice
