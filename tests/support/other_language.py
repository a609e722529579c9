"""Which words may be the same in two languages, and how the words of two runs are compared."""

from __future__ import annotations

import re

# Names, and words that are the same in both languages.
ALIKE = {
    *(
        "Analyse",
        "Auto",
        "Standard",
        "Bytes",
        "Codec",
        "Flags",
        "Original",
        "Rate",
        "Renderer",
        "Slice",
        "Slices",
        "System",
        "Zoom",
        "Viridis",
        "Cividis",
    ),
    *("red", "green", "blue"),
    *(
        "Octavox",
        "Block",
        "Octree",
        "VoxelDNN",
        "Hausdorff",
        "bpov",
        "fake",
        "fake s",
        "English",
        "Deutsch",
        "Python",
    ),
    *("numba", "numpy", "open d", "PySide Essentials", "pyvista", "pyvistaqt", "safetensors", "torch", "vtk"),
}
# Versions, hashes, and names of files, columns and types.
VERSION = re.compile(
    r"\d\.\d+\.\d|\.(ply|obj|bin|ovx)|x,y,z|^octree$|^intensity$|^u?(int|float)\d+$|^[0-9a-f]{16}$"
)


def letters(words: str) -> str:
    """Without numbers and marks, which differ from one run to the next."""
    return " ".join(re.sub(r"[^\w\s]|[\d_]", " ", words).split())
