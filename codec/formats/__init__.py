"""Reading and writing point-cloud files."""

from __future__ import annotations

from .ply_write import write_ply
from .reading import read_cloud, read_sample
from .registry import ReadOptions, WriteOptions, cloud_suffixes
from .writing import write_cloud

__all__ = [
    "ReadOptions",
    "WriteOptions",
    "cloud_suffixes",
    "read_cloud",
    "read_sample",
    "write_cloud",
    "write_ply",
]
