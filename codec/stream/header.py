"""The header of a stream: what it holds, and how that becomes the points of a file again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from octavox.codec.cloud.cloud import Transform, Triple
from octavox.codec.cloud.grid import Grid
from octavox.codec.cloud.lattice import INTEGER, Lattice
from octavox.codec.codecs.registry import codec_name
from octavox.codec.coding.bytes import text, varint
from octavox.codec.coding.lattices import pack_lattice

from .schema import (
    AttributeHeader,
    GroupHeader,
    pack_attribute,
    pack_group,
    type_code,
)

MAX_PARAMS = 64
MOST_ROUGH = 2
MAX_POINTS = 1 << 40
MOST_BOUND = (1 << 16) - 1
POINTS_A_VOXEL, MORE_POINTS = 1 << 12, 1 << 25  # what all points together may be: a small file stays small
NO_WEIGHTS = bytes(8)

VOXELS, RECORDS, FILE, LOSSY = "voxels", "records", "file", "lossy"
LEVELS = (VOXELS, RECORDS, FILE, LOSSY)

MOST_GUESSED = 4
MOST_GROUP = 1 << 8  # frames, of which the first decodes alone and each of the others needs an earlier one
PARTLY = 8  # added to the number of levels


class Field(IntEnum):
    """Keys of the fields. A reader refuses those below OPTIONAL that it does not know."""

    LEVEL = 1
    POINTS = 2
    GEOMETRY = 3
    GRID = 4
    TYPES = 5
    SCALING = 6
    FORMAT = 7
    ATTRIBUTE = 8
    COUNTS = 9
    GROUP = 10
    ROUGH = 11
    ROWS = 12
    BOUNDS = 13
    GUESS = 14
    REFERENCE = 15
    DROPPED = 64
    MOVED = 65
    SHARES = 66


OPTIONAL = 64


@dataclass(frozen=True)
class Moved:
    """What voxelization changed: mean and largest distance in the file's units; how many points merged."""

    mean: float = 0.0
    largest: float = 0.0
    merged: int = 0


@dataclass(frozen=True)
class Guess:
    """Of a lossy stream, the levels that are not coded.

    levels: how many. partly: the finest coded level is guessed in part. base: nodes of that level.
    weights_id: of the network that guesses; NO_WEIGHTS where the middle of each node stands for its voxels.
    digest: first 8 bytes of the SHA-256 of all voxels. mse, hausdorff: D1 that the encoder measured between
    its voxels and these, in voxels; never less than it was.
    """

    levels: int
    base: int
    weights_id: bytes
    digest: bytes
    mse: float
    hausdorff: float
    partly: bool = False


@dataclass(frozen=True)
class Header:
    """What a stream holds of one cloud.

    level: what comes back (docs/glossary.md). points: occupied voxels. input_points: of the source.
    records: points that come back. counted: voxels may hold several points, so a chunk says how many. strays:
    points off the grid, with a chunk of their own. rough: of each axis, whether and how chunks say where
    in their cells numbers lie (`cloud.rough`).
    rows: points that are coded in the order of their file, in the place of voxels; rows_params: by which
    settings. guess: of level lossy.
    grid: of the voxels. scale, offset: of LAS. format: of the source. attributes: properties of the points.
    groups: how their columns are coded. dropped: names of what was left out. shares: bytes of the properties
    of each group but the last (`accounting.components`). bounds: how far values of the properties may be off,
    by number of the property. reference: how many frames back is the one that this frame needs; 0: it decodes
    alone. inter_weights: id of the network that sees that frame. params_byte: where params lie, in the file.
    """

    codec_id: int
    depth: int
    points: int
    input_points: int
    coordinate_type: str = "float"
    transform: Transform = field(default_factory=Transform)
    weights_id: bytes = NO_WEIGHTS
    params: bytes = b""
    version: tuple[int, ...] = (2,)
    level: str = VOXELS
    counted: bool = False
    rough: tuple[int, int, int] = (0, 0, 0)
    rows: int = 0
    rows_params: bytes = b""
    strays: int = 0
    guess: Guess | None = None
    grid: Grid | None = None
    scale: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    format: str = ""
    attributes: tuple[AttributeHeader, ...] = ()
    groups: tuple[GroupHeader, ...] = ()
    dropped: tuple[str, ...] = ()
    moved: Moved | None = None
    shares: tuple[int, ...] = ()
    bounds: dict[int, int] = field(default_factory=dict)
    reference: int = 0
    inter_weights: bytes = NO_WEIGHTS
    params_byte: int = field(default=0, compare=False)

    @property
    def codec_name(self) -> str:
        """Name of the codec, or "codec N" for an id that this release does not know."""
        return codec_name(self.codec_id) or f"codec {self.codec_id}"

    @property
    def weights_hex(self) -> str:
        """The weights id in hexadecimal, "" without a network."""
        return "" if self.weights_id == NO_WEIGHTS else self.weights_id.hex()

    @property
    def inter_weights_hex(self) -> str:
        """The id of the weights that see the reference in hexadecimal, "" without them."""
        return "" if self.inter_weights == NO_WEIGHTS else self.inter_weights.hex()

    @property
    def color_error(self) -> int:
        """How far each component of a colour may be off."""
        return max(self.bounds.values(), default=0)

    @property
    def records(self) -> int:
        """Points that come back."""
        return self.points if self.of_voxels else self.input_points

    @property
    def merged(self) -> int:
        """Points of the source that share a voxel with another one, which is gone."""
        if self.level == LOSSY:
            return self.moved.merged if self.moved else 0
        return self.input_points - self.points if self.of_voxels else 0

    @property
    def of_voxels(self) -> bool:
        """Whether each voxel comes back as one point."""
        return self.level in (VOXELS, LOSSY)

    @property
    def coded_depth(self) -> int:
        """Bits per axis of the coded geometry."""
        return self.depth - (self.guess.levels if self.guess else 0)

    @property
    def coded_points(self) -> int:
        """Nodes of the finest coded level: voxels, unless levels are guessed."""
        return self.guess.base if self.guess else self.points


