"""Point clouds from files, whatever their format."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError
from ..types import PointCloud
from .pcd_read import parse_pcd
from .ply_read import parse_ply
from .text_read import parse_text

OVX_MAGIC = b"\x89OVX"
TEXT_SUFFIXES = (".xyz", ".xyzrgb", ".pts")


def read_cloud(path: str | os.PathLike[str]) -> PointCloud:
    """Reads a point cloud: PLY (ASCII, binary of either byte order), XYZ, XYZRGB, PTS, or PCD (with Open3D).

    Returns positions as stored ((N, 3) float64, or int64 where the file stores integers), colours as
    (N, 3) uint8 if there are any, and the names of what a stream would not keep.
    Raises InputError naming the file, and the field and byte or line of a fault: no such file, a folder,
    no permission, not a point cloud, truncated, a count that the file cannot hold, no x, y or z, a
    coordinate that is not finite.
    """
    file = Path(path)
    data = read_bytes(file)
    suffix = file.suffix.lower()
    if data[:3] == b"ply" or suffix == ".ply":
        return parse_ply(data, file)
    if data[:4] == OVX_MAGIC:
        raise InputError(
            "this is an Octavox bitstream, not a point cloud; decode it first", path=file, byte=0
        )
    if not data:
        raise InputError("the file is empty", path=file, byte=0)
    if suffix in TEXT_SUFFIXES:
        return parse_text(data, file)
    if suffix == ".pcd":
        return parse_pcd(data, file)
    raise InputError(
        f"not a PLY file, and its name ends in none of .pcd, {', '.join(TEXT_SUFFIXES)}",
        path=file,
        field="ply",
        byte=0,
    )


def read_bytes(path: Path) -> bytes:
    """The whole file. InputError for one that is missing, a folder or not permitted."""
    try:
        return path.read_bytes()
    except IsADirectoryError:
        raise InputError("this is a folder, not a file", path=path) from None
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", path=path) from error
