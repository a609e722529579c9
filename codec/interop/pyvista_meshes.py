"""Clouds from and to meshes of PyVista."""

from __future__ import annotations

from typing import Any

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.errors import InputError
from octavox.codec.optional import optional_package

from .properties import (
    ARRAY_TYPES,
    NORMALS,
    PARTS,
    arrays_of,
    held,
    joined,
    parted,
    points_of,
    positions_given,
    warn_dropped,
)


def from_pyvista(mesh: Any) -> PointCloud:
    """See `PointCloud.from_pyvista`."""
    if not hasattr(mesh, "points") or not hasattr(mesh, "point_data"):
        raise InputError(f"no mesh of PyVista with points: {type(mesh).__name__}", field="mesh")
    coords = positions_given(mesh.points, "the mesh")
    columns, lost = parted(dict(mesh.point_data.items()), PARTS)
    lost += [f"cell data {name}" for name in mesh.cell_data.keys()]  # noqa: SIM118 - iterating gives no names
    lost += [f"field data {name}" for name in mesh.field_data.keys()]  # noqa: SIM118
    if mesh.n_cells and not _vertices_alone(mesh):
        lost.append("cells")
    warn_dropped(lost, "a cloud")
    return PointCloud(coords, attributes=columns)


def _vertices_alone(mesh: Any) -> bool:
    """Whether the cells say nothing but that there are points."""
    return bool(getattr(mesh, "n_verts", -1) == mesh.n_cells)


def to_pyvista(cloud: PointCloud) -> Any:
    """See `PointCloud.to_pyvista`."""
    pyvista = optional_package("pyvista", "a mesh of PyVista")
    points, rounded = points_of(cloud, ("f4", "f8") if cloud.coords.dtype.itemsize < 4 else ("f8", "f4"))
    arrays, lost = arrays_of(cloud)
    joined(arrays, COLOURS, "RGBA")
    joined(arrays, COLOURS[:3], "RGB")
    joined(arrays, NORMALS, "Normals")
    mesh = pyvista.PolyData(points) if len(points) else pyvista.PolyData()
    for name, array in arrays.items():
        column = held(array, ARRAY_TYPES)
        if column is None or not len(points) or (column.ndim == 2 and not column.shape[1]):
            lost.append(name)
        else:
            mesh.point_data[name] = column
    warn_dropped([*lost, *rounded], "a mesh of PyVista")
    return mesh
