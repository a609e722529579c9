"""The codec "multiscale" (id 3): codec "octree" with a network's foresight as one more input of its mixers.

Stream: as of codec "octree", with the weights' id. docs/multiscale-codec.md specifies it.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from resources import FOLDER

from ..errors import WeightsError
from ..models.devices import check_device, pick_device
from ..models.multiscale_weights import MultiscaleWeights, load_multiscale
from ..octree.codec import Network, OctreeCodec
from ..types import CodecOptions
from .network import CompiledMultiscale

WEIGHTS_FILE = "multiscale.safetensors"

_networks: dict[tuple[str, str], Network] = {}
_lock = Lock()


def network(options: CodecOptions) -> Network:
    """The network that `options` ask for, loaded once for each file and device.

    Raises WeightsError, InputError.
    """
    check_device(options.device)
    # "auto" is the CPU: its trunk is ready before the coding loop needs it, and torch need not be loaded.
    device = pick_device(options.device) if options.device != "auto" else "cpu"
    path = Path(options.weights) if options.weights else FOLDER / "weights" / WEIGHTS_FILE
    if not path.exists():
        raise WeightsError(
            "multiscale weights are missing; give a file with --weights, or use --codec octree", path=path
        )
    key = (f"{path.resolve()}:{path.stat().st_mtime_ns}", device)
    with _lock:
        if key not in _networks:
            _networks[key] = network_on(load_multiscale(path), device)
        return _networks[key]


def network_on(weights: MultiscaleWeights, device: str) -> Network:
    """The implementation for a device: compiled loops on a CPU; elsewhere the trunk in torch."""
    if device == "cpu":
        return CompiledMultiscale(weights)
    from .device import DeviceMultiscale

    return DeviceMultiscale(weights, device)


class MultiscaleCodec(OctreeCodec):
    """See GeometryCodec."""

    name = "multiscale"
    id = 3
    shared_from = None  # the network's trunk keeps a second processor busy

    def network(self, options: CodecOptions) -> Network:
        return network(options)


CODEC = MultiscaleCodec()
