"""The network that a job runs on: weights and device, loaded once for each pair."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from resources import FOLDER

from ..errors import WeightsError
from ..models.devices import pick_device
from ..models.weights import VoxelDNNWeights, load_weights
from ..types import CodecOptions
from .costs import BackgroundCosts
from .network import Network

WEIGHTS_FILE = "voxeldnn.safetensors"


@dataclass(frozen=True)
class Engine:
    """A network on a device, with the tables derived from it."""

    net: Network
    background: BackgroundCosts


_engines: dict[tuple[str, str], Engine] = {}
_lock = Lock()


def weights_path(options: CodecOptions) -> Path:
    """The weights file that `options` ask for: theirs, or the shipped one."""
    return Path(options.weights) if options.weights else FOLDER / "weights" / WEIGHTS_FILE


def engine(options: CodecOptions) -> Engine:
    """Loads the network, once for each weights file and device. Raises WeightsError, InputError."""
    device = pick_device(options.device)
    path = weights_path(options)
    if not path.exists():
        raise WeightsError(
            "VoxelDNN weights are missing; give a file with --weights, or use --codec octree",
            path=path,
        )
    key = (f"{path.resolve()}:{path.stat().st_mtime_ns}", device)
    with _lock:
        if key not in _engines:
            net = network(load_weights(path), device)
            _engines[key] = Engine(net, BackgroundCosts.of(net.background_logits))
        return _engines[key]


def network(weights: VoxelDNNWeights, device: str) -> Network:
    """The implementation for a device: compiled loops on a CPU; elsewhere matrix products, by torch."""
    if device == "cpu":
        from .compiled import CompiledVoxelDNN

        return CompiledVoxelDNN(weights)
    from .device import DeviceVoxelDNN

    return DeviceVoxelDNN(weights, device)
