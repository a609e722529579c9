"""Reading and writing point-cloud files."""

from __future__ import annotations

from .ply_write import write_ply
from .reading import read_cloud
from .sampling import read_sample

__all__ = ["read_cloud", "read_sample", "write_ply"]
