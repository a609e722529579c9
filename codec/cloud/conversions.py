"""Clouds from and to objects of other packages: the public methods. `octavox.codec.interop` does the work."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

if TYPE_CHECKING:
    from .cloud import PointCloud

# A converter is one entry here and a module with functions from_NAME and to_NAME.
_MODULES = {
    "numpy": "numpy_arrays",
    "open3d": "open3d_clouds",
    "pyvista": "pyvista_meshes",
    "laspy": "laspy_data",
    "pandas": "pandas_frames",
}


def _converter(name: str, direction: str) -> Any:
    """The function that converts; its module and the package load with the first call."""
    module = importlib.import_module(f"octavox.codec.interop.{_MODULES[name]}")
    return getattr(module, f"{direction}_{name}")


class Conversions:
    """Methods of PointCloud. Everything is copied, and kept where the other side can hold it.

    A DroppedWarning names all else: lists, comments, other elements, columns that are no numbers. All raise
    InputError for objects that are none, and where the package is not installed.
    """

    @staticmethod
    def from_numpy(
        array: npt.ArrayLike,
        *,
        columns: Mapping[str, npt.ArrayLike] | None = None,
        names: Sequence[str] | None = None,
    ) -> PointCloud:
        """A cloud from an array of numbers (N, C), x, y, z first, or from a structured array (N,).

        A structured array has fields x, y and z, or one of three numbers called coords, positions, points or
        xyz; its other fields become columns. names: of the C columns of a plain array, x, y and z among them;
        without them the further columns are column_4 and so on. columns: further properties, each (N,) or
        (N, K), by name. All types stay.

            >>> import numpy as np
            >>> import octavox as ov
            >>> points = np.array([[0.0, 0.0, 0.5], [1.0, 2.0, 3.5]], np.float32)
            >>> ov.PointCloud.from_numpy(points, columns={"intensity": np.array([7, 9], np.uint16)})
            PointCloud(2 points, float, intensity)
            >>> ov.PointCloud.from_numpy([[1, 2, 3, 9]], names=("x", "y", "z", "label")).attributes["label"]
            array([9])
        """
        cloud: PointCloud = _converter("numpy", "from")(array, columns=columns, names=names)
        return cloud

    def to_numpy(self) -> npt.NDArray[Any]:
        """A structured array (N,): fields x, y and z with the types of the axes, then one for each column.

        `from_numpy` gives the same cloud back.

            >>> import octavox as ov
            >>> rows = ov.PointCloud([[1, 2, 3]], attributes={"label": [9]}).to_numpy()
            >>> rows["x"].item(), rows["label"].item()
            (1, 9)
        """
        rows: npt.NDArray[Any] = _converter("numpy", "to")(self)
        return rows

    @staticmethod
    def from_open3d(cloud: Any) -> PointCloud:
        """A cloud from an `open3d.t.geometry.PointCloud`, or an `open3d.geometry.PointCloud`.

        colors become red, green and blue, normals nx, ny and nz, with their types; those of the latter are
        doubles, its colours shares of 1. An attribute (N, 1) becomes a column (N,).
        """
        found: PointCloud = _converter("open3d", "from")(cloud)
        return found

    def to_open3d(self, *, legacy: bool = False) -> Any:
        """An `open3d.t.geometry.PointCloud` with every column that is no list; half floats become floats.

        red, green and blue of one type become colors, nx, ny and nz normals. Positions are those in the
        file's units, doubles where the cloud has a scale.
        legacy: an `open3d.geometry.PointCloud`, which holds doubles: positions, normals and colours alone.
        """
        return _converter("open3d", "to")(self, legacy)

    @staticmethod
    def from_pyvista(mesh: Any) -> PointCloud:
        """A cloud from the points of a mesh of PyVista with its point data, names and types as they are.

        RGB and RGBA become red, green, blue and alpha, Normals nx, ny and nz. Cells are dropped, and named.
        """
        cloud: PointCloud = _converter("pyvista", "from")(mesh)
        return cloud

    def to_pyvista(self) -> Any:
        """A `pyvista.PolyData` with every column that is no list; positions are floats or doubles.

        red, green, blue and alpha of one type become RGB or RGBA, nx, ny and nz Normals.
        """
        return _converter("pyvista", "to")(self)

    @staticmethod
    def from_laspy(las: Any) -> PointCloud:
        """A cloud from a `laspy.LasData`: the stored integers with scale and offset, every dimension, and
        header, VLRs and EVLRs, as `read_cloud` gives them.
        """
        cloud: PointCloud = _converter("laspy", "from")(las)
        return cloud

    def to_laspy(self) -> Any:
        """A `laspy.LasData` with all that a LAS file holds, as `write_cloud` writes it."""
        return _converter("laspy", "to")(self)

    @staticmethod
    def from_pandas(frame: Any) -> PointCloud:
        """A cloud from a `pandas.DataFrame` with columns x, y and z, or X, Y and Z; its other columns of
        numbers, or of lists of numbers, become columns of the cloud.
        """
        cloud: PointCloud = _converter("pandas", "from")(frame)
        return cloud

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`: x, y, z and the columns; one of several components becomes NAME_0 and so on.

        >>> import octavox as ov
        >>> ov.PointCloud([[1, 2, 3]], attributes={"label": [9]}).to_pandas().columns.tolist()
        ['x', 'y', 'z', 'label']
        """
        return _converter("pandas", "to")(self)
