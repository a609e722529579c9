"""The codec "multiscale" (id 3): codec "octree" with a network's foresight as one more input of its mixers.

Stream: as of codec "octree", with the weights' id. docs/multiscale-codec.md specifies it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from resources import FOLDER

from ..errors import InputError, WeightsError
from ..models.multiscale_weights import load_multiscale
from ..octree.codec import OctreeCodec
from ..types import CodecOptions
from .network import CompiledMultiscale

WEIGHTS_FILE = "multiscale.safetensors"

_networks: dict[str, CompiledMultiscale] = {}
_lock = Lock()


def network(options: CodecOptions) -> CompiledMultiscale:
    """The network that `options` ask for, loaded once for each file. Raises WeightsError, InputError."""
    if options.device not in ("auto", "cpu", "cuda"):
        raise InputError(f"unknown device '{options.device}'; known: auto, cpu, cuda", field="device")
    path = Path(options.weights) if options.weights else FOLDER / "weights" / WEIGHTS_FILE
    if not path.exists():
        raise WeightsError(
            "multiscale weights are missing; give a file with --weights, or use --codec octree", path=path
        )
    key = f"{path.resolve()}:{path.stat().st_mtime_ns}"
    with _lock:
        if key not in _networks:
            _networks[key] = CompiledMultiscale(load_multiscale(path))
        return _networks[key]


class MultiscaleCodec(OctreeCodec):
    """See GeometryCodec."""

    name = "multiscale"
    id = 3

    def network(self, options: CodecOptions) -> CompiledMultiscale:
        return network(options)


CODEC = MultiscaleCodec()
