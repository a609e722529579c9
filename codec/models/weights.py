"""Quantized VoxelDNN weights: the file, its identity and the checks that make inference exact."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from octavox.codec.arrays import Int8Array, Int32Array, UInt8Array
from octavox.codec.errors import WeightsError

from .sites import KERNEL, WINDOW

ID_BYTES = 8
MAX_ACTIVATION = 255
LOGIT_BIAS = 2048  # a logit is given as a table index: LOGIT_BIAS + 128 * logit, within 0..4095
LOGIT_LEVELS = 4096
LOGIT_SCALE_BITS = 7
EXACT = 1 << 24  # integers below this are exact in float32, in every order of addition

SHAPES: dict[str, tuple[int, int]] = {  # (inputs, outputs); taps in raster order, channels innermost
    "first": (len(WINDOW), 64),
    "down1": (64, 32),
    "conv1": (len(KERNEL) * 32, 32),
    "up1": (32, 64),
    "down2": (64, 32),
    "conv2": (len(KERNEL) * 32, 32),
    "up2": (32, 64),
    "head": (64, 64),
    "logit": (64, 1),
}


@dataclass(frozen=True)
class QuantizedLayer:
    """y = clamp(round((x @ weight + bias) / 2**shift)), halves rounded up.

    weight int8 (inputs, outputs); bias int32 and shift uint8 (outputs,).
    """

    weight: Int8Array
    bias: Int32Array
    shift: UInt8Array


@dataclass(frozen=True)
class VoxelDNNWeights:
    layers: dict[str, QuantizedLayer]
    metadata: dict[str, Any]
    identity: bytes  # first ID_BYTES of the SHA-256 of the file


def check_layer(name: str, layer: QuantizedLayer) -> None:
    """Raises WeightsError unless shapes fit and every partial sum stays below 2**24 (exact in float32)."""
    inputs, outputs = SHAPES[name]
    if layer.weight.shape != (inputs, outputs) or layer.weight.dtype != np.int8:
        found = f"{layer.weight.dtype} {layer.weight.shape}"
        raise WeightsError(f"expected int8 {inputs}x{outputs}, found {found}", field=f"{name}.weight")
    for field, value, dtype in (("bias", layer.bias, np.int32), ("shift", layer.shift, np.uint8)):
        if value.shape != (outputs,) or value.dtype != dtype:
            raise WeightsError(f"expected {np.dtype(dtype)} of {outputs}", field=f"{name}.{field}")
    if (layer.shift > 23).any():
        raise WeightsError("shift above 23", field=f"{name}.shift")
    peak = 1 if name == "first" else MAX_ACTIVATION
    rounding = (1 << layer.shift.astype(np.int64)) >> 1
    bound = np.abs(layer.weight.astype(np.int64)).sum(0) * peak
    bound += np.abs(layer.bias.astype(np.int64)) + rounding
    if (bound >= EXACT).any():
        raise WeightsError(f"sums can reach 2^24 in channel {int(bound.argmax())}", field=f"{name}.weight")


def read_tensors(path: str | Path) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """(tensors, metadata, id) of a .safetensors file. Raises WeightsError when it is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as fault:  # ValueError: a null byte in the name
        reason = getattr(fault, "strerror", None) or fault
        raise WeightsError(
            f"cannot read the weights: {reason}", path=str(path).replace("\0", "\\0")
        ) from None
    try:
        tensors = load(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        metadata = json.loads((header.get("__metadata__") or {}).get("octavox", "{}"))
    except (RecursionError, SafetensorError, ValueError) as fault:
        raise WeightsError(f"not a weights file: {fault}", path=path) from None
    if not isinstance(metadata, dict):
        raise WeightsError("its metadata are no JSON object", path=path, field="octavox")
    return tensors, metadata, hashlib.sha256(data).digest()[:ID_BYTES]


def load_weights(path: str | Path) -> VoxelDNNWeights:
    """Reads and checks a .safetensors file. Raises WeightsError when it is missing, damaged or unfit."""
    tensors, metadata, identity = read_tensors(path)
    layers = {}
    for name in SHAPES:
        try:
            parts: list[Any] = [tensors[f"{name}.{part}"] for part in ("weight", "bias", "shift")]
        except KeyError as missing:
            raise WeightsError("tensor missing", path=path, field=missing.args[0]) from None
        layers[name] = QuantizedLayer(*parts)
        try:
            check_layer(name, layers[name])
        except WeightsError as fault:
            raise fault.in_file(path) from None
    return VoxelDNNWeights(layers, metadata, identity)


def weights_bytes(layers: dict[str, QuantizedLayer], metadata: dict[str, Any]) -> bytes:
    """The file that `load_weights` reads; equal input gives equal bytes."""
    from safetensors.numpy import save

    tensors = {}
    for name in SHAPES:
        check_layer(name, layers[name])
        for part in ("weight", "bias", "shift"):
            tensors[f"{name}.{part}"] = np.ascontiguousarray(getattr(layers[name], part))
    return bytes(save(tensors, metadata={"octavox": json.dumps(metadata, sort_keys=True)}))
