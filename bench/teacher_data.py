"""What codec "multiscale" says of the children of a cloud's finest levels, in patches for a network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from octavox import codec
from octavox.codec.cloud.morton import distinct, morton_encode
from octavox.codec.codecs.geometry.multiscale.codec import CODEC
from octavox.codec.codecs.geometry.octree.learning import NETWORK_LEARNING
from octavox.codec.codecs.geometry.octree.levels import raster_to_coords
from octavox.codec.codecs.geometry.octree.params import table_bits_for
from octavox.codec.codecs.geometry.octree.slice_coder import (
    SliceJob,
    SliceSettings,
    TracedLevel,
    encode_slice,
)
from octavox.codec.codecs.geometry.octree.walk import DIRECT, IMPLIED, NOT_CODED
from octavox.codec.training.clouds import TrainingCloud

LEVELS = 2  # the finest one, and the one above it
SURE = 5.0  # nat: the network leaves children of which the codec is surer as they are
AROUND_REACH, BEFORE_REACH = 3, 4
MARGIN = 4  # nodes around a patch that its convolutions see
UNIT = 256  # of the codec's logits, in a nat

Ints = npt.NDArray[np.int64]


def _box(reach: int) -> Ints:
    axis = np.arange(-reach, reach + 1)
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


AROUND, NEAR = _box(AROUND_REACH), _box(1)
BEFORE = _box(BEFORE_REACH)[: (2 * BEFORE_REACH + 1) ** 3 // 2]
_CHILDREN = np.stack(np.unravel_index(np.arange(8), (2, 2, 2)), 1)


@dataclass(frozen=True)
class CodedLevel:
    """One level of a cloud. nodes: (n, 3) int16, sorted by x. trace: (n, 8) int16, see `walk`.

    occupied: (n, 8) bool children. below: 0 for the finest level.
    """

    nodes: npt.NDArray[np.int16]
    trace: npt.NDArray[np.int16]
    occupied: npt.NDArray[np.bool_]
    below: int

    @property
    def logit(self) -> npt.NDArray[np.float32]:
        """(n, 8) the codec's, in nat; 0 where `coded` is not."""
        return np.asarray(np.where(self.coded, (self.trace >> 1) / UNIT, 0), np.float32)

    @property
    def coded(self) -> npt.NDArray[np.bool_]:
        """(n, 8) the children that took a decision."""
        return (self.trace != NOT_CODED) & (self.trace != IMPLIED) & (self.trace != DIRECT)


@dataclass(frozen=True)
class CodedCloud:
    """levels: the finest first. bits: of the whole stream's payload. points: of the cloud."""

    name: str
    points: int
    bits: float
    levels: list[CodedLevel]


def coded_cloud(cloud: TrainingCloud) -> CodedCloud:
    """Codes a cloud as codec "multiscale" does by default, in one slice."""
    codes = distinct(np.sort(morton_encode(cloud.coords.astype(np.int64), cloud.depth)))
    settings = SliceSettings(cloud.depth, table_bits_for(len(codes), True), NETWORK_LEARNING)
    network = CODEC.network(codec.CodecOptions())
    assert network is not None  # codec "multiscale" has one
    traced = tuple(TracedLevel(below=below) for below in range(LEVELS))
    job = SliceJob(0, lambda *_: None, network.predictor(False), traced)
    size = len(encode_slice(codes, settings, job).payload)
    levels = [_coded_level(codes, cloud.depth, level) for level in traced]
    return CodedCloud(cloud.name, len(codes), 8.0 * size, levels)


def _coded_level(codes: Ints, depth: int, traced: TracedLevel) -> CodedLevel:
    """codes: of the cloud's voxels."""
    nodes, below = raster_to_coords(traced.nodes.key), traced.below
    voxels = distinct(codes >> 3 * below) if below else codes
    child = (2 * nodes.astype(np.int64)[:, None] + _CHILDREN).reshape(-1, 3)
    at = morton_encode(child, depth - below)
    found = np.minimum(np.searchsorted(voxels, at), len(voxels) - 1)
    occupied = (voxels[found] == at).reshape(-1, 8)
    return CodedLevel(nodes.astype(np.int16), traced.trace.reshape(-1, 8), occupied, below)


