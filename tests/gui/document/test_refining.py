"""Which levels of a bitstream a view needs: as fine as pixels and budget allow, and no node twice."""

from __future__ import annotations

import numpy as np
import pytest

from octavox import codec
from octavox.codec import CancelToken, CodecOptions, morton_decode, morton_encode
from octavox.gui.document import refining
from octavox.gui.document.camera import Camera
from octavox.gui.document.proportions import Proportions
from octavox.gui.document.refining import Refining, gathered, missing_slices, refined, wanted_levels

DEPTH, LEVEL = 8, 4
SIZE, PLAIN = (600, 400), Proportions()
COORDS = np.stack(np.meshgrid(np.arange(256), np.arange(256), [9], indexing="ij"), -1).reshape(-1, 3)
CODES = np.sort(morton_encode(COORDS))


class Parts:
    """Two slices of a plane, of which nodes are known without a decoder. asked: what was decoded."""

    name, depth, coded, room = "plane", DEPTH, DEPTH, 1 << 20
    transform, coordinate_type = codec.Transform(), "int"

    def __init__(self) -> None:
        self.slices = [CODES[: len(CODES) // 2], CODES[len(CODES) // 2 :]]
        self.points = np.array([len(one) for one in self.slices])
        self.known = [LEVEL, LEVEL]

    def __len__(self) -> int:
        return 2

    def nodes(self, numbers, level, options, cancel=None):
        for k in numbers:
            self.known[k] = max(self.known[k], level)
        return [codec.coarser(self.slices[k], DEPTH - level) for k in numbers]

    def known_level(self, number: int) -> int:
        return self.known[number]

    def knows(self, number: int, level: int) -> bool:
        return self.known[number] >= level

    def counted(self, number: int, level: int) -> float:
        return float(len(codec.coarser(self.slices[number], DEPTH - level)))


@pytest.fixture
def known() -> Refining:
    return Refining.of(Parts(), CodecOptions(), LEVEL, CancelToken())


def from_above(x: float, y: float, distance: float) -> Camera:
    return Camera(center=(x, y, 9.5), distance=distance, azimuth=0.0, elevation=89.0)


def test_from_afar_nothing_finer_is_wanted(known) -> None:
    levels = wanted_levels(known, from_above(128, 128, 1e6), SIZE, PLAIN, 100_000)
    assert (levels == LEVEL).all() and not missing_slices(known, levels)


def test_from_near_voxels_are_wanted_of_what_is_seen_alone(known) -> None:
    levels = wanted_levels(known, from_above(40, 40, 60), SIZE, PLAIN, 100_000)
    assert levels.max() == DEPTH and levels.min() == LEVEL
    places = (morton_decode(known.nodes) + 0.5) * (1 << DEPTH - LEVEL)
    near = np.hypot(places[:, 0] - 40, places[:, 1] - 40) < 8
    assert (levels[near] == DEPTH).all()
    assert missing_slices(known, levels) == [(0, DEPTH)]


@pytest.mark.parametrize("budget", [300, 1_000, 5_000, 70_000])
def test_the_budget_holds(known, budget) -> None:
    levels = wanted_levels(known, from_above(128, 128, 300), SIZE, PLAIN, budget)
    for number, level in missing_slices(known, levels):
        known.parts.nodes([number], level, known.options)
    codes, _ = gathered(known, levels, CancelToken())
    assert len(codes) <= budget
    assert len(codes) > budget / 8


def test_what_is_not_decoded_yet_is_shown_as_it_is_known(known) -> None:
    levels = np.full(len(known.nodes), DEPTH, np.uint8)
    codes, found = gathered(known, levels, CancelToken())
    assert (found == LEVEL).all() and len(codes) == len(np.unique(known.nodes))
    known.parts.nodes([1], DEPTH, known.options)
    codes, found = gathered(known, levels, CancelToken())
    assert sorted(np.unique(found)) == [LEVEL, DEPTH]
    assert (codes[found == DEPTH] == known.parts.slices[1]).all()


def test_cells_are_drawn_in_their_middles_and_have_their_sizes(known) -> None:
    levels = np.where(known.owner == 0, DEPTH, LEVEL + 1).astype(np.uint8)
    known.parts.nodes([0], DEPTH, known.options)
    known.parts.nodes([1], LEVEL + 1, known.options)
    codes, found = gathered(known, levels, CancelToken())
    display = refined(known, codes, found)
    assert display.cell == 1 and display.shaded.is_set()
    edges = display.cells(np.arange(len(display)))
    assert sorted(np.unique(edges)) == [1, 8]
    positions = np.empty((len(display), 3))
    positions[display.points.place] = display.points.positions
    coarse = edges == 8
    assert (positions[~coarse] == display.cloud.coords[~coarse] + 0.5).all()
    assert (positions[coarse] % 8 == 4).all()
    assert (edges**2).sum() == 256 * 256  # together they cover the plane once


def test_codes_of_the_cache_limit_how_fine_it_gets(known, monkeypatch) -> None:
    monkeypatch.setattr(Parts, "room", 2_000)
    levels = wanted_levels(known, from_above(40, 40, 60), SIZE, PLAIN, 100_000)
    assert refining._kept(known, levels) <= 2_000
