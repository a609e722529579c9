"""The geometry codecs by name and by permanent id."""

from __future__ import annotations

import importlib

from octavox.codec.errors import InputError, UnsupportedStreamError

from .interface import GeometryCodec

# Permanent: an id is never used again for another format. Modules load on first use.
_CODECS: dict[str, tuple[int, str]] = {
    "octree": (1, "geometry.octree.codec"),
    "voxeldnn": (2, "geometry.voxeldnn.codec"),
    "multiscale": (3, "geometry.multiscale.codec"),
}


def codec_names() -> tuple[str, ...]:
    """Names that `get_codec` takes."""
    return tuple(_CODECS)


def codec_name(codec_id: int) -> str | None:
    """Name of the codec with that permanent id, or None; loads nothing."""
    return next((name for name, (known, _) in _CODECS.items() if known == codec_id), None)


def get_codec(name: str) -> GeometryCodec:
    """The codec called `name`; InputError if there is none."""
    if name not in _CODECS:
        raise InputError(f"unknown codec '{name}'; known: {', '.join(_CODECS)}", field="codec")
    module = importlib.import_module(f"{__package__}.{_CODECS[name][1]}")
    codec: GeometryCodec = module.CODEC
    return codec


def get_codec_by_id(codec_id: int) -> GeometryCodec:
    """The codec that wrote a stream; UnsupportedStreamError if this release has none with that id."""
    for name, (known, _) in _CODECS.items():
        if known == codec_id:
            return get_codec(name)
    raise UnsupportedStreamError(f"codec id {codec_id} is not known to this release", field="codec id")
