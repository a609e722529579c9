"""The networks that jobs use: loaded once for each pair of weights file and device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from octavox.codec.codecs.networks import Networks
from octavox.codec.models.devices import pick_device
from octavox.codec.models.weights import load_weights
from octavox.codec.options import CodecOptions

from .costs import BackgroundCosts
from .network import Network

WEIGHTS_FILE = "voxeldnn.safetensors"


@dataclass(frozen=True)
class Engine:
    """A network on a device, with the tables derived from it."""

    net: Network
    background: BackgroundCosts


def _load(path: Path, device: str) -> Engine:
    """The network: compiled loops on a CPU; on other devices matrix products by torch."""
    weights = load_weights(path)
    net: Network
    if device == "cpu":
        from .compiled import CompiledVoxelDNN

        net = CompiledVoxelDNN(weights)
    else:
        from .device import DeviceVoxelDNN

        net = DeviceVoxelDNN(weights, device)
    return Engine(net, BackgroundCosts.of(net.background_logits))


_ENGINES = Networks("VoxelDNN", WEIGHTS_FILE, _load)


def weights_path(options: CodecOptions) -> Path:
    """The weights file that `options` name, or the shipped one."""
    return _ENGINES.path(options)


def engine(options: CodecOptions) -> Engine:
    """Loads the network, once for each weights file and device. Raises WeightsError, InputError."""
    return _ENGINES.on(pick_device(options.device), options)
