"""Integer weights back to floats, to continue training: the inverse of quantizing but for rounding."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from octavox.codec.errors import WeightsError
from octavox.codec.models.densifier_weights import SEEN, DensifierFile
from octavox.codec.models.densifier_weights import SETS as DENSIFIER_SETS
from octavox.codec.models.inter_weights import BESIDE, REFERENCE, InterFile, load_inter
from octavox.codec.models.multiscale import CONVOLUTIONS
from octavox.codec.models.multiscale_weights import (
    HIDDEN,
    LOGIT_FRACTION,
    SETS,
    LevelWeights,
    MultiscaleWeights,
    load_multiscale,
)
from octavox.codec.models.upsampler_weights import SEEDING, UpsamplerFile, UpsamplerWeights
from octavox.codec.models.upsampler_weights import SETS as UPSAMPLER_SETS
from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.models.weight_sets import CHANNELS
from octavox.codec.models.weights import VoxelDNNWeights

from .multiscale_quantize import ACTIVATIONS, Fractions
from .quantize import INPUT, OUTPUT
from .upsampler_quantize import ACTIVATIONS as UPSAMPLER_ACTIVATIONS

LARGEST = 24  # no useful activation has more fraction bits, or fewer than minus this
State = dict[str, torch.Tensor]  # of a torch module


def _floats(values: npt.NDArray[Any], fractions: npt.NDArray[np.int64] | int) -> torch.Tensor:
    """values / 2**fractions in float32; the last axis of both counts the outputs."""
    return torch.from_numpy(np.ldexp(values.astype(np.float64), -np.asarray(fractions)).astype(np.float32))


def _bias(bias: npt.NDArray[Any], shift: npt.NDArray[np.uint8], out: int) -> torch.Tensor:
    """A bias without the half that rounds. out: fraction bits of the layer's output."""
    wide = shift.astype(np.int64)
    return _floats(bias - ((1 << wide) >> 1), out + wide)


def _level_state(w: LevelWeights, own: Fractions, coarser: int) -> State:
    """One set, as `multiscale_quantize.quantize_level` takes it."""

    def sums(shift: npt.NDArray[np.uint8], out: int) -> npt.NDArray[np.int64]:
        return out + shift.astype(np.int64)

    stream, hidden, inner = own["stream"], own["hidden"], own["inner"]
    begun, seen = sums(w.around_shift, stream), sums(w.hidden_shift, hidden)[:, None]
    state = {
        "around": _floats(w.around, begun),
        "seed": _floats(w.seed, begun - coarser),
        "level_bias": _bias(w.around_bias, w.around_shift, stream),
        "features": _floats(w.features, seen - stream),
        "causal": _floats(w.causal, seen),
        "features_bias": _bias(w.features_bias, w.hidden_shift, hidden),
        "inner": _floats(w.inner, sums(w.inner_shift, inner) - hidden),
        "inner_bias": _bias(w.inner_bias, w.inner_shift, inner),
        "logit": _floats(w.logit, sums(w.logit_shift, LOGIT_FRACTION) - inner),
        "logit_bias": _bias(w.logit_bias, w.logit_shift, LOGIT_FRACTION),
    }
    for i in range(CONVOLUTIONS):
        given, out = (stream, own[f"conv{i}"]) if i % 2 == 0 else (own[f"conv{i - 1}"], stream)
        state[f"conv.{i}"] = _floats(w.conv[i], sums(w.conv_shift[i], out) - given)
        state[f"conv_bias.{i}"] = _bias(w.conv_bias[i], w.conv_shift[i], out)
    return state


def _noted(metadata: Any) -> Any:
    """What `train` wrote about the activations into a weights file; may be empty."""
    return metadata.get("activation_bits") if isinstance(metadata, dict) else None


def _fractions(noted: Any, names: Iterable[str]) -> Fractions:
    """Raises WeightsError."""
    found: Fractions = {}
    for name in names:
        value = noted.get(name) if isinstance(noted, dict) else None
        if type(value) is not int or abs(value) > LARGEST:
            raise WeightsError(
                f"the fraction bits of the activations are missing, or not in -{LARGEST} to {LARGEST}",
                field="activation_bits",
            )
        found[name] = value
    return found


def multiscale_fractions(weights: MultiscaleWeights | InterFile) -> list[Fractions]:
    """Fraction bits of each set's activations, which `train` writes into the file. Raises WeightsError."""
    noted = _noted(weights.metadata)
    sets = noted if isinstance(noted, list) and len(noted) == SETS else [None] * SETS
    return [_fractions(own, ACTIVATIONS) for own in sets]


def multiscale_state(weights: MultiscaleWeights | InterFile) -> State:
    """State of a MultiscaleNet. Raises WeightsError for a file that `train` did not write."""
    fractions = multiscale_fractions(weights)
    state: State = {}
    for k, level in enumerate(weights.sets):
        own = _level_state(level, fractions[k], fractions[min(k + 1, SETS - 1)]["stream"])
        state |= {f"sets.{k}.{name}": value for name, value in own.items()}
    return state


