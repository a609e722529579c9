"""The coding loop and its predictors: compiled once for all processes, and strangers to each other."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sample_clouds import ROOT, make_sphere

from octavox.codec.cloud.morton import morton_encode
from octavox.codec.codecs.geometry.octree.learning import Learning
from octavox.codec.codecs.geometry.octree.levels import Nodes
from octavox.codec.codecs.geometry.octree.mixing import Mixing, new_mixing
from octavox.codec.codecs.geometry.octree.neighbours import NeighbourSearch
from octavox.codec.codecs.geometry.octree.slice_coder import (
    SliceJob,
    SliceSettings,
    decode_slice,
    encode_slice,
)
from octavox.codec.codecs.geometry.octree.walk import PART_BITS, make_walk
from octavox.codec.coding.kernels.jit import inlined, njit, with_functions

CODE = """
import json, sys
import numpy as np
from octavox import codec
cloud = codec.VoxelCloud(np.array([[0, 0, 0], [1, 1, 1]], np.int32), 3)
for name in sys.argv[1:]:
    options = codec.CodecOptions(codec=name)
    codec.decode(codec.encode(cloud, options=options).data, options=options)
from octavox.codec.codecs.geometry.octree.walk import walk_alone
loops = [walk_alone]
if "multiscale" in sys.argv:
    from octavox.codec.codecs.geometry.multiscale.predictor import walk_with_head
    loops.append(walk_with_head)
compiled = [sum(loop.stats.cache_misses.values()) for loop in loops]
print(json.dumps({"compiled": compiled, "modules": sorted(sys.modules)}))
"""


def run(*names: str) -> dict[str, Any]:
    """A process that uses these codecs: how often it compiled their loops, and what it imported."""
    command = [sys.executable, "-c", CODE, *names]
    done = subprocess.run(command, cwd=ROOT, check=True, timeout=280, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.slow
def test_a_second_process_compiles_nothing() -> None:
    run("octree", "multiscale")  # compiles what no process has used yet
    assert run("multiscale", "octree")["compiled"] == [0, 0]
    alone = run("octree")
    assert alone["compiled"] == [0]
    networks = ("octavox.codec.models.multiscale", "octavox.codec.codecs.geometry.multiscale", "torch")
    assert [name for name in alone["modules"] if name.startswith(networks)] == []


@inlined
def _begin(prior: Any, bit: int, node: int, octant: int, before: int, near: int) -> None:
    prior[8 * node + octant] += 1


@inlined
def _logit(prior: Any, bit: int, octant: int, row: int) -> int:
    return np.int64(400 if row & 2 else -400)


class RowPredictor:
    """Predicts that a voxel is as the one before it in its row, and counts how often it began a child."""

    def __init__(self) -> None:
        self.walk = make_walk("test", _begin, _logit)
        self.begun: list[np.ndarray] = []
        self.search: NeighbourSearch | None = None

    def mixing(self, table_bits: int, learning: Learning) -> Mixing:
        return new_mixing(table_bits, PART_BITS, True, learning)

    def level(self, below: int, nodes: Nodes, neighbours: NeighbourSearch) -> np.ndarray:
        self.search = neighbours
        self.begun.append(np.zeros(8 * len(nodes.key), np.int64))
        return self.begun[-1]

    def ensure(self, nodes: int) -> None:
        assert self.search is not None
        self.search.until(nodes)

    def close(self) -> None:
        self.search = None


def test_any_predictor_may_come_in_from_outside() -> None:
    cloud = make_sphere(6, 22.0)
    codes, settings = morton_encode(cloud.coords, cloud.depth), SliceSettings(cloud.depth, 12)
    own, other = RowPredictor(), RowPredictor()
    payload = encode_slice(codes, settings, SliceJob(0, lambda *news: None, own)).payload
    found, _ = decode_slice(payload, len(codes), settings, SliceJob(0, lambda *news: None, other))
    assert np.array_equal(found, codes)
    assert len(own.begun) == cloud.depth
    assert all((counts == 1).all() for counts in [*own.begun, *other.begun])  # every child, once
    alone = encode_slice(codes, settings, SliceJob(0, lambda *news: None)).payload
    assert payload != alone


def _three() -> int:
    return 3


def _twice() -> int:
    return 2 * _three()


def test_a_copy_calls_other_functions_and_the_original_does_not() -> None:
    def four() -> int:
        return 4

    assert with_functions(_twice, "four", _three=four)() == 8
    assert njit(with_functions(_twice, "compiled", _three=njit(four)))() == 8
    assert _twice() == 6
