"""Which properties compressing leaves out, as names in the option "drop"."""

from __future__ import annotations

from dataclasses import replace

from octavox.codec import CloudOptions, PointCloud

ALL = "*"  # stands for every property
SEPARATOR = ","


def left_out(kept: CloudOptions, cloud: PointCloud) -> set[str]:
    """The properties of a cloud that compressing leaves out."""
    names = {name.strip() for name in (kept.drop or "").split(SEPARATOR) if name.strip()}
    return set(cloud.attributes) if names == {ALL} else names & set(cloud.attributes)


def with_stored(kept: CloudOptions, cloud: PointCloud, names: set[str], stored: bool) -> CloudOptions:
    """The options that store these properties, or leave them out."""
    out = left_out(kept, cloud)
    out = out - names if stored else out | names
    if out and out == set(cloud.attributes):
        return replace(kept, drop=ALL)
    in_order = [name for name in cloud.attributes if name in out]
    return replace(kept, drop=SEPARATOR.join(in_order) or None)