def inter_state(path: Path) -> tuple[State, bytes]:
    """State of an inter network, and the id of the file: one of its own, or of the multiscale network.

    Begun from the multiscale network, it takes no notice yet of the reference. Raises WeightsError.
    """
    try:
        found = load_inter(path)
    except WeightsError as fault:
        try:
            plain = load_multiscale(path)
        except WeightsError:
            raise fault from None
        state = multiscale_state(plain)
        for k in range(SETS):
            state[f"sets.{k}.reference"] = torch.zeros(REFERENCE, CHANNELS)
            state[f"sets.{k}.beside"] = torch.zeros(8, BESIDE, HIDDEN)
        return state, plain.identity
    fractions = multiscale_fractions(found)
    state = multiscale_state(found)
    for k, own in enumerate(found.sets):
        seen = fractions[k]["hidden"] + own.hidden_shift.astype(np.int64)[:, None]
        begun = fractions[k]["stream"] + own.around_shift.astype(np.int64)
        state[f"sets.{k}.reference"] = _floats(own.reference, begun)
        state[f"sets.{k}.beside"] = _floats(own.beside, seen)
    return state, found.identity


def _set_fractions(metadata: Any, count: int) -> list[Fractions]:
    """Fraction bits of the activations of the sets of a network. Raises WeightsError."""
    noted = _noted(metadata)
    sets = noted if isinstance(noted, list) and len(noted) == count else [None] * count
    return [_fractions(own, UPSAMPLER_ACTIVATIONS) for own in sets]


def upsampler_state(weights: UpsamplerFile) -> State:
    """State of an Upsampler. Raises WeightsError for a file that `train` did not write."""
    fractions = _set_fractions(weights.metadata, UPSAMPLER_SETS)
    seeds = min(fractions[index]["stream"] for index in SEEDING)
    state: State = {}
    for k, own in enumerate(weights.sets):
        f = {**fractions[k], "stream": seeds} if k in SEEDING else fractions[k]
        state |= {f"sets.{k}.{name}": value for name, value in _upsampler_set(own, f, seeds).items()}
    return state


def densifier_state(weights: DensifierFile) -> State:
    """State of a Densifier. Raises WeightsError for a file that `train` did not write."""
    fractions = _set_fractions(weights.metadata, DENSIFIER_SETS)
    state: State = {}
    for k, own in enumerate(weights.sets):
        found = _upsampler_set(own, fractions[k], fractions[k & ~1]["stream"])
        found["seen"] = _floats(own.seen, fractions[k]["stream"] + own.around_shift.astype(np.int64))
        state |= {f"sets.{k}.{name}": value for name, value in found.items()}
    return state


# Sets of the upsampling network, for nodes that are known and guessed, and the class of levels below them.
_BEGINNINGS = ((1, 1), (2, 0))


def state_of_upsampler(weights: UpsamplerFile) -> State:
    """State of a Densifier that begins as an upsampling network, and takes no notice yet of what is given.

    Raises WeightsError for a file that `train` did not write.
    """
    begun, state = upsampler_state(weights), State()
    for k in range(DENSIFIER_SETS):
        source, levels = _BEGINNINGS[k % 2]
        mark = f"sets.{source}."
        own = {name.removeprefix(mark): value for name, value in begun.items() if name.startswith(mark)}
        own["level_bias"] = own["level_bias"][levels].expand_as(own["level_bias"]).clone()
        own["seen"] = torch.zeros(SEEN, own["around"].shape[1])
        state |= {f"sets.{k}.{name}": value for name, value in own.items()}
    return state


def _upsampler_set(w: UpsamplerWeights, own: Fractions, coarser: int) -> State:
    """One set, as `upsampler_quantize.quantize_set` takes it."""
    stream, hidden = own["stream"], own["hidden"]
    begun = stream + w.around_shift.astype(np.int64)
    state = {
        "around": _floats(w.around, begun),
        "seed": _floats(w.seed, begun - coarser),
        "level_bias": _bias(w.around_bias, w.around_shift, stream),
        "hidden": _floats(w.hidden, hidden + w.hidden_shift.astype(np.int64) - stream),
        "hidden_bias": _bias(w.hidden_bias, w.hidden_shift, hidden),
        "logit": _floats(w.logit, LOGIT_FRACTION + w.logit_shift.astype(np.int64) - hidden),
        "logit_bias": _bias(w.logit_bias, w.logit_shift, LOGIT_FRACTION),
    }
    for i in range(len(w.conv)):
        given, out = (stream, own[f"conv{i}"]) if i % 2 == 0 else (own[f"conv{i - 1}"], stream)
        state[f"conv.{i}"] = _floats(w.conv[i], out + w.conv_shift[i].astype(np.int64) - given)
        state[f"conv_bias.{i}"] = _bias(w.conv_bias[i], w.conv_shift[i], out)
    return state


def voxeldnn_state(weights: VoxelDNNWeights) -> State:
    """State of a VoxelDNN. Raises WeightsError for a file that `train` did not write."""
    used = {*INPUT.values(), *(OUTPUT.get(name, name) for name in INPUT)}
    f = _fractions(_noted(weights.metadata), used)
    shapes, state = VoxelDNN().state_dict(), {}
    for name, layer in weights.layers.items():
        given, out = f[INPUT[name]], f[OUTPUT.get(name, name)]
        sums = out + layer.shift.astype(np.int64)
        state[f"weight.{name}"] = _floats(layer.weight, sums - given).view(shapes[f"weight.{name}"].shape)
        state[f"bias.{name}"] = _floats(layer.bias, sums)
    return state
