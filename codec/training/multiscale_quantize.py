"""The multiscale network from trained floats to integers: power-of-two scales (as in `quantize`)."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.models.inter import InterLevelNet
from octavox.codec.models.inter_weights import InterWeights
from octavox.codec.models.multiscale import CONVOLUTIONS, LevelBatch, LevelNet, MultiscaleNet
from octavox.codec.models.multiscale_weights import LOGIT_FRACTION, SETS, LevelWeights
from octavox.codec.models.weights import EXACT, MAX_ACTIVATION

Floats = npt.NDArray[np.float64]
Fractions = dict[str, int]  # name of an activation -> its fraction bits

QUANTILE = 0.9999
SAMPLE = 500_000  # values of an activation that are examined in each batch
MAX_INT8, MAX_INT16 = 127, 32767
ACTIVATIONS = ("stream", "conv0", "conv2", "hidden", "inner")  # whose fraction bits decide


def activation_fractions(net: MultiscaleNet, batches: list[list[LevelBatch]]) -> list[Fractions]:
    """Fraction bits of each activation of each set, so that its largest usual value is near 255."""
    peaks: list[dict[str, float]] = [{} for _ in range(SETS)]

    def note(index: int, name: str, value: torch.Tensor) -> torch.Tensor:
        flat = value.detach().float().reshape(-1)
        kept = flat[:: max(1, len(flat) // SAMPLE)].cpu().numpy()
        peaks[index][name] = max(peaks[index].get(name, 0.0), float(np.quantile(kept, QUANTILE)))
        return value

    with torch.no_grad():
        for levels in batches:
            net(levels, note)
    return [
        {name: int(np.floor(np.log2(MAX_ACTIVATION / max(p, 1e-6)))) for name, p in found.items()}
        for found in peaks
    ]


class Channel:
    """One output's weights: groups (values, fraction bits of their input, largest input, largest weight)."""

    def __init__(self, *groups: tuple[Floats, int, int, int], bias: Floats, out: int) -> None:
        self.groups, self.bias, self.out = groups, bias, out

    def quantize(self) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.int64], int]:
        """(integers of each group, bias with its rounding, shift), at the finest scale at which all fit."""
        for shift in range(23, -1, -1):
            total = self.out + shift  # fraction bits of the sum
            found = [np.round(np.ldexp(w, total - f)).astype(np.int64) for w, f, _, _ in self.groups]
            bias = np.round(np.ldexp(self.bias, total)).astype(np.int64) + ((1 << shift) >> 1)
            bound = np.abs(bias).max() + sum(
                np.abs(w).sum() * group[2] for w, group in zip(found, self.groups, strict=True)
            )
            fits = all(
                np.abs(w).max(initial=0) <= group[3] for w, group in zip(found, self.groups, strict=True)
            )
            if fits and bound < EXACT:
                return found, bias, shift
        raise ValueError("weights too large for the scale of their output")


def floats_of(value: torch.Tensor) -> Floats:
    """A parameter in float64."""
    return value.detach().cpu().double().numpy()


