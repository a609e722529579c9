"""Point clouds from glTF 2.0 scenes (.glb, .gltf): points, vertices of meshes, or points of their surface."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote

import numpy as np

from octavox.codec.cloud.cloud import COLOURS, PointCloud
from octavox.codec.cloud.columns import Array
from octavox.codec.errors import InputError
from octavox.codec.files.source import Source
from octavox.codec.job import JobContext

from .mesh import Mesh, Triangles, check_choice, cloud_of_mesh
from .registry import ReadOptions

_JSON, _BIN = b"JSON", b"BIN\0"
_TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}
_MOST_POINTS = 1 << 24  # or as many as the file has bytes: several nodes may show one mesh
_DEEPEST = 64
_POINTS, _TRIANGLES, _STRIP, _FAN = 0, 4, 5, 6
_PACKED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression")


def read(source: Source, job: JobContext, options: ReadOptions) -> PointCloud:
    """A cloud from a scene. Positions stay 32-bit floats where no node moves them, else they are doubles.

    For a scene with triangles, `options.mesh` must say which points to take. Raises InputError naming the
    part of the scene; CancelledError.
    """
    scene = _Scene(source)
    parts: list[_Part] = []
    total = 0
    for transform, primitive in scene.primitives():
        job.check()
        part = _Part(scene, primitive, transform)
        total += len(part.positions)
        if total > max(_MOST_POINTS, source.size):
            raise InputError(f"a scene of more than {total:,} vertices", path=source.name, field="nodes")
        parts.append(part)
    check_choice(any(part.has_faces for part in parts), options, source)
    if not parts:
        return PointCloud(np.empty((0, 3), np.float32), source=source.name)
    return cloud_of_mesh(_joined(parts), "glTF", options, source, job)


def _joined(parts: list[_Part]) -> Mesh:
    """All parts of a scene. Attributes that not every part has in one type are left out."""
    first = parts[0].attributes
    names = [
        name
        for name, column in first.items()
        if all(
            name in p.attributes
            and p.attributes[name].dtype == column.dtype
            and p.attributes[name].shape[1:] == column.shape[1:]
            for p in parts
        )
    ]
    starts = np.cumsum([0, *(len(p.positions) for p in parts)])
    return Mesh(
        np.concatenate([p.positions for p in parts]),
        np.concatenate([p.triangles + start for p, start in zip(parts, starts)]),
        {name: np.concatenate([p.attributes[name] for p in parts]) for name in names},
    )


class _Scene:
    """The JSON of a scene and its buffers."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._binary = b""
        self._seen: set[int] = set()
        text = self._chunks() if source.read(0, 4) == b"glTF" else source.read()
        try:
            self.json = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.fault(f"the scene is no sound JSON: {str(error)[:100]}", "JSON") from None
        if not isinstance(self.json, dict) or not isinstance(self.json.get("asset"), dict):
            raise self.fault("not a glTF scene: it has no 'asset'", "asset")
        for name in self.items("extensionsRequired", str):
            if name in _PACKED:
                raise self.fault(f"scenes packed by {name} are not read", "extensionsRequired")
        self._buffers: dict[int, bytes] = {}

    def fault(self, reason: str, field: str) -> InputError:
        return InputError(reason, path=self.source.name, field=field)

    def _chunks(self) -> bytes:
        """The JSON of a binary file; its binary chunk is kept."""
        head = self.source.read(0, 12)
        if len(head) < 12 or struct.unpack("<I", head[4:8])[0] != 2:
            raise self.fault("only version 2 of binary glTF is read", "version")
        text, at = b"", 12
        while at + 8 <= self.source.size:
            length, kind = struct.unpack("<I4s", self.source.read(at, 8))
            if at + 8 + length > self.source.size:
                reason = f"truncated: a chunk of {length:,} bytes"
                raise InputError(reason, path=self.source.name, field="chunk", byte=at)
            if kind == _JSON and not text:
                text = self.source.read(at + 8, length)
            elif kind == _BIN and not self._binary:
                self._binary = self.source.read(at + 8, length)
            at += 8 + length
        return text

    def items(self, key: str, kind: type = dict) -> list[Any]:
        """A list of the scene, checked."""
        found = self.json.get(key, [])
        if not isinstance(found, list) or not all(isinstance(item, kind) for item in found):
            raise self.fault(f"'{key}' is no list of the right kind", key)
        return found

    def item(self, key: str, index: Any) -> dict[str, Any]:
        """An item of such a list."""
        found = self.items(key)
        if type(index) is not int or not 0 <= index < len(found):
            raise self.fault(f"{key} {str(index)[:20]} is not there", key)
        return dict(found[index])

    def primitives(self) -> Iterator[tuple[Array, dict[str, Any]]]:
        """(4, 4) transform and primitive of each mesh in the scene."""
        scenes = self.items("scenes")
        roots = self.item("scenes", self.json.get("scene", 0)).get("nodes", []) if scenes else None
        if roots is None:
            for mesh in range(len(self.items("meshes"))):
                yield from self._of_mesh(mesh, np.eye(4))
            return
        yield from self._of_nodes(roots, np.eye(4), 0)

    def _of_nodes(self, nodes: Any, transform: Array, depth: int) -> Iterator[tuple[Array, dict[str, Any]]]:
        if not isinstance(nodes, list) or depth > _DEEPEST:
            raise self.fault("the tree of nodes is damaged, or too deep", "nodes")
        for index in nodes:
            node = self.item("nodes", index)
            if index in self._seen:
                raise self.fault(f"node {index} has two parents", "nodes")
            self._seen.add(index)
            inner = transform @ self._transform(node)
            if "mesh" in node:
                yield from self._of_mesh(node["mesh"], inner)
            yield from self._of_nodes(node.get("children", []), inner, depth + 1)

    def _of_mesh(self, index: Any, transform: Array) -> Iterator[tuple[Array, dict[str, Any]]]:
        primitives = self.item("meshes", index).get("primitives", [])
        if not isinstance(primitives, list) or not all(isinstance(p, dict) for p in primitives):
            raise self.fault("'primitives' is no list of objects", "meshes")
        for primitive in primitives:
            yield transform, primitive

    def _transform(self, node: dict[str, Any]) -> Array:
        def numbers(key: str, default: list[float]) -> Array:
            given = node.get(key, default)
            sound = isinstance(given, list) and len(given) == len(default)
            if not sound or not all(isinstance(v, (int, float)) and abs(v) < 1e300 for v in given):
                raise self.fault(f"'{key}' of a node is no list of {len(default)} numbers", key)
            return np.array(given, np.float64)

        if "matrix" in node:
            return numbers("matrix", [0.0] * 16).reshape(4, 4).T
        x, y, z, w = numbers("rotation", [0.0, 0.0, 0.0, 1.0])
        out = np.eye(4)
        out[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
        out[:3, :3] *= numbers("scale", [1.0] * 3)
        out[:3, 3] = numbers("translation", [0.0] * 3)
        return out

    def _buffer(self, index: Any) -> bytes:
        if type(index) is int and index in self._buffers:
            return self._buffers[index]
        uri = self.item("buffers", index).get("uri")
        if uri is None:
            data = self._binary
        elif isinstance(uri, str) and uri.startswith("data:"):
            try:
                data = base64.b64decode(uri.partition(",")[2].encode("ascii", "replace"), validate=True)
            except (ValueError, binascii.Error):
                raise self.fault("a buffer in the file is no sound base64", "buffers") from None
        else:
            data = self._file(uri)
        self._buffers[index] = data
        return data

    def _file(self, uri: Any) -> bytes:
        """A buffer in a file of its own, beside the scene."""
        name = unquote(uri) if isinstance(uri, str) else ""
        plain = name and PurePosixPath(name).name == name and "\\" not in name and "\0" not in name
        if not plain or self.source.path is None:
            raise self.fault(f"the buffer '{name[:40]}' is in no file beside the scene", "buffers")
        try:
            return (self.source.path.parent / name).read_bytes()
        except OSError as error:
            raise self.fault(f"cannot read the buffer '{name[:40]}': {error.strerror}", "buffers") from None

    def accessor(self, index: Any, label: str) -> tuple[Array, bool]:
        """The (N,) or (N, C) numbers of an accessor, and whether they are shares of their type's range."""
        said = self.item("accessors", index)
        code, width = _TYPES.get(said.get("componentType", 0)), _WIDTHS.get(str(said.get("type")))
        count = said.get("count")
        if code is None or width is None or "sparse" in said or "bufferView" not in said:
            raise self.fault(f"an accessor of {label} of a kind that is not read", "accessors")
        view = self.item("bufferViews", said["bufferView"])
        numbers = [said.get("byteOffset", 0), view.get("byteOffset", 0), view.get("byteLength", 0), count]
        dtype = np.dtype(code)
        stride = view.get("byteStride", dtype.itemsize * width)
        if not all(type(v) is int and 0 <= v < 1 << 48 for v in (*numbers, stride)):
            raise self.fault(f"sizes of {label} are no sound numbers", "accessors")
        inside, at, length, count = numbers
        data = self._buffer(view.get("buffer"))
        need = inside + (count - 1) * stride + dtype.itemsize * width if count else 0
        if need > length or at + length > len(data) or stride < dtype.itemsize * width:
            raise self.fault(f"truncated: {count:,} values of {label} are not in the buffer", "accessors")
        raw = np.frombuffer(data, np.uint8)[at + inside : at + length]
        shape, strides = (count, width), (stride, dtype.itemsize)
        if not count:
            return np.empty((0, width) if width > 1 else 0, dtype), False
        table = np.ndarray(shape, dtype, raw.tobytes() if raw.size else b"\0", 0, strides)
        table = table.astype(dtype.newbyteorder("="))
        return (table[:, 0] if width == 1 else table), bool(said.get("normalized", False))


class _Part:
    """The vertices and triangles of a primitive."""

    def __init__(self, scene: _Scene, primitive: dict[str, Any], transform: Array) -> None:
        said = primitive.get("attributes", {})
        if not isinstance(said, dict) or "POSITION" not in said:
            raise scene.fault("a primitive has no positions", "POSITION")
        positions, shares = scene.accessor(said["POSITION"], "POSITION")
        if positions.ndim != 2 or positions.shape[1] != 3:
            raise scene.fault("positions are not of three numbers", "POSITION")
        if shares:
            positions = np.maximum(positions / np.iinfo(positions.dtype).max, -1.0)
        if not np.array_equal(transform, np.eye(4)):
            with np.errstate(all="ignore"):
                positions = positions.astype(np.float64) @ transform[:3, :3].T + transform[:3, 3]
        self.positions = positions
        self.attributes = self._attributes(scene, said)
        mode = primitive.get("mode", _TRIANGLES)
        self.has_faces = mode in (_TRIANGLES, _STRIP, _FAN)
        self.triangles = self._triangles(scene, primitive, mode)

    def _attributes(self, scene: _Scene, said: dict[str, Any]) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for name, index in said.items():
            if name == "POSITION":
                continue
            column, _ = scene.accessor(index, name)
            if len(column) != len(self.positions):
                raise scene.fault(f"{name[:40]} has {len(column):,} values", "attributes")
            if name == "COLOR_0" and column.ndim == 2 and column.shape[1] >= 3:
                found |= {c: column[:, k].copy() for k, c in enumerate(COLOURS[: column.shape[1]])}
            else:
                found[name] = column
        return found

    def _triangles(self, scene: _Scene, primitive: dict[str, Any], mode: Any) -> Triangles:
        if not self.has_faces:
            return np.empty((0, 3), np.int64)
        corners: Array = np.arange(len(self.positions))
        if "indices" in primitive:
            corners = scene.accessor(primitive["indices"], "indices")[0].astype(np.int64)
            if corners.ndim != 1 or (len(corners) and int(corners.max()) >= len(self.positions)):
                raise scene.fault("an index names a vertex that is not there", "indices")
        if mode == _TRIANGLES:
            return corners[: len(corners) // 3 * 3].reshape(-1, 3)
        if mode == _FAN:
            return np.stack(
                [np.full(max(len(corners) - 2, 0), corners[:1].sum()), corners[1:-1], corners[2:]], 1
            )
        return np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1)
