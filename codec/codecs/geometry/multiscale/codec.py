"""The codec "multiscale" (id 3): codec "octree" with a network's logit as one more input of its mixers.

A stream is one of codec "octree" that names the weights. docs/multiscale-codec.md specifies it.
"""

from __future__ import annotations

from pathlib import Path

from octavox.codec.codecs.geometry.octree.codec import OctreeCodec
from octavox.codec.codecs.geometry.octree.predictor import Network
from octavox.codec.codecs.networks import Networks
from octavox.codec.models.devices import check_device, pick_device
from octavox.codec.models.multiscale_weights import load_multiscale
from octavox.codec.options import CodecOptions

from .network import CompiledMultiscale

WEIGHTS_FILE = "multiscale.safetensors"


def _load(path: Path, device: str) -> Network:
    """The network: compiled loops on a CPU; on other devices torch computes the trunk."""
    weights = load_multiscale(path)
    if device == "cpu":
        return CompiledMultiscale(weights)
    from .device import DeviceMultiscale

    return DeviceMultiscale(weights, device)


_NETWORKS = Networks("multiscale", WEIGHTS_FILE, _load)


class MultiscaleCodec(OctreeCodec):
    """See GeometryCodec."""

    name = "multiscale"
    id = 3
    shared_from = None  # the network's trunk keeps a second processor busy

    def network(self, options: CodecOptions) -> Network:
        """Loaded once for each file and device. Raises WeightsError, InputError."""
        check_device(options.device)
        # "auto" is the CPU: its trunk is ready before the coding loop needs it, and torch need not be loaded.
        device = pick_device(options.device) if options.device != "auto" else "cpu"
        return _NETWORKS.on(device, options)


CODEC = MultiscaleCodec()
