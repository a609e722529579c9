"""Small deterministic weights for tests: a network that predicts sensibly enough, and differs by seed."""

from __future__ import annotations

import hashlib

import numpy as np

from octavox.codec.models.weights import SHAPES, QuantizedLayer, VoxelDNNWeights, check_layer


def random_layers(seed: int) -> dict[str, QuantizedLayer]:
    """Layers within the exactness bounds, with activations spread over 0..255 and negative logits."""
    rng = np.random.default_rng([99, seed])
    layers = {}
    for name, (inputs, outputs) in SHAPES.items():
        spread = 40 if name == "first" else 24
        weight = rng.integers(-spread, spread + 1, (inputs, outputs)).astype(np.int8)
        shift = np.full(outputs, {"first": 1, "conv1": 9, "conv2": 9}.get(name, 7), np.uint8)
        bias = rng.integers(-2000, 4000, outputs).astype(np.int32)
        if name == "first":
            bias = rng.integers(0, 200, outputs).astype(np.int32)
        if name == "logit":
            bias = np.full(outputs, -100000, np.int32)
        layers[name] = QuantizedLayer(weight, bias, shift)
        check_layer(name, layers[name])
    return layers


def weights_of(layers: dict[str, QuantizedLayer]) -> VoxelDNNWeights:
    digest = hashlib.sha256(b"".join(layers[n].weight.tobytes() for n in SHAPES)).digest()
    return VoxelDNNWeights(layers, {}, digest[:8])
