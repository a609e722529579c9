"""Triangle meshes to voxels: uniform samples of the surface, enough to hit nearly every voxel of it."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from octavox.codec.arrays import IntArray
from octavox.codec.cloud.morton import CodeArray, distinct, morton_decode, morton_encode
from octavox.codec.errors import InputError
from octavox.codec.files.reading import read_bytes
from octavox.codec.files.source import open_source
from octavox.codec.formats.ply_header import read_header
from octavox.codec.optional import why_missing

from .noise import LARGEST, SurfaceNoise

MESH_SUFFIXES = (".obj", ".stl", ".off", ".glb", ".gltf")  # and .ply with faces
MOST_SAMPLES = 1_000_000_000
PINHOLES = 3.0  # e^-3 = 0.05 voxels are expected to be missed

_AT_ONCE = 2_000_000  # samples in memory at one time
_STL_HEAD, _STL_ROW = 84, 50


@dataclass(frozen=True)
class Sampling:
    """How many samples, and noise.

    points: samples of a mesh, or None for a number that follows from its area. oversampling: samples per area
    of a voxel's face, or None for `oversampling_for`. noise: root mean square along each axis, in voxels.
    """

    points: int | None = None
    oversampling: float | None = None
    noise: float = 0.0


@dataclass(frozen=True)
class MeshVoxels:
    """coords: (N, 3) int32, Morton order. area: of the mesh, in faces of a voxel. samples: points drawn."""

    coords: IntArray
    area: float
    samples: int


def is_mesh(path: Path) -> bool:
    """Whether the file's name, or the header of a PLY file, says that it holds faces."""
    suffix = path.suffix.lower()
    if suffix != ".ply":
        return suffix in MESH_SUFFIXES
    with open_source(path) as source:
        faces = read_header(source).element("face")
    return faces is not None and faces.count > 0


def read_mesh(path: Path) -> Any:
    """Reads a mesh as an Open3D TriangleMesh and checks it.

    Raises InputError naming the file if it is unreadable, has no vertices or no faces, a vertex that is not
    finite, a face of vertices that do not exist, no extent or no area.
    """
    try:
        from open3d import io, utility
    except ImportError as error:
        raise InputError(why_missing(error, "sampling meshes", "open3d"), path=path) from error
    data = read_bytes(path)
    if not data:
        raise InputError("the file is empty", path=path, byte=0)
    if path.suffix.lower() == ".stl":
        _check_stl(data, path)
    with utility.VerbosityContextManager(utility.VerbosityLevel.Error):
        try:
            mesh = io.read_triangle_mesh(path)
        except RuntimeError as error:
            raise InputError(f"Open3D cannot read it: {error}", path=path) from error
    _check_mesh(np.asarray(mesh.vertices), np.asarray(mesh.triangles), path)
    mesh.remove_unreferenced_vertices()
    size = np.ptp(np.asarray(mesh.vertices), axis=0).max()
    if not 0 < size < 2.0**500:
        raise InputError("the mesh has no extent, or one that overflows", path=path, field="vertices")
    if not mesh.get_surface_area() > 0:
        raise InputError("the faces have no area", path=path, field="faces")
    return mesh


def _check_mesh(vertices: npt.NDArray[np.float64], triangles: npt.NDArray[np.int32], path: Path) -> None:
    if not len(vertices):
        raise InputError("no mesh can be read from it: it is damaged, or has no vertices or faces", path=path)
    finite = np.isfinite(vertices).all(axis=1)
    if not finite.all():
        row = int(np.argmin(finite))
        raise InputError(
            f"vertex {row} has a coordinate that is not a finite number", path=path, field="vertices"
        )
    if not len(triangles):
        raise InputError("the mesh has no faces", path=path, field="faces")
    sound = ((triangles >= 0) & (triangles < len(vertices))).all(axis=1)
    if not sound.all():
        row = int(np.argmin(sound))
        raise InputError(
            f"face {row} names a vertex that is not there (of {len(vertices)})", path=path, field="faces"
        )


def _check_stl(data: bytes, path: Path) -> None:
    """Binary STL declares the number of its triangles; checks that the file is long enough."""
    if data.lstrip()[:5].lower() == b"solid" and b"facet" in data[:4096]:
        return  # ASCII
    if len(data) < _STL_HEAD:
        raise InputError("truncated: the header is cut", path=path, field="header", byte=len(data))
    declared = struct.unpack_from("<I", data, _STL_HEAD - 4)[0]
    if len(data) < _STL_HEAD + _STL_ROW * declared:
        raise InputError(
            f"truncated: {declared:,} triangles are declared", path=path, field="triangles", byte=len(data)
        )


def oversampling_for(area: float) -> float:
    """Samples per area of a voxel's face, so that hardly any hole remains in `area` such faces.

    To hit each of A equal cells at least once takes about A (ln A + c) random samples; e^-c cells are then
    expected to be missed (the coupon collector's problem).
    """
    return math.log(max(area, 1.0)) + PINHOLES


def sample_voxels(mesh: Any, depth: int, sampling: Sampling, seed: int, path: Path) -> MeshVoxels:
    """Voxels of a mesh from `read_mesh`; the longest side of its bounding box fills 2**depth voxels.

    With noise, a margin as wide as the largest displacement stays free. The same mesh, depth, sampling and
    seed give the same voxels (with one version of Open3D, which draws the samples). Raises InputError for
    more samples than MOST_SAMPLES, and for noise that leaves no room.
    """
    import open3d

    margin = math.ceil(LARGEST * sampling.noise)
    last = (1 << depth) - 1
    if last - 2 * margin < 1:
        raise InputError(f"at depth {depth} this noise leaves no room for the cloud", field="noise")
    vertices = np.asarray(mesh.vertices)
    low = vertices.min(axis=0)
    scaled = open3d.geometry.TriangleMesh(mesh)
    scaled.vertices = open3d.utility.Vector3dVector(
        (vertices - low) * ((last - 2 * margin) / np.ptp(vertices, axis=0).max()) + margin
    )
    area = float(scaled.get_surface_area())
    samples = sampling.points
    if samples is None:
        samples = math.ceil(area * (sampling.oversampling or oversampling_for(area)))
    if samples > MOST_SAMPLES:
        raise InputError(
            f"depth {depth} asks for {samples:,} samples, above the limit of {MOST_SAMPLES:,}; "
            "take a smaller depth, or fewer with --points",
            path=path,
            field="depth",
        )
    codes = _sample_codes(scaled, depth, samples, sampling.noise, np.random.default_rng(seed))
    return MeshVoxels(morton_decode(codes), area, samples)


def _sample_codes(mesh: Any, depth: int, samples: int, noise: float, rng: np.random.Generator) -> CodeArray:
    """Morton codes of the voxels that hold samples, sorted."""
    import open3d

    displace = SurfaceNoise(noise, rng) if noise else None
    last = (1 << depth) - 1
    codes = np.zeros(0, np.int64)
    for first in range(0, samples, _AT_ONCE):
        open3d.utility.random.seed(int(rng.integers(1 << 31)))
        drawn = mesh.sample_points_uniformly(min(_AT_ONCE, samples - first))
        points = np.asarray(drawn.points)
        if displace is not None:
            points = points + displace(points)
        cells = np.clip(np.rint(points), 0, last).astype(np.int64)
        codes = distinct(np.concatenate([codes, morton_encode(cells, depth)]))
    return codes
