"""Which voxels are near, and which of their faces are open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from windows import sphere

from octavox.codec import VoxelCloud, morton_encode
from octavox.gui.document import near
from octavox.gui.document.camera import Camera
from octavox.gui.document.display import coarse, flat

SIZE = (640, 480)


def cloud(*voxels: tuple[int, int, int], depth: int = 6) -> VoxelCloud:
    coords = np.array(voxels, np.int32).reshape(-1, 3)
    return VoxelCloud(coords[np.argsort(morton_encode(coords))], depth)


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("distance", [8.0, 40.0, 150.0, 5000.0])
@pytest.mark.parametrize("azimuth", [0.0, 35.0, 170.0])
def test_every_voxel_in_the_view_within_reach_is_in_a_near_cell(azimuth, distance, parallel) -> None:
    display = flat(sphere())
    camera = Camera((32, 32, 32), distance, azimuth, 20.0, parallel=parallel)
    cells, reach = near.near_cells(display, camera, SIZE)
    rows = np.concatenate([np.arange(c.first, c.end) for c in cells] or [np.empty(0, int)])
    assert len(np.unique(rows)) == len(rows)  # no voxel twice
    assert [c.near for c in cells] == sorted(c.near for c in cells)
    seen = camera.project(display.cloud.coords + 0.5, *SIZE)
    inside = (np.abs(seen[:, :2] / SIZE - 0.5) <= 0.5).all(axis=1) & (seen[:, 2] > 0)
    wanted = np.flatnonzero(inside & (seen[:, 2] < reach))
    assert np.isin(wanted, rows).all()
    big = camera.scale(SIZE[1]) / (1 if parallel else seen[:, 2]) >= near.LEAST_PIXELS
    assert np.isin(np.flatnonzero(inside & big), rows).all()  # those that look large
    assert bool(len(rows)) == bool((inside & big).any())


def test_only_so_many_voxels_become_cubes_and_the_reach_says_which(monkeypatch) -> None:
    display, camera = flat(sphere()), Camera((32, 32, 32), 60.0)
    _, whole = near.near_cells(display, camera, SIZE)
    monkeypatch.setattr(near, "MOST_CUBES", 1_000)
    monkeypatch.setattr(near, "CELL_VOXELS", 100)
    cells, reach = near.near_cells(display, camera, SIZE)
    rows = np.concatenate([np.arange(c.first, c.end) for c in cells])
    assert 0 < len(rows) <= 1_000 and reach < whole
    seen = camera.project(display.cloud.coords + 0.5, *SIZE)
    inside = (np.abs(seen[:, :2] / SIZE - 0.5) <= 0.5).all(axis=1)
    assert np.isin(np.flatnonzero(inside & (seen[:, 2] < reach)), rows).all()


def test_faces_between_drawn_voxels_are_left_out() -> None:
    display = flat(cloud((5, 5, 5), (6, 5, 5), (5, 5, 9)))
    rows = np.arange(3)
    assert len(near.open_faces(display, rows, None).voxel) == 3 * 6 - 2
    alone = near.open_faces(display, rows[:1], lambda r: r == 0)  # its neighbour is not drawn
    assert len(alone.voxel) == 6
    corners = alone.corners.reshape(6, 4, 3)
    assert corners.min(axis=(0, 1)).tolist() == [5, 5, 5] and corners.max(axis=(0, 1)).tolist() == [6, 6, 6]
    outside = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    away = corners.mean(axis=1) - 5.5
    assert ((outside * away).sum(axis=1) > 0).all()  # or the back of a face would be seen
    assert np.allclose(np.abs(outside).sum(axis=1), 1)


def test_a_voxel_at_the_border_of_the_grid_has_all_its_faces() -> None:
    assert len(near.open_faces(flat(cloud((0, 0, 0), depth=1)), np.arange(1), None).voxel) == 6


def test_cells_of_a_coarse_cloud_are_cubes_of_their_size() -> None:
    display = coarse(cloud((1, 1, 1), (2, 1, 1), depth=4), cloud((0, 0, 0), depth=6), shaded=False)
    faces = near.open_faces(display, np.arange(2), None)
    assert len(faces.voxel) == 10
    assert faces.corners.min(axis=0).tolist() == [4, 4, 4]
    assert faces.corners.max(axis=0).tolist() == [12, 8, 8]
    camera = Camera((6, 6, 6), 60.0)
    assert near.near_cells(display, camera, SIZE)[1] == pytest.approx(
        4 * near.near_cells(replace(display, cell=1), camera, SIZE)[1]
    )
