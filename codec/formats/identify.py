"""What a file that is no point cloud seems to be, by its first bytes: for messages."""

from __future__ import annotations

_MAGIC = (
    (b"\x89OVX", "an Octavox bitstream"),
    (b"ply", "a PLY file"),
    (b"# .PCD", "a PCD file"),
    (b"LASF", "a LAS or LAZ file"),
    (b"ASTM-E57", "an E57 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"glTF", "a binary glTF scene"),
    (b"DRACO", "a Draco file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "a gzipped file"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"#ROSBAG", "a ROS bag"),
    (b"\x89MCAP", "an MCAP recording"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"Kaydara FBX", "an FBX scene"),
    (b"BLENDER", "a Blender scene"),
    (b"solid ", "an STL mesh"),
    (b"OFF", "an OFF mesh"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
    (b"PAR1", "a Parquet table"),
    (b"\xff\xfe", "text in UTF-16"),
    (b"\xfe\xff", "text in UTF-16"),
)
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\r\f\v\x1b")


def seems(head: bytes) -> str:
    """What a file that begins with these bytes seems to be, with an article; "" if nothing is known."""
    for magic, words in _MAGIC:
        if head.startswith(magic):
            return words
    if head[257:262] == b"ustar":
        return "a tar archive"
    if head.startswith(b"{") and b'"asset"' in head:
        return "a glTF scene"
    if head.lstrip().startswith((b"{", b"[")):
        return "JSON text"
    if head and not _CONTROL & set(head):
        return "text"
    return ""
