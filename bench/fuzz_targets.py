"""What is damaged and read: streams of each stage, files of each format, session files, weights files."""

from __future__ import annotations

import base64
import hashlib
import importlib
import io
import json
import random
import re
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.fuzz_damage import mended_json, mended_pages, mended_stream, mended_weights
from bench.measure import ROOT
from octavox import codec
from octavox.codec import CodecOptions, CorruptStreamError, InputError, PointCloud, ReadOptions, WeightsError

_columns: Any = importlib.import_module("octavox.codec.cloud.columns")
Element, FileInfo, ListColumn = _columns.Element, _columns.FileInfo, _columns.ListColumn
GOLDEN = ROOT / "tests" / "golden"
OCTREE = CodecOptions(codec="octree", threads=1)
_LINE = re.compile(r"\b(line|row|record|point|node|object|element|accessor)\b")


class UndocumentedError(Exception):
    """An error of a documented kind that lacks what its kind promises."""


@dataclass(frozen=True)
class Target:
    """seed: a sound file. read: reads a file and gives a digest of what it holds, "" where another way of
    reading was taken. errors: that `read` may raise. mend: damage behind checksums that are made right again.
    exact: whether damage without that is an error, or changes nothing.
    """

    name: str
    suffix: str
    seed: Callable[[], bytes]
    read: Callable[[bytes, str, random.Random], str]
    errors: tuple[type[Exception], ...]
    mend: Callable[[bytes, random.Random], bytes] | None = None
    exact: bool = False


def targets() -> dict[str, Target]:
    """All of them, by name."""
    found = [*_streams(), *_clouds(), *_sessions(), *_weights()]
    return {target.name: target for target in found}


# -- streams -----------------------------------------------------------------------------------------


def _streams() -> list[Target]:
    errors = (CorruptStreamError, WeightsError)
    files = [*sorted((GOLDEN / "contents").glob("*.ovx")), *sorted((GOLDEN / "sequences").glob("*.ovx"))]
    files += [path for path in sorted(GOLDEN.glob("*.ovx")) if not path.name.startswith("container")]
    made: dict[str, Callable[[], bytes]] = {path.stem: path.read_bytes for path in files}
    made |= {
        "octree": lambda: _coded(_sheet(500), codec="octree"),
        "octree_slices": lambda: _coded(_sheet(900), codec="octree", slices=3),
        "multiscale": lambda: _coded(_sheet(500), codec="multiscale"),
        "multiscale_slices": lambda: _coded(_sheet(900), codec="multiscale", slices=2),
        "voxeldnn": lambda: _coded(_sheet(300), codec="voxeldnn"),
        "frames_that_move": lambda: _moving(4),
        "frames_that_move_in_slices": lambda: _moving(2, edge=24, at=52, slices=2),
        "bounded_colors": _bounded,
        "strays_and_lists": _strays_and_lists,
        "nothing": lambda: codec.encode(PointCloud(np.empty((0, 3), np.int32)), options=OCTREE).data,
    }
    return [
        Target(f"stream {name}", ".ovx", seed, read_stream, errors, mended_stream, exact=True)
        for name, seed in made.items()
    ]