def quantize_level(net: LevelNet, own: Fractions, coarser: int) -> LevelWeights:
    """One set. own: fraction bits of its activations; coarser: those of the coarser level's stream."""
    act, bit = (MAX_ACTIVATION, MAX_INT8), (1, MAX_INT16)
    parts: dict[str, list[Any]] = {}

    def note(**values: Any) -> None:
        for name, value in values.items():
            parts.setdefault(name, []).append(value)

    around, seed, start = floats_of(net.around), floats_of(net.seed), floats_of(net.level_bias)
    before = [floats_of(net.reference)] if isinstance(net, InterLevelNet) else []
    for c in range(around.shape[1]):
        channel = Channel(
            (around[:, c], 0, *bit),
            (seed[:, :, c], coarser, *act),
            *((rows[:, c], 0, *bit) for rows in before),
            bias=start[:, c],
            out=own["stream"],
        )
        (a, s, *r), b, shift = channel.quantize()
        note(around=a, seed=s, around_bias=b, around_shift=shift, **dict(zip(("reference",), r)))
    convs: dict[str, list[Any]] = {"conv": [], "conv_bias": [], "conv_shift": []}
    for i in range(CONVOLUTIONS):
        f_in, f_out = (own["stream"], own[f"conv{i}"]) if i % 2 == 0 else (own[f"conv{i - 1}"], own["stream"])
        weight, bias = floats_of(net.conv[i]), floats_of(net.conv_bias[i])
        done = [
            Channel((weight[:, :, c], f_in, *act), bias=bias[c : c + 1], out=f_out).quantize()
            for c in range(weight.shape[2])
        ]
        convs["conv"].append(np.stack([w for (w,), _, _ in done], -1))
        convs["conv_bias"].append([int(b[0]) for _, b, _ in done])
        convs["conv_shift"].append([s for _, _, s in done])
    wide: dict[str, list[Any]] = {"features": [], "causal": [], "features_bias": [], "hidden_shift": []}
    beside = [floats_of(net.beside)] if isinstance(net, InterLevelNet) else []
    features, fbias, causal = floats_of(net.features), floats_of(net.features_bias), floats_of(net.causal)
    for k in range(8):
        done = [
            Channel(
                (features[k, :, c], own["stream"], *act),
                (causal[k, :, c], 0, *bit),
                *((rows[k, :, c], 0, *bit) for rows in beside),
                bias=fbias[k, c : c + 1],
                out=own["hidden"],
            ).quantize()
            for c in range(features.shape[2])
        ]
        wide["features"].append(np.stack([found[0] for found, _, _ in done], -1))
        wide["causal"].append(np.stack([found[1] for found, _, _ in done], -1))
        if beside:
            wide.setdefault("beside", []).append(np.stack([found[2] for found, _, _ in done], -1))
        wide["features_bias"].append([int(b[0]) for _, b, _ in done])
        wide["hidden_shift"].append([s for _, _, s in done])
    inner, ibias = floats_of(net.inner), floats_of(net.inner_bias)
    for c in range(inner.shape[1]):
        channel = Channel((inner[:, c], own["hidden"], *act), bias=ibias[c : c + 1], out=own["inner"])
        (w,), b, shift = channel.quantize()
        note(inner=w, inner_bias=int(b[0]), inner_shift=shift)
    last = Channel(
        (floats_of(net.logit), own["inner"], *act), bias=floats_of(net.logit_bias), out=LOGIT_FRACTION
    )
    (logit,), logit_bias, logit_shift = last.quantize()
    plain = LevelWeights(
        around=np.stack(parts["around"], -1).astype(np.int16),
        around_bias=np.stack(parts["around_bias"], -1).astype(np.int32),
        seed=np.stack(parts["seed"], -1).astype(np.int8),
        around_shift=np.array(parts["around_shift"], np.uint8),
        conv=np.stack(convs["conv"]).astype(np.int8),
        conv_bias=np.array(convs["conv_bias"], np.int32),
        conv_shift=np.array(convs["conv_shift"], np.uint8),
        features=np.stack(wide["features"]).astype(np.int8),
        features_bias=np.array(wide["features_bias"], np.int32),
        causal=np.stack(wide["causal"]).astype(np.int16),
        hidden_shift=np.array(wide["hidden_shift"], np.uint8),
        inner=np.stack(parts["inner"], -1).astype(np.int8),
        inner_bias=np.array(parts["inner_bias"], np.int32),
        inner_shift=np.array(parts["inner_shift"], np.uint8),
        logit=logit.astype(np.int8),
        logit_bias=logit_bias.astype(np.int32),
        logit_shift=np.array([logit_shift], np.uint8),
    )
    if not beside:
        return plain
    reference = np.stack(parts["reference"], -1).astype(np.int16)
    return InterWeights(**vars(plain), reference=reference, beside=np.stack(wide["beside"]).astype(np.int16))


def quantize_multiscale(net: MultiscaleNet, fractions: list[Fractions]) -> tuple[LevelWeights, ...]:
    """All sets, the finest level's first. fractions: from `activation_fractions`."""
    return tuple(
        quantize_level(cast(LevelNet, net.sets[k]), fractions[k], fractions[min(k + 1, SETS - 1)]["stream"])
        for k in range(SETS)
    )
