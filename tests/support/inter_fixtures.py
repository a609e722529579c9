"""Small sequences of codec "multiscale", whose frames use the one before, and small weights."""

from __future__ import annotations

import io

import numpy as np
from multiscale_fixtures import random_level
from ovx_reader import Chunk, alone, frames_of, header_of

from octavox import codec
from octavox.codec.models.inter_weights import InterWeights, inter_bytes
from octavox.codec.models.multiscale_weights import SETS
from octavox.codec.models.weights import read_tensors
from octavox.codec.stream.chunks import MAGIC, VERSION, Kind, packed
from octavox.resources import find


def random_inter_file() -> bytes:
    """Weights whose activations take all values."""
    sets = []
    for k in range(SETS):
        rng = np.random.default_rng([78, k])
        reference = rng.integers(-900, 901, (192, 32)).astype(np.int16)
        beside = rng.integers(-3000, 3001, (8, 81, 64)).astype(np.int16)
        sets.append(InterWeights(**vars(random_level(k)), reference=reference, beside=beside))
    return inter_bytes(tuple(sets), {"for": "tests"})


def shipped_weights() -> dict[bytes, dict[str, np.ndarray]]:
    """The tensors of the shipped weights, by their ids."""
    found = {}
    for name in ("multiscale.safetensors", "inter.safetensors"):
        tensors, _, identity = read_tensors(find(f"weights/{name}"))
        found[identity] = tensors
    return found


def sheet(number: int, edge: int = 14, noise: float = 0.0, step: int = 1, at: int = 3) -> codec.PointCloud:
    """A bent sheet that begins at x = at and moves by `step` a frame, with a texture that moves with it."""
    u, v = (a.ravel() for a in np.meshgrid(np.arange(edge), np.arange(edge), indexing="ij"))
    rng = np.random.default_rng(number)
    high = 8 + 3 * np.sin(u / 4) + 2 * np.cos(v / 3) + noise * rng.normal(size=len(u))
    points = np.stack([u + at + step * number, v + 2, np.rint(high).astype(int)], 1).astype(np.int32)
    wave = np.random.default_rng(5).integers(0, 40, len(u))
    paint = np.stack([100 + 4 * u, 60 + 5 * v, 200 - 3 * u], 1) + wave[:, None]
    return codec.PointCloud(points, np.clip(paint, 0, 255).astype(np.uint8))


def sequence_of(
    clouds: list[codec.PointCloud], group: int = 16, options: codec.CodecOptions | None = None, **kept: object
) -> bytes:
    """A stream of these frames."""
    file = io.BytesIO()
    codec.encode_sequence(clouds, file, group=group, options=options, **kept)  # type: ignore[arg-type]
    return file.getvalue()


def references(data: bytes) -> list[int]:
    """Of each frame, how many frames back its reference is; 0: it has none."""
    fields = [header_of(alone(own)).fields if own[0].kind == Kind.HEADER else {} for own in frames_of(data)]
    return [own[15][0] if 15 in own else 0 for own in fields]


def rewritten(
    data: bytes, number: int, payloads: dict[int, bytes | None], other: list[Chunk] | None = None
) -> bytes:
    """The sequence with other payloads of kinds of chunks in a frame, and right checksums; None: without.

    other: chunks that stand for the frame, which may be the next one. Frames behind it are left out.
    """
    found = frames_of(data)[:number]
    frame = other or frames_of(data)[number]
    parts = [MAGIC + bytes([VERSION])]
    for k, own in enumerate([*found, frame]):
        given = payloads if k == number else {}
        body = b"".join(
            packed(Kind(c.kind), payload, k, c.component, c.part)
            for c in own
            if (payload := given.get(c.kind, c.payload)) is not None
        )
        parts += [packed(Kind.FRAME, b"", k, len(body)), body] if k else [body]
    return b"".join([*parts, packed(Kind.END, b"")])
