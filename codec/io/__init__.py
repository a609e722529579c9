"""Reading and writing point-cloud files."""

from __future__ import annotations

from .ply_write import write_ply
from .reading import read_cloud

__all__ = ["read_cloud", "write_ply"]
