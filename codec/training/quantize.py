"""From trained floats to integers: power-of-two scales, int8 weights per output channel (post-training).

An activation a stands for a * 2**-f with one f for each tensor, so that its largest usual value is near 255;
the residual stream has one f throughout, because its terms are added. Weights of a channel take the largest
power-of-two scale for which they fit int8 and their sums stay below 2**24.
"""

from __future__ import annotations

import numpy as np
import torch

from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.models.weights import EXACT, LOGIT_SCALE_BITS, MAX_ACTIVATION, SHAPES, QuantizedLayer

from .crops import Batch

QUANTILE = 0.99995

INPUT = {
    "first": "window",
    "down1": "stream",
    "conv1": "down1",
    "up1": "conv1",
    "down2": "stream",
    "conv2": "down2",
    "up2": "conv2",
    "head": "stream",
    "logit": "head",
}
OUTPUT = {
    "first": "stream",
    "up1": "stream",
    "up2": "stream",
}  # for every other layer it is the layer's own name


class _TooLarge(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def activation_bits(model: VoxelDNN, batches: list[Batch]) -> dict[str, int]:
    """Fraction bits f of each tensor, from the activations of `batches`."""
    peaks: dict[str, float] = {}

    def note(name: str, value: torch.Tensor) -> torch.Tensor:
        flat = value.detach().float().reshape(-1)
        kept = flat[:: max(1, len(flat) // 2_000_000)]
        peaks[name] = max(peaks.get(name, 0.0), float(np.quantile(kept.cpu().numpy(), QUANTILE)))
        return value

    with torch.no_grad():
        for batch in batches:
            model(batch.window.float(), batch.near, batch.far, activation=note)
    bits = {name: int(np.floor(np.log2(MAX_ACTIVATION / max(p, 1e-6)))) for name, p in peaks.items()}
    return {**bits, "window": 0, "logit": LOGIT_SCALE_BITS}


def quantize_layer(weight: np.ndarray, bias: np.ndarray, f_in: int, f_out: int, peak: int) -> QuantizedLayer:
    """weight (inputs, outputs) and bias (outputs,) in float64 -> integers; f_in, f_out as above.

    Raises ValueError for weights too large for int8 at the scale of the output.
    """
    outputs = weight.shape[1]
    q = np.zeros(weight.shape, np.int8)
    b, shift = np.zeros(outputs, np.int32), np.zeros(outputs, np.uint8)
    for c in range(outputs):
        for k in range(23 + f_out - f_in, f_out - f_in - 1, -1):
            s = f_in + k - f_out
            w = np.round(np.ldexp(weight[:, c], k))
            v = np.round(np.ldexp(bias[c], f_in + k))
            if np.abs(w).max() <= 127 and np.abs(w).sum() * peak + abs(v) + (1 << s >> 1) < EXACT:
                break
        else:
            raise ValueError(f"channel {c} does not fit: weights up to {np.abs(weight[:, c]).max():.3g}")
        q[:, c], b[c], shift[c] = w, v, s
    return QuantizedLayer(q, b, shift)


def quantize(model: VoxelDNN, f: dict[str, int]) -> dict[str, QuantizedLayer]:
    """Post-training quantization with fraction bits f of each tensor, from `activation_bits`.

    Where weights are too large for the scale of their output, that tensor's f is lowered, in place.
    """
    while True:
        try:
            return _quantize(model, f)
        except _TooLarge as layer:
            f[OUTPUT.get(layer.name, layer.name)] -= 1


def _quantize(model: VoxelDNN, f: dict[str, int]) -> dict[str, QuantizedLayer]:
    layers = {}
    for name, (inputs, outputs) in SHAPES.items():
        weight = model.weight[name].detach().cpu().double().numpy().reshape(inputs, outputs)
        bias = model.bias[name].detach().cpu().double().numpy()
        source, target = INPUT[name], OUTPUT.get(name, name)
        peak = 1 if source == "window" else MAX_ACTIVATION
        try:
            layers[name] = quantize_layer(weight, bias, f[source], f[target], peak)
        except ValueError as fault:
            raise _TooLarge(name) from fault
    return layers
