"""Octavox: see, compress and keep 3D point clouds.

    import octavox as ov

    ov.save_stream("cloud.ovx", ov.encode("cloud.ply").data)
    ov.write_cloud("back.ply", ov.decode("cloud.ovx").cloud)

The names are those of `octavox.codec`. They load on first use, so the import takes milliseconds.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

# In a checkout codec/, gui/ and resources/ lie beside this folder; in an installation, inside it.
if not Path(__path__[0], "codec").is_dir():
    __path__.append(str(Path(__path__[0]).resolve().parent))

from octavox import codec as _codec

__version__ = _codec.__version__
__all__ = list(_codec.__all__)

if TYPE_CHECKING:
    from octavox.codec import *  # noqa: F403


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(_codec, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
