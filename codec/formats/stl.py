"""Point clouds from STL meshes, binary and ASCII: corners, or points drawn from the surface."""

from __future__ import annotations

import struct

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .line_rows import check_widths
from .mesh import Mesh, check_choice, cloud_of_mesh
from .numbers import NumberFault, find_numbers
from .registry import ReadOptions
from .text_blocks import Block, text_blocks

_HEAD, _ROW = 84, 50
_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from an STL file; `options.mesh` must say which points to take. Raises InputError."""
    head = source.read(0, 4096)
    binary = source.size >= _HEAD and _declared(head) * _ROW + _HEAD == source.size
    if not binary and head.lstrip()[:5].lower() == b"solid" and (b"facet" in head or b"endsolid" in head):
        corners = _ascii(source, job)
    else:
        corners = _binary(source, head)
    check_choice(True, options, source)
    flat = corners.reshape(-1, 3)
    if options.mesh == "samples":
        mesh = Mesh(flat, np.arange(len(flat), dtype=np.int64).reshape(-1, 3))
    else:
        mesh = Mesh(_each_once(flat), np.empty((0, 3), np.int64))
    return cloud_of_mesh(mesh, "STL", options, source, job)


def _declared(head: bytes) -> int:
    return int(struct.unpack_from("<I", head, _HEAD - 4)[0])


def _binary(source: Source, head: bytes) -> Array:
    if len(head) < _HEAD:
        raise InputError("truncated: the header is cut", path=source.name, field="header", byte=len(head))
    count = _declared(head)
    if _HEAD + count * _ROW > source.size:
        reason = f"truncated: {count:,} triangles are declared"
        raise InputError(reason, path=source.name, field="triangles", byte=source.size)
    rows = np.frombuffer(source.read(_HEAD, count * _ROW), _TRIANGLE)
    return rows["corners"].astype(np.float32)


def _ascii(source: Source, job: JobContext) -> Array:
    """(M, 3, 3) corners of the lines that begin with `vertex`."""
    parts: list[Array] = []
    for block in text_blocks(source, 0, 1, job):
        lines = block.data.tobytes().split(bytes([block.end]))
        kept = []
        for number, line in enumerate(lines, block.line):
            words = line.split(None, 1)
            of_vertex = bool(words) and words[0].lower() == b"vertex"
            if of_vertex and len(words) < 2:
                reason = f"line {number} has 0 values instead of 3"
                raise InputError(reason, path=source.name, field="vertex")
            kept.append(words[1] if of_vertex else b"")
        rest = np.frombuffer(bytes([block.end]).join(kept), np.uint8)
        vertices = Block(rest, block.at, block.line, block.end)  # its lines are those of the file
        try:
            numbers = find_numbers(rest)
        except NumberFault as fault:
            reason = f"line {vertices.line_of(fault.at)}: {fault.reason}"
            raise InputError(reason, path=source.name, field="vertex") from None
        check_widths(vertices, numbers, 3, source, "vertex")
        parts.append(numbers.values)
    values = np.concatenate(parts) if parts else np.empty(0)
    if len(values) % 9:
        raise InputError("truncated: a triangle has not three corners", path=source.name, field="vertex")
    with np.errstate(all="ignore"):
        single = values.astype(np.float32)
        exact = ~(np.abs(single - values) > 1e-6 * np.abs(values))
    return (single if exact.all() else values).reshape(-1, 3, 3)


def _each_once(corners: Array) -> Array:
    """The distinct rows, in the order of their first appearance."""
    rows = np.ascontiguousarray(corners)
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * 3))).reshape(-1)
    _, first = np.unique(keys, return_index=True)
    return rows[np.sort(first)]
