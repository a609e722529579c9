"""Points of a mesh: its vertices as they are, or samples drawn evenly from its surface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array, Column, FileInfo
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .registry import ReadOptions

VERTICES, SAMPLES = "vertices", "samples"
_MOST_SAMPLES = 1_000_000_000
_SEED = 1
_AT_ONCE = 1 << 20

Triangles = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mesh:
    """vertices: (N, 3) as stored. triangles: (M, 3) indices. attributes: columns of the vertices."""

    vertices: Array
    triangles: Triangles
    attributes: Mapping[str, Column] = field(default_factory=dict)
    comments: tuple[bytes, ...] = ()


def check_choice(has_faces: bool, options: ReadOptions, source: Source) -> None:
    """Raises InputError if the options do not say which points of a mesh to take, or cannot be followed."""
    if options.mesh not in ("", VERTICES, SAMPLES):
        reason = f"mesh is '{options.mesh}', which is neither '{VERTICES}' nor '{SAMPLES}'"
        raise InputError(reason, path=source.name, field="mesh")
    if options.mesh == SAMPLES and not 0 < options.samples <= _MOST_SAMPLES:
        reason = f"from 1 to {_MOST_SAMPLES:,} points can be drawn, not {options.samples:,}"
        raise InputError(reason, path=source.name, field="samples")
    if has_faces and not options.mesh:
        raise InputError(
            f"this is a mesh: say with the option mesh whether its '{VERTICES}' are the points, or "
            f"'{SAMPLES}' drawn from its surface, and how many",
            path=source.name,
            field="mesh",
        )
    if options.mesh == SAMPLES and not has_faces:
        raise InputError("there are no faces to draw points from", path=source.name, field="faces")


def cloud_of_mesh(mesh: Mesh, form: str, options: ReadOptions, source: Source, job: JobContext) -> PointCloud:
    """The points that the options ask for. form: name of the file's format."""
    info = FileInfo(form, mesh.comments)
    if options.mesh != SAMPLES:
        return PointCloud(mesh.vertices, attributes=mesh.attributes, info=info, source=source.name)
    rows, weights = _draw(mesh, options.samples, source)
    points = np.empty((options.samples, 3))
    colours = {n: c for n, c in mesh.attributes.items() if n in COLOURS and isinstance(c, np.ndarray)}
    columns: dict[str, Array] = {name: np.empty(len(points), c.dtype) for name, c in colours.items()}
    for part in job.parts(len(points), _AT_ONCE):
        corners = mesh.triangles[rows[part]]
        share = weights(part)
        with np.errstate(all="ignore"):
            points[part] = np.einsum("nkc,nk->nc", mesh.vertices[corners].astype(np.float64), share)
            for name, column in columns.items():
                mixed = (colours[name][corners].astype(np.float64) * share).sum(axis=1)
                column[part] = mixed if column.dtype.kind == "f" else np.rint(mixed)
    return PointCloud(points, attributes=columns, info=info, source=source.name)


def _draw(mesh: Mesh, count: int, source: Source):  # type: ignore[no-untyped-def]
    """(count,) triangles in proportion to their areas, in their order, and a function that gives, for a part
    of them, (n, 3) weights of their corners (uniform in a triangle: Osada et al. 2002, section 4.1)."""
    with np.errstate(invalid="ignore"):
        vertices = mesh.vertices.astype(np.float64)
    check_triangles(mesh.triangles, len(vertices), source)
    a, b, c = (vertices[mesh.triangles[:, k]] for k in range(3))
    with np.errstate(all="ignore"):
        areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    total = float(areas.sum())
    if not 0 < total < np.inf:
        raise InputError("the faces have no area, or one that is not finite", path=source.name, field="faces")
    rng = np.random.default_rng(_SEED)
    rows = np.searchsorted(np.cumsum(areas), np.sort(rng.random(count)) * total, "right")
    rows = np.minimum(rows, len(areas) - 1)

    def weights(part: slice) -> Array:
        some = np.random.default_rng((_SEED, part.start)).random((part.stop - part.start, 2))
        root = np.sqrt(some[:, 0])
        return np.stack([1 - root, root * (1 - some[:, 1]), root * some[:, 1]], axis=1)

    return rows, weights


def check_triangles(triangles: Triangles, vertices: int, source: Source) -> None:
    """Raises InputError for corners that are not there."""
    sound = ((triangles >= 0) & (triangles < vertices)).all(axis=1)
    if not sound.all():
        row = int(np.argmin(sound))
        reason = f"triangle {row:,} names a vertex that is not there (of {vertices:,})"
        raise InputError(reason, path=source.name, field="faces")


def fans(starts: Array, lengths: Array, corners: Array) -> Triangles:
    """Triangles of polygons: fans around each one's first corner. starts: of each polygon in `corners`."""
    counts = np.maximum(lengths - 2, 0)
    first = np.repeat(starts, counts)
    within = np.arange(len(first)) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.stack([first, first + within + 1, first + within + 2], axis=1)
    return np.asarray(corners[places] if len(places) else np.empty((0, 3)), np.int64)
