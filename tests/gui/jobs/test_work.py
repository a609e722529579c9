"""The work of the jobs: which bitstreams belong to a cloud."""

from __future__ import annotations

import numpy as np
from windows import sphere

from octavox import codec
from octavox.codec import VoxelCloud
from octavox.gui.document.overlap import overlap_of


def test_what_two_versions_of_a_cloud_do_not_share() -> None:
    cloud = sphere()
    same = overlap_of(cloud, sphere())
    assert same is not None and same.same
    changed = overlap_of(cloud, VoxelCloud(cloud.coords[3:], cloud.depth))
    assert changed is not None and not changed.same
    assert np.flatnonzero(changed.only_a).tolist() == [0, 1, 2]
    assert not changed.only_b.any()


def test_clouds_of_another_grid_or_mostly_other_voxels_are_no_versions() -> None:
    cloud = sphere()
    moved = VoxelCloud(cloud.coords, cloud.depth, codec.Transform((1.0, 0.0, 0.0), 1.0))
    assert overlap_of(cloud, moved) is None
    assert overlap_of(cloud, VoxelCloud(cloud.coords, cloud.depth + 1)) is None
    assert overlap_of(cloud, VoxelCloud(cloud.coords[: len(cloud) // 3], cloud.depth)) is None


def test_of_guessed_levels_the_nodes_above_count() -> None:
    """Few voxels need be the same where levels are guessed."""
    cloud = sphere()
    guesses = VoxelCloud.from_coords(cloud.coords ^ 1, cloud.transform, cloud.depth)
    assert overlap_of(cloud, guesses) is None
    found = overlap_of(cloud, guesses, 1)
    assert found is not None and found.only_a.sum() > len(cloud) / 2
    far = VoxelCloud.from_coords(cloud.coords ^ 32, cloud.transform, cloud.depth)
    assert overlap_of(cloud, far, 1) is None