def file_header(points: int) -> Header:
    """That of a stream which holds a file as it is, and so has no voxels; it stands in no stream.

    points: of the file.
    """
    return Header(
        1, 1, 0, points, level=FILE, grid=Grid((Lattice(INTEGER),) * 3, 1, (np.dtype(np.float32),) * 3)
    )


def pack_header(header: Header) -> bytes:
    """The payload of a HEADER chunk. Raises ValueError for fields that the format cannot hold."""
    if header.grid is None or len(header.weights_id) != 8 or len(header.params) > MAX_PARAMS:
        raise ValueError("a header without a grid, or weights id or params of a wrong length")
    weights = b"" if header.weights_id == NO_WEIGHTS else header.weights_id
    geometry = bytes([header.codec_id, header.depth, len(weights)]) + weights + header.params
    points = varint(header.points)
    if header.input_points != header.points or header.strays:
        points += varint(header.input_points) + varint(header.strays)
    fields = [
        (Field.LEVEL, bytes([LEVELS.index(header.level)])),
        (Field.POINTS, points),
        (Field.GEOMETRY, geometry),
        (Field.TYPES, _pack_types(header.grid)),
        (Field.GRID, b"" if _is_plain(header.grid) else b"".join(map(pack_lattice, header.grid.axes))),
        (Field.SCALING, _pack_scaling(header)),
        (Field.FORMAT, header.format.encode()),
        *((Field.ATTRIBUTE, pack_attribute(a)) for a in header.attributes),
        *((Field.GROUP, pack_group(g)) for g in header.groups),
        (Field.COUNTS, b"\x01" if header.counted else b""),
        (Field.ROUGH, bytes(header.rough) if any(header.rough) else b""),
        (Field.ROWS, varint(header.rows) + header.rows_params if header.rows else b""),
        (Field.GUESS, b"" if header.guess is None else _pack_guess(header.guess)),
        (Field.BOUNDS, b"".join(varint(k) + varint(bound) for k, bound in header.bounds.items())),
        (Field.REFERENCE, _pack_reference(header)),
        (Field.DROPPED, b"".join(map(text, header.dropped))),
        (Field.MOVED, b"" if header.moved is None else _pack_moved(header.moved)),
        (Field.SHARES, b"".join(map(varint, header.shares))),
    ]
    return b"".join(bytes([key]) + varint(len(value)) + value for key, value in fields if value)


def _pack_reference(header: Header) -> bytes:
    if not header.reference:
        return b""
    weights = b"" if header.inter_weights == NO_WEIGHTS else header.inter_weights
    return varint(header.reference) + bytes([len(weights)]) + weights


def _is_plain(grid: Grid) -> bool:
    return all(axis == Lattice(INTEGER) for axis in grid.axes)


def _pack_types(grid: Grid) -> bytes:
    codes = bytes(type_code(kind) for kind in grid.types)
    return codes[:1] if len(set(codes)) == 1 else codes


def _pack_scaling(header: Header) -> bytes:
    if header.scale == (1.0, 1.0, 1.0) and header.offset == (0.0, 0.0, 0.0):
        return b""
    return np.array([*header.scale, *header.offset], "<f8").tobytes()


def _pack_moved(moved: Moved) -> bytes:
    return np.array([moved.mean, moved.largest], "<f8").tobytes() + varint(moved.merged)


def _pack_guess(guess: Guess) -> bytes:
    weights = b"" if guess.weights_id == NO_WEIGHTS else guess.weights_id
    measured = np.array([guess.mse, guess.hausdorff], "<f4")
    low = measured.astype(np.float64) < (guess.mse, guess.hausdorff)
    measured[low] = np.nextafter(measured[low], np.float32(np.inf))
    start = (
        bytes([guess.levels + PARTLY * guess.partly]) + varint(guess.base) + bytes([len(weights)]) + weights
    )
    return start + guess.digest + measured.tobytes()


def most_points(voxels: int) -> int:
    """The most points that a stream may hold in so many voxels."""
    return MORE_POINTS + POINTS_A_VOXEL * voxels


def most_guessed(size: int) -> int:
    """The most voxels that a stream with guessed levels may give back; it has so many bytes."""
    return MORE_POINTS + POINTS_A_VOXEL * size
