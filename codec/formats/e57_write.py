"""Scans to E57 files."""

from __future__ import annotations

import re
import uuid
from typing import Any

import numpy as np

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.cloud.columns import Array, ListColumn, converted
from octavox.codec.job import JobContext

from .e57_nodes import AXES_OF, COMMON, NAMESPACE, PREFIX, E57Extra, Pose, buffer_type
from .tables import AXES

_AT_ONCE = 1 << 20
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_OTHER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*:[A-Za-z_][A-Za-z0-9_.-]*\Z")
_STANDARD = {
    "intensity", "rowIndex", "columnIndex", "returnIndex", "returnCount", "timeStamp", "sphericalRange",
    "sphericalAzimuth", "sphericalElevation", "cartesianInvalidState", "sphericalInvalidState",
    "isIntensityInvalid", "isColorInvalid", "isTimeStampInvalid",
}  # fmt: skip
_NORMALS = ("nor", "http://www.libe57.org/E57_NOR_surface_normals.txt")
_STORED = {np.dtype(c) for c in ("i1", "u1", "i2", "u2", "i4", "u4", "i8", "f4", "f8")}
Columns = dict[str, tuple[Array, float, float, bool]]  # by path: numbers, scale, offset, whether scaled


def write_scans(path: str, cloud: PointCloud, job: JobContext) -> list[str]:
    """Writes a file. Returns the names of what it cannot hold."""
    from pye57 import E57

    lost = [f"element {e.name}" for e in cloud.info.elements if e.count]
    lost += ["comments"] if cloud.info.comments else []
    extra = cloud.info.extra if isinstance(cloud.info.extra, E57Extra) else E57Extra()
    scan = cloud.attributes.get("scan")
    several = len(extra.names) > 1 and isinstance(scan, np.ndarray) and scan.ndim == 1
    columns = _columns(cloud, extra, lost, several)
    rows: list[Any] = [slice(None)]
    if several:
        rows = [np.flatnonzero(np.asarray(scan) == k) for k in range(len(extra.names))]
    with E57(path, "w") as file:
        file.image_file.extensionsAdd(PREFIX, NAMESPACE)
        file.image_file.extensionsAdd(*_NORMALS)
        for k, some in enumerate(rows):
            name = extra.names[k] if k < len(extra.names) else "scan"
            pose = extra.poses[k] if k < len(extra.poses) else None
            part = {p: (values[some], *scaling) for p, (values, *scaling) in columns.items()}
            _write_scan(file, part, name, pose, job)
    return lost


def _columns(cloud: PointCloud, extra: E57Extra, lost: list[str], several: bool) -> Columns:
    columns: Columns = {}
    whole = cloud.coords.dtype.kind in "iu" and cloud.coords.dtype != np.uint64
    coords = cloud.coords if whole else cloud.positions
    for k, path in enumerate(AXES_OF):
        values = np.ascontiguousarray(coords[:, k])
        if values.dtype not in _STORED:
            values = values.astype(np.float64 if values.dtype.itemsize > 4 else np.float32)
        scaling = (cloud.scale[k], cloud.offset[k], cloud.scaled) if whole else (1.0, 0.0, False)
        columns[path] = (values, *scaling)
    paths = {name: path for path, name in COMMON.items()}
    for name, column in cloud.attributes.items():
        if several and name == "scan":
            continue
        path = paths.get(name) or (
            name if name in _STANDARD or name.startswith("nor:") else f"{PREFIX}:{name}"
        )
        held = None if isinstance(column, ListColumn) or column.ndim != 1 else _held(column)
        legal = name in paths or _NAME.match(name) or (name.startswith("nor:") and _OTHER_NAME.match(name))
        if held is None or not legal or name in AXES or path in columns:
            lost.append(name)
            continue
        scale, offset = extra.scales.get(name, (1.0, 0.0))
        columns[path] = (held, scale, offset, name in extra.scales and held.dtype.kind in "iu")
    return columns


def _held(column: Array) -> Array | None:
    if column.dtype.kind == "b":
        return column.astype(np.uint8)
    if column.dtype in _STORED:
        return np.ascontiguousarray(column)
    return converted(column, np.dtype(np.float32 if column.dtype.kind == "f" else np.int64))


def _write_scan(file: Any, columns: Columns, name: str, pose: Pose | None, job: JobContext) -> None:
    from pye57 import libe57

    image = file.image_file
    scan = libe57.StructureNode(image)
    scan.set("guid", libe57.StringNode(image, f"{{{uuid.uuid5(uuid.NAMESPACE_URL, name)}}}"))
    scan.set("name", libe57.StringNode(image, name))
    if pose is not None:
        scan.set("pose", _pose_node(image, pose))
    prototype = libe57.StructureNode(image)
    for path, (values, scale, offset, scaled) in columns.items():
        prototype.set(path, _node(image, values, scale, offset, scaled))
    points = libe57.CompressedVectorNode(image, prototype, libe57.VectorNode(image, True))
    scan.set("points", points)
    file.data3d.append(scan)
    count = len(columns[AXES_OF[0]][0])
    step = min(_AT_ONCE, max(count, 1))
    buffers = {path: np.zeros(step, buffer_type(values.dtype)) for path, (values, *_) in columns.items()}
    vector = libe57.VectorSourceDestBuffer()
    for path, buffer in buffers.items():
        vector.append(libe57.SourceDestBuffer(image, path, buffer, step, True, False))
    writer = points.writer(vector)
    for part in job.parts(count, step):
        for path, (values, *_) in columns.items():
            buffers[path][: part.stop - part.start] = values[part]
        writer.write(part.stop - part.start)
    writer.close()


def _node(image: Any, values: Array, scale: float, offset: float, scaled: bool) -> Any:
    from pye57 import libe57

    if values.dtype.kind == "f":
        single = values.dtype.itemsize == 4
        precision = libe57.FloatPrecision.E57_SINGLE if single else libe57.FloatPrecision.E57_DOUBLE
        return libe57.FloatNode(image, 0.0, precision)
    limits = np.iinfo(values.dtype)  # the type's own, so that it comes back
    low, high = int(limits.min), int(min(limits.max, np.iinfo(np.int64).max))
    if scaled:
        return libe57.ScaledIntegerNode(image, 0, low, high, scale, offset)
    return libe57.IntegerNode(image, 0, low, high)


def _pose_node(image: Any, pose: Pose) -> Any:
    from pye57 import libe57

    node = libe57.StructureNode(image)
    rotation, translation = libe57.StructureNode(image), libe57.StructureNode(image)
    for key, value in zip("wxyz", pose[0]):
        rotation.set(key, libe57.FloatNode(image, value))
    for key, value in zip("xyz", pose[1]):
        translation.set(key, libe57.FloatNode(image, value))
    node.set("rotation", rotation)
    node.set("translation", translation)
    return node
