"""The upsampling network from trained floats to integers, with power-of-two scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch

from octavox.codec.models.densifier_weights import DensifierWeights
from octavox.codec.models.upsampler import UpsamplerSet
from octavox.codec.models.upsampler_weights import (
    CONVOLUTIONS,
    LOGIT_FRACTION,
    SEEDING,
    SETS,
    UpsamplerWeights,
)
from octavox.codec.models.weights import MAX_ACTIVATION

from .multiscale_quantize import MAX_INT8, MAX_INT16, QUANTILE, SAMPLE, Channel, Floats, Fractions, floats_of

ACTIVATIONS = ("stream", "conv0", "conv2", "conv4", "hidden")  # whose fraction bits decide
Observe = Callable[[int, str, torch.Tensor], torch.Tensor]


def upsampler_fractions(run: Callable[[Observe], None], sets: int = SETS) -> list[Fractions]:
    """Fraction bits of each activation of each set, so that its largest usual value is near 255.

    run: lets the network compute on samples, with this observer.
    """
    peaks: list[dict[str, float]] = [{} for _ in range(sets)]

    def note(index: int, name: str, value: torch.Tensor) -> torch.Tensor:
        flat = value.detach().float().reshape(-1)
        kept = flat[:: max(1, len(flat) // SAMPLE)].cpu().numpy()
        peaks[index][name] = max(peaks[index].get(name, 0.0), float(np.quantile(kept, QUANTILE)))
        return value

    with torch.no_grad():
        run(note)
    return [
        {name: int(np.floor(np.log2(MAX_ACTIVATION / max(own.get(name, 1.0), 1e-6)))) for name in ACTIVATIONS}
        for own in peaks
    ]


def _dense(weight: Floats, bias: Floats, given: int, out: int) -> tuple[Any, Any, Any]:
    """Integers (inputs, outputs), biases and shifts (outputs,) of a layer of activations."""
    done = [
        Channel((weight[:, c], given, MAX_ACTIVATION, MAX_INT8), bias=bias[c : c + 1], out=out).quantize()
        for c in range(weight.shape[1])
    ]
    matrix = np.stack([w for (w,), _, _ in done], -1).astype(np.int8)
    biases = np.array([int(b[0]) for _, b, _ in done], np.int32)
    return matrix, biases, np.array([s for _, _, s in done], np.uint8)


def _first_layer(net: UpsamplerSet, out: int, coarser: int) -> dict[str, Any]:
    """The tensors of the first layer. `seen`, where the network has it, is quantized as `around` is."""
    bits = {name: floats_of(getattr(net, name)) for name in ("around", "seen") if hasattr(net, name)}
    seed, start = floats_of(net.seed), floats_of(net.level_bias)
    done = [
        Channel(
            *((values[:, c], 0, 1, MAX_INT16) for values in bits.values()),
            (seed[:, :, c], coarser, MAX_ACTIVATION, MAX_INT8),
            bias=start[:, c],
            out=out,
        ).quantize()
        for c in range(seed.shape[2])
    ]
    rows = {name: np.stack([w[i] for w, _, _ in done], -1).astype(np.int16) for i, name in enumerate(bits)}
    return {
        **rows,
        "around_bias": np.stack([b for _, b, _ in done], -1).astype(np.int32),
        "seed": np.stack([w[-1] for w, _, _ in done], -1).astype(np.int8),
        "around_shift": np.array([shift for _, _, shift in done], np.uint8),
    }


W = TypeVar("W", bound=UpsamplerWeights)


def quantize_set(net: UpsamplerSet, own: Fractions, coarser: int, make: Callable[..., W]) -> W:
    """One set. own: fraction bits of its activations; coarser: those of the coarser level's stream.

    make: of its tensors.

    Raises ValueError where the weights do not fit these.
    """
    first = _first_layer(net, own["stream"], coarser)
    convs = []
    for i in range(CONVOLUTIONS):
        given, out = (own["stream"], own[f"conv{i}"]) if i % 2 == 0 else (own[f"conv{i - 1}"], own["stream"])
        weight, bias = floats_of(net.conv[i]), floats_of(net.conv_bias[i])
        taps, inputs, outputs = weight.shape
        matrix, biases, shifts = _dense(weight.reshape(taps * inputs, outputs), bias, given, out)
        convs.append((matrix.reshape(weight.shape), biases, shifts))
    hidden = _dense(floats_of(net.hidden), floats_of(net.hidden_bias), own["stream"], own["hidden"])
    logit = _dense(floats_of(net.logit), floats_of(net.logit_bias), own["hidden"], LOGIT_FRACTION)
    return make(
        **first,
        conv=np.stack([w for w, _, _ in convs]),
        conv_bias=np.stack([b for _, b, _ in convs]),
        conv_shift=np.stack([s for _, _, s in convs]),
        hidden=hidden[0],
        hidden_bias=hidden[1],
        hidden_shift=hidden[2],
        logit=logit[0],
        logit_bias=logit[1],
        logit_shift=logit[2],
    )


def quantize_upsampler(net: Any, fractions: list[Fractions]) -> tuple[UpsamplerWeights, ...]:
    """All sets. fractions: from `upsampler_fractions`. Raises ValueError as `quantize_set`."""
    seeds = min(fractions[index]["stream"] for index in SEEDING)
    own = [{**f, "stream": seeds} if index in SEEDING else f for index, f in enumerate(fractions)]
    return tuple(quantize_set(net.sets[index], own[index], seeds, UpsamplerWeights) for index in range(SETS))


def quantize_densifier(net: Any, fractions: list[Fractions]) -> tuple[DensifierWeights, ...]:
    """All sets. fractions: from `upsampler_fractions`. Raises ValueError as `quantize_set`.

    The scale of the features of a first level is that of its own set, for subsets and damaged inputs each.
    """
    return tuple(
        quantize_set(net.sets[index], own, fractions[index & ~1]["stream"], DensifierWeights)
        for index, own in enumerate(fractions)
    )