def _sheet(rows: int) -> np.ndarray:
    """(rows, 3) int32: a rough sheet, in blocks of 64, with some points apart."""
    k = np.arange(rows, dtype=np.int64)
    x, y = k % 40 * 3, k // 40 * 5
    cells = np.stack([x, y, (x * x + 3 * y * y) // 60 + k * 7919 % 3], axis=1)
    cells[::97] = cells[::97] * 5 % 255
    return np.asarray(np.unique(cells, axis=0), np.int32)


def _coded(cells: np.ndarray, **options: object) -> bytes:
    return codec.encode(PointCloud(cells), options=CodecOptions(threads=1, **options)).data  # type: ignore[arg-type]


def _moving(count: int, edge: int = 14, at: int = 3, **options: object) -> bytes:
    """A bent sheet whose colours move with it, each frame coded with the one before."""
    u, v = (a.ravel() for a in np.meshgrid(np.arange(edge), np.arange(edge), indexing="ij"))
    paint = np.stack([100 + 4 * u, 60 + 5 * v, 200 - 3 * u], 1) + (u * 7919 + v * 104729)[:, None] % 40
    high = 8 + u // 4 + (v * v // 9) % 5
    clouds = [
        PointCloud(
            np.stack([u + at + k, v + 2, high], 1).astype(np.int32), np.clip(paint, 0, 255).astype(np.uint8)
        )
        for k in range(count)
    ]
    file = io.BytesIO()
    chosen = CodecOptions(codec="multiscale", threads=1, **options)  # type: ignore[arg-type]
    codec.encode_sequence(clouds, file, group=3, options=chosen)
    return file.getvalue()


def _bounded() -> bytes:
    cells = _sheet(500)
    cloud = PointCloud(cells, (cells * [[2, 1, 3]] % 256).astype(np.uint8))
    return codec.encode(cloud, options=OCTREE, color_error=3).data


def _strays_and_lists() -> bytes:
    cells = np.concatenate([_sheet(300), _sheet(300)[::5]]) / 4.0
    cells[7], cells[9, 1] = np.nan, np.inf
    lengths = (np.arange(len(cells)) % 3).astype(np.uint8)
    values = ListColumn(lengths, np.arange(int(lengths.sum()), dtype=np.int16))
    return codec.encode(PointCloud(cells, attributes={"list": values}), options=OCTREE).data


def read_stream(data: bytes, name: str, chance: random.Random) -> str:
    """Decodes all frames of a stream, or reads it in another way."""
    try:
        return _read_stream(data, chance.random())
    except (CorruptStreamError, WeightsError) as error:
        if isinstance(error, CorruptStreamError) and (error.field is None or error.byte is None):
            raise UndocumentedError(f"no field or no byte: {error}") from error
        raise


def _read_stream(data: bytes, way: float) -> str:
    with codec.open(data, options=OCTREE, salvage=0.7 < way < 0.8) as frames:
        found = hashlib.sha256()
        for number in range(len(frames)):
            if way < 0.7:
                found.update(digest_of(frames.decode(number)).encode())
            elif way < 0.8:
                frames.decode(number)
            elif way < 0.84:
                frames.info(number, blocks=way < 0.82)
            elif way < 0.88:
                frames.decode(number, lod=3) if _has_levels(frames.info(number)) else frames.info(number)
            elif way < 0.94:
                frames.decode(number, region=(0, 0, 0, 20, 20, 20))
            elif any(section.name == "slice 0" for section in frames.info(number).sections):
                frames.decode(number, slices=[0])
    return found.hexdigest() if way < 0.7 else ""


def _has_levels(info: codec.StreamInfo) -> bool:
    stored = "voxels" if info.archive is None else info.archive.stored
    return info.depth >= 3 and info.points > 0 and stored == "voxels" and info.codec != "voxeldnn"


def digest_of(decoded: codec.DecodeResult) -> str:
    """SHA-256 of the file that came back, or of all numbers of the points."""
    if decoded.file is not None:
        return hashlib.sha256(decoded.file).hexdigest()
    found = hashlib.sha256(np.ascontiguousarray(decoded.cloud.coords).tobytes())
    for name, column in decoded.cloud.attributes.items():
        parts = (column.lengths, column.values) if isinstance(column, ListColumn) else (column,)
        own = b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
        found.update(name.encode("utf-8", "surrogatepass") + own)
    return found.hexdigest()


# -- files of points ---------------------------------------------------------------------------------

_OFF = b"COFF\n# c\n3 1 0\n0 0 0 1 2 3 4\n1 0 0 1 2 3 4\n0 1 0 1 2 3 4\n3 0 1 2 0.5 0.5 0.5\n"
_OBJ = b"# c\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvn 1 2 3\nf 1 2/3 -1\n"
_STL_TEXT = (
    b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\n"
    b"endloop\nendfacet\nendsolid\n"
)
_STL = bytes(80) + struct.pack("<I12fH", 1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0)
_TEXT = b"// a comment\nx;y;z;class\n1.5;2.25;3;4\n-1;0.001;7e3;5\n"


def _clouds() -> list[Target]:
    plain, text = codec.WriteOptions(), codec.WriteOptions(ascii=True)
    written = {"ply": plain, "pcd": plain, "ply.gz": plain}
    written |= dict.fromkeys(("las", "laz", "npy", "npz", "bin", "xyz", "xyzrgb", "csv", "pts", "e57"), plain)
    found = [_cloud(ending, f".{ending}", _written(ending, options)) for ending, options in written.items()]
    found += [_cloud(f"{ending} as text", f".{ending}", _written(ending, text)) for ending in ("ply", "pcd")]
    packed = codec.WriteOptions(compressed=True)
    found.append(_cloud("pcd compressed", ".pcd", _written("pcd", packed)))
    meshes = {"off": _OFF, "obj": _OBJ, "stl": _STL, "stl as text": _STL_TEXT, "csv with names": _TEXT}
    meshes |= {"glb": _gltf(binary=True), "gltf": _gltf(binary=False)}
    found += [_cloud(name, f".{name.split()[0]}", partial(bytes, data)) for name, data in meshes.items()]
    return found


def _cloud(name: str, suffix: str, seed: Callable[[], bytes]) -> Target:
    mend = mended_pages if suffix == ".e57" else None
    return Target(f"file {name}", suffix, seed, _read_cloud, (InputError,), mend)


def _written(ending: str, options: codec.WriteOptions) -> Callable[[], bytes]:
    def write() -> bytes:
        chance = np.random.default_rng(1)
        coords = (chance.random((30, 3)) * 50).astype(np.float32)
        properties: dict[str, Any] = {
            "intensity": chance.integers(0, 2555, 30).astype(np.uint16),
            "t": chance.random(30),
        }
        lists = ListColumn(np.array([3, 4, 3], np.uint8), np.arange(10, dtype=np.int32))
        info = FileInfo("PLY", (b"hi",), (Element("face", 3, {"v": lists}),))
        colors = chance.integers(0, 256, (30, 3)).astype(np.uint8)
        cloud = PointCloud(coords, colors, attributes=properties, info=info)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"a.{ending}")
            codec.write_cloud(path, cloud, options=options)
            return path.read_bytes()

    return write


def _gltf(binary: bool) -> bytes:
    """A triangle."""
    body = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes() + np.arange(3, dtype="<u2").tobytes()
    body += bytes(-len(body) % 4)
    buffer: dict[str, object] = {"byteLength": len(body)}
    if not binary:
        buffer["uri"] = "data:application/octet-stream;base64," + base64.b64encode(body).decode()
    box = {"min": [0, 0, 0], "max": [1, 1, 0]}
    content = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": [2, 1, 1]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", **box},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 6},
        ],
        "buffers": [buffer],
    }
    text = json.dumps(content).encode()
    if not binary:
        return text
    text += b" " * (-len(text) % 4)
    size = 12 + 8 + len(text) + 8 + len(body)
    head = struct.pack("<4sII", b"glTF", 2, size) + struct.pack("<I4s", len(text), b"JSON")
    return head + text + struct.pack("<I4s", len(body), b"BIN\0") + body


