"""Some points of a large PLY file, read without the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes

from .ply_header import HEADER_LIMIT, PlyHeader, parse_header
from .ply_read import AXES, COLOURS, cloud_of

SEED = 1


def sample_ply(file: Path, points: int) -> PointCloud | None:
    """See `read_sample`; None also for text and where lists lie before the vertices."""
    try:
        header = parse_header(read_bytes(file, HEADER_LIMIT), file, file.stat().st_size)
        return _sample(header, file, points)
    except (InputError, OSError, ValueError):
        return None


def _sample(header: PlyHeader, file: Path, points: int) -> PointCloud | None:
    vertex = header.element("vertex")
    if vertex is None or vertex.count < 2 * points or header.format == "ascii":
        return None
    at = header.body
    for element in header.elements:
        if element.has_list:
            return None
        if element is vertex:
            break
        at += element.count * sum(p.least_bytes for p in element.properties)
    kinds = [(p.name, p.dtype(header.byte_order)) for p in vertex.properties]
    rows = np.memmap(file, np.dtype(kinds), "r", at, (vertex.count,))
    # One from each of as many even stretches: files are often sorted, and a fixed stride shows as stripes.
    stretch = vertex.count / points
    place = ((np.arange(points) + np.random.default_rng(SEED).random(points)) * stretch).astype(np.int64)
    chosen = rows[np.minimum(place, vertex.count - 1)]
    names = [name for name, _ in kinds if name in (*AXES, *COLOURS)]
    columns = {name: chosen[name].astype(chosen.dtype[name].newbyteorder("=")) for name in names}
    return cloud_of(columns, vertex, header, file)