def write_coded(folder: Path, cloud: CodedCloud) -> None:
    """Keeps a coded cloud in a file."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"of": np.array([cloud.points, cloud.bits])}
    for level in cloud.levels:
        arrays[f"nodes{level.below}"], arrays[f"trace{level.below}"] = level.nodes, level.trace
        arrays[f"occupied{level.below}"] = np.packbits(level.occupied, 1)
    part = folder / f"{cloud.name}.part.npz"
    np.savez(part, allow_pickle=False, **arrays)
    part.replace(folder / f"{cloud.name}.npz")


def read_coded(path: Path) -> CodedCloud:
    """Inverse of `write_coded`."""
    with np.load(path) as held:
        points, bits = held["of"]
        levels = [
            CodedLevel(
                held[f"nodes{k}"], held[f"trace{k}"], np.unpackbits(held[f"occupied{k}"], 1).astype(bool), k
            )
            for k in range(LEVELS)
        ]
    return CodedCloud(path.stem, int(points), float(bits), levels)


@dataclass(frozen=True)
class Patch:
    """Nodes of a cube with what lies around it, and the children of the cube that the network looks at.

    around: (n, 343) float32; near: (n, 27) int32 as in LevelBatch. Of the m children, sorted by octant: node
    (m,), each (8,) how many of each octant, before (m, 364) uint8, logit (m,) and bit (m,) float32.
    """

    below: int
    around: torch.Tensor
    near: torch.Tensor
    node: torch.Tensor
    each: list[int]
    before: torch.Tensor
    logit: torch.Tensor
    bit: torch.Tensor

    def to(self, device: str) -> Patch:
        """The same on a device."""
        names = ("around", "near", "node", "before", "logit", "bit")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})


def patch_of(level: CodedLevel, low: Ints, edge: int) -> Patch | None:
    """The patch of the nodes in a cube, which begins at `low`; None where there is nothing to learn."""
    reach = MARGIN + max(AROUND_REACH, BEFORE_REACH)
    first, last = np.searchsorted(level.nodes[:, 0], [low[0] - reach, low[0] + edge + reach])
    own = level.nodes[first:last].astype(np.int64) - low
    inside = ((own >= -reach) & (own < edge + reach)).all(1)
    rows, own = first + np.flatnonzero(inside), own[inside] + reach
    width = edge + 2 * reach
    grid = np.zeros((width + 2 * reach,) * 3, np.int32)
    full = np.zeros((2 * (width + 2 * reach),) * 3, np.uint8)
    place = own + reach  # so that every window lies within the grids
    seen = ((own >= reach - MARGIN) & (own < edge + reach + MARGIN)).all(1)
    there = np.zeros((width + 2 * reach,) * 3, np.float32)
    there[tuple(place.T)] = 1
    grid[tuple(place[seen].T)] = np.arange(1, seen.sum() + 1)
    children = (2 * place[:, None] + _CHILDREN)[level.occupied[rows]]
    full[tuple(children.T)] = 1
    place, rows, own = place[seen], rows[seen], own[seen]
    cell = _flat(place, grid.shape[0])
    around = there.reshape(-1)[cell[:, None] + _flat(AROUND, grid.shape[0])]
    near = grid.reshape(-1)[cell[:, None] + _flat(NEAR, grid.shape[0])]
    core: npt.NDArray[np.bool_] = np.all((own >= reach) & (own < edge + reach), axis=1)
    logit = level.logit[rows]
    wanted = level.coded[rows] & (np.abs(logit) < SURE) & core[:, None]
    octant, node = np.nonzero(wanted.T)
    if not len(node):
        return None
    child = _flat(2 * place[node] + _CHILDREN[octant], full.shape[0])
    before = full.reshape(-1)[child[:, None] + _flat(BEFORE, full.shape[0])]
    return Patch(
        level.below,
        torch.from_numpy(around),
        torch.from_numpy(near),
        torch.from_numpy(node),
        np.bincount(octant, minlength=8).tolist(),
        torch.from_numpy(before),
        torch.from_numpy(logit[node, octant]),
        torch.from_numpy(level.occupied[rows][node, octant].astype(np.float32)),
    )


def _flat(cells: Ints, width: int) -> Ints:
    return np.asarray((cells[..., 0] * width + cells[..., 1]) * width + cells[..., 2], np.int64)


def random_patch(level: CodedLevel, edge: int, dice: np.random.Generator) -> Patch | None:
    """A patch around a random node."""
    middle = level.nodes[dice.integers(len(level.nodes))].astype(np.int64)
    return patch_of(level, middle - dice.integers(edge // 4, 3 * edge // 4, 3), edge)


def tiles(level: CodedLevel, edge: int) -> list[Ints]:
    """The corners of all cubes of a grid that hold nodes."""
    return list(np.unique(level.nodes.astype(np.int64) // edge, axis=0) * edge)


def codec_bits(level: CodedLevel, below: float = np.inf) -> float:
    """What the codec takes for the children of a level. below: nat; logits beyond it are left out."""
    logit, wanted = level.logit, level.coded
    signed = np.where(level.occupied, -logit, logit)[wanted & (np.abs(logit) < below)]
    return float(np.logaddexp(0, signed.astype(np.float64)).sum() / np.log(2))
