"""Clouds from and to `laspy.LasData`, by way of a LAS file in memory: all that LAS holds is kept."""

from __future__ import annotations

import io
from typing import Any

from octavox.codec.cloud.cloud import PointCloud
from octavox.codec.errors import InputError
from octavox.codec.formats.las import write
from octavox.codec.formats.reading import read_cloud
from octavox.codec.formats.registry import WriteOptions
from octavox.codec.job import JobContext
from octavox.codec.optional import optional_package

from .properties import warn_dropped


def from_laspy(given: Any) -> PointCloud:
    """See `PointCloud.from_laspy`."""
    if not hasattr(given, "write") or not hasattr(given, "header"):
        raise InputError(f"no LAS data of laspy: {type(given).__name__}", field="las")
    file = io.BytesIO()
    given.write(file, do_compress=False)
    cloud = read_cloud(file.getvalue())
    cloud.source = None
    return cloud


def to_laspy(cloud: PointCloud) -> Any:
    """See `PointCloud.to_laspy`."""
    laspy = optional_package("laspy", "LAS data of laspy")
    file = io.BytesIO()
    lost = write(file, cloud, JobContext(), WriteOptions(suffix=".las"))
    file.seek(0)
    foreign = [name for name in cloud.info.beside if name != "header of LAS"]
    warn_dropped([*lost, *foreign], "LAS")
    return laspy.read(file)