def _read_cloud(data: bytes, suffix: str, chance: random.Random) -> str:
    """Reads a file; now and then it becomes an archive, and comes back."""
    file = io.BytesIO(data)
    file.name = f"a{suffix}"
    mesh = chance.choice(("vertices", "vertices", "samples", "")) if suffix not in _PLAIN else ""
    options = ReadOptions(mesh=mesh, samples=20 if mesh == "samples" else 0)
    if chance.random() < 0.1:
        codec.read_sample(file, 5)
        file.seek(0)
    try:
        codec.read_cloud(file, options=options)
    except InputError as error:
        if error.path is None or (
            error.field is None and error.byte is None and not _LINE.search(str(error))
        ):
            raise UndocumentedError(f"no file, or neither field, byte, line nor row: {error}") from error
        raise
    if chance.random() < 0.05 and not mesh:
        file.seek(0)
        coded = codec.encode(file, options=OCTREE, keep="file")
        if codec.decode(coded.data, options=OCTREE).file != data:
            raise UndocumentedError("its archive gives another file")
    return ""


_PLAIN = (".las", ".laz", ".npy", ".npz", ".bin", ".xyz", ".xyzrgb", ".csv", ".pts", ".e57", ".pcd")


# -- session files, weights files --------------------------------------------------------------------


def _sessions() -> list[Target]:
    return [Target("session", ".octavox", _session, _read_session, (InputError,), mended_json)]


def _session() -> bytes:
    from octavox.gui.document.session import Session
    from octavox.gui.document.session_file import session_text

    content = json.loads(session_text(Session()))
    camera = {"center": [1, 2, 3], "distance": 9, "azimuth": 30, "elevation": 20, "up": "z"}
    content |= {"original": "a.ply", "stream": "a.ovx", "camera": camera, "bookmarks": {"1": camera}}
    content |= {"selected": {"origin": [0, 0, 0], "size": 8}, "sequence": ["a.ovx"], "frame": 2}
    content["view"]["filter"] = {"column": "size", "low": 1, "high": 2.5}
    content["view"] |= {"clip": {"low": [0, 1, 2], "high": [8, 9, 10]}}
    content["view"]["scales"] = {"bits": {"colours": "heat", "low": 0, "high": None, "log": False}}
    item = {"cloud": "a.ply", "label": "a", "ink": [1, 2, 3], "streams": [{"file": "a.ovx", "label": "b"}]}
    content["scene"] = {"items": [item, {"sequence": ["a.ovx"], "frame": 1}], "views": {"A": [0, -1]}}
    content["scene"]["current"] = [0, 0]
    return json.dumps(content, indent=2).encode()


def _read_session(data: bytes, suffix: str, chance: random.Random) -> str:
    from octavox.gui.document.session_file import read_session

    _by_name(data, suffix, read_session)
    return ""


def _by_name(data: bytes, suffix: str, load: Callable[[str], object]) -> None:
    """Loads a file that has this content and this ending."""
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        file.write(data)
        file.flush()
        load(file.name)


def _weights() -> list[Target]:
    def of(name: str) -> Callable[[str], object]:
        found: Any = importlib.import_module(f"octavox.codec.models.{name}_weights")
        loader: Callable[[str], object] = getattr(found, f"load_{name}")
        return loader

    loaders = {name: of(name) for name in ("multiscale", "upsampler", "densifier", "inter")}
    loaders["voxeldnn"] = importlib.import_module("octavox.codec.models.weights").load_weights
    return [_weights_of(name, load) for name, load in loaders.items()]


def _weights_of(name: str, load: Callable[[str], object]) -> Target:
    path = ROOT / "resources" / "weights" / f"{name}.safetensors"

    def read(data: bytes, suffix: str, chance: random.Random) -> str:
        _by_name(data, suffix, load)
        return ""

    return Target(f"weights {name}", path.suffix, path.read_bytes, read, (WeightsError,), mended_weights)
