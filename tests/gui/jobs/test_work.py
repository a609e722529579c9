"""The work of the jobs: the certificate."""

from __future__ import annotations

from windows import sphere

from octavox import codec
from octavox.codec import VoxelCloud
from octavox.gui.jobs.work import certify


def test_certificate_counts_what_is_missing_and_extra() -> None:
    cloud = sphere()
    assert certify(cloud, sphere(), b"").identical
    other = VoxelCloud(cloud.coords[3:], cloud.depth)
    changed = certify(cloud, other, b"")
    assert (changed.identical, changed.missing, changed.extra) == (False, 3, 0)
    assert changed.sha256_original != changed.sha256_decoded
    assert certify(other, cloud, b"").extra == 3


def test_the_same_voxels_on_another_grid_are_not_identical() -> None:
    cloud = sphere()
    moved = VoxelCloud(cloud.coords, cloud.depth, codec.Transform((1.0, 0.0, 0.0), 1.0))
    outcome = certify(cloud, moved, b"")
    assert not outcome.identical
    assert outcome.notes
