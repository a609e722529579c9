"""Reading and writing point-cloud files."""

from __future__ import annotations

from .ply_write import write_ply
from .reading import read_cloud, read_sample
from .registry import cloud_suffixes

__all__ = ["cloud_suffixes", "read_cloud", "read_sample", "write_ply"]
