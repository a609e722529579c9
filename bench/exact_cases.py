"""What `bench.exact` compares: small clouds for every stage of every codec, coded and decoded."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bench.measure import ROOT
from bench.random_clouds import random_cloud
from octavox import codec
from octavox.codec import CodecOptions, DecodeResult, PointCloud

SLOW = "voxeldnn"  # takes a thousand times as long as the octree


@dataclass(frozen=True)
class Case:
    """One stage with one codec. encode: the stream, from the options. proof: whether a stream holds what its
    level promises of the cloud, and all of it where that is everything."""

    codec: str
    stage: str
    encode: Callable[[CodecOptions], bytes]
    proof: Callable[[bytes], bool]


def sheet(rows: int, dtype: str = "i4", shift: int = 0) -> PointCloud:
    """A rough sheet with colours and some properties, row by row."""
    k = np.arange(rows, dtype=np.int64)
    x, y = k % 40, k // 40
    at = np.stack([x + shift, y, (x * x + 3 * y * y) // 60 + k * 7919 % 3], axis=1).astype(dtype)
    colors = np.stack([2 * x, y, 3 * y], axis=1) + (k * 104729 % 5)[:, None]
    more: dict[str, Any] = {"intensity": (at[:, 2] * 30).astype(np.uint16), "time": np.cumsum(k % 7) / 1024.0}
    return PointCloud(at, (colors % 256).astype(np.uint8), attributes=more)


def of_cloud(name: str, stage: str, cloud: PointCloud, change: Any = None, **kept: Any) -> Case:
    """Codes a cloud. change: fields of the options. kept: what comes back."""

    def encode(options: CodecOptions) -> bytes:
        return codec.encode(cloud, options=replace(options, **(change or {})), **kept).data

    def proof(data: bytes) -> bool:
        found = codec.verify(cloud, data)
        return found.kept and (found.identical or bool(kept))

    return Case(name, stage, encode, proof)


def of_file(name: str, cloud: PointCloud, suffix: str) -> Case:
    """Codes a file of this format to the byte."""
    target = io.BytesIO()
    codec.write_cloud(target, cloud, options=codec.WriteOptions(suffix=suffix))

    def encode(options: CodecOptions) -> bytes:
        file = io.BytesIO(target.getvalue())
        file.name = f"cloud{suffix}"
        return codec.encode(file, options=options, keep="file").data

    return Case(
        name,
        f"archived {suffix[1:].upper()}",
        encode,
        lambda data: codec.decode(data).file == target.getvalue(),
    )


def of_sequence(name: str, rows: int) -> Case:
    """Codes three frames of a sheet that moves."""
    frames = [sheet(rows, shift=k) for k in range(3)]

    def encode(options: CodecOptions) -> bytes:
        target = io.BytesIO()
        codec.encode_sequence(frames, target, options=options)
        return target.getvalue()

    def proof(data: bytes) -> bool:
        return all(codec.verify(frames[k], data, frame=k).identical for k in range(3))

    return Case(name, "sequence", encode, proof)


def cases(names: tuple[str, ...], small: bool = False) -> list[Case]:
    """Every stage of these codecs. small: two of them."""
    found: list[Case] = []
    for name in names:
        rows = 120 if name == SLOW else 1600
        cloud = sheet(rows)
        rough = PointCloud(cloud.coords.astype(np.float32) / np.float32(3))
        own = [of_cloud(name, "records", cloud), of_cloud(name, "voxels", cloud, keep="voxels")]
        if not small:
            own += [
                of_cloud(name, "slices", cloud, {"slices": 3}),
                of_cloud(name, "high effort", cloud, {"effort": "high"}),
                of_cloud(name, "colours within 4", cloud, color_error=4),
                of_cloud(name, "floats", rough),
                of_file(name, cloud, ".ply"),
                of_file(name, cloud, ".las"),
                of_sequence(name, rows),
            ]
            if codec.codec_info(name).by_level:
                own.append(of_cloud(name, "levels guessed", cloud, drop_levels=1.5))
        found += own
    return found


def sample_cases(names: tuple[str, ...]) -> list[Case]:
    """The bundled sample with each codec: enough nodes for full batches of a network."""
    cloud = codec.read_cloud(ROOT / "resources" / "samples" / "spot_vox8.ply")
    return [of_cloud(name, "sample", cloud, keep="voxels") for name in names]


def random_cases(count: int, names: tuple[str, ...]) -> list[Case]:
    """So many random clouds, with the octree; every tenth with each codec in turn."""
    found = []
    for number in range(count):
        cloud = random_cloud(number)
        name = names[number // 10 % len(names)] if number % 10 == 0 else names[0]
        if name == SLOW and len(cloud) > 60:
            name = names[0]
        found.append(of_cloud(name, "random clouds", cloud))
    return found


def digest_of(data: bytes, options: CodecOptions) -> str:
    """SHA-256 of all that comes back of a stream, frame by frame."""
    found = hashlib.sha256()
    with codec.open(data, options=options) as frames:
        for number in range(len(frames)):
            _add(found, frames.decode(number))
    return found.hexdigest()


def _add(found: Any, decoded: DecodeResult) -> None:
    if decoded.file is not None:
        found.update(decoded.file)
    found.update(np.ascontiguousarray(decoded.voxels.coords).tobytes())
    found.update(np.ascontiguousarray(decoded.cloud.coords).tobytes())
    for name, column in decoded.cloud.attributes.items():
        parts = (column.lengths, column.values) if isinstance(column, codec.ListColumn) else (column,)
        found.update(name.encode() + b"".join(np.ascontiguousarray(part).tobytes() for part in parts))
