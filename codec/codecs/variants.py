"""The codecs with one part changed, to measure what that part is worth. Benchmarks use this, nothing else.

A variant replaces constants or functions of modules before anything that uses them is imported or compiled.
So it takes a new process, and it keeps what it compiles apart from the codecs' own. The streams of most
variants cannot be decoded without the variant.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from octavox.codec.coding.kernels import jit
from octavox.codec.errors import InputError

GEOMETRY = "octavox.codec.codecs.geometry"
NO_ERROR_IS_SO_LARGE = 1 << 30


@dataclass(frozen=True)
class Change:
    """module: below GEOMETRY. name: of a constant or function in it. value: makes the new one of the old."""

    module: str
    name: str
    value: Callable[[Any], Any]


@dataclass(frozen=True)
class Variant:
    """title: what is different. codecs: those that it concerns.

    changes: a module comes before all that import it.
    """

    title: str
    codecs: tuple[str, ...]
    changes: tuple[Change, ...] = ()


def _constant(module: str, name: str, value: Any) -> Change:
    return Change(module, name, lambda old: value)


def _learning(**numbers: int) -> tuple[Change, ...]:
    """Other numbers in the defaults of both codecs."""
    names = ("DEFAULT_LEARNING", "NETWORK_LEARNING")
    return tuple(Change("octree.learning", name, lambda old: old._replace(**numbers)) for name in names)


def _one_set_a_mixer(weight_sets: Any) -> Any:
    """A choice of weights that ignores the contexts of the first three mixers."""
    mixing = importlib.import_module(f"{GEOMETRY}.octree.mixing")
    chosen, (first, second, third, fourth) = mixing.WeightSets, mixing.SELECTOR_STARTS[:4]

    def one_set(m: Any, child: Any, counts: Any) -> Any:
        return chosen(first, second, third, fourth + counts, child.octant)

    return jit.inlined(one_set)


# Masks of the window's rows of six bits (see octree.contexts): dz = -1, 0 and 1 of the rows of a 3^3 window.
_NARROW_BEFORE, _NARROW_NEAR = sum(0b01110 << 6 * row for row in (6, 7, 8)), 0b01110 << 6
_OCTREE, _BOTH = ("octree",), ("octree", "multiscale")
VARIANTS = {
    "none": Variant("as it is", (*_BOTH, "voxeldnn")),
    "network-alone": Variant(
        "network alone: no weight of a mixer learns",
        ("multiscale", "voxeldnn"),
        (
            _constant("octree.learning", "SURE_UNIT", NO_ERROR_IS_SO_LARGE),
            _constant("voxeldnn.refine", "THRESHOLD", NO_ERROR_IS_SO_LARGE),
        ),
    ),
    "few-later-nodes": Variant(
        "contexts: of what comes after, the nodes around the parent alone",
        _BOTH,
        (Change("octree.contexts", "LATER_PLANES", lambda planes: 0 * planes),),
    ),
    # What the network sees goes through the same words.
    "narrow-window": Variant(
        "contexts: of what came before, a window of 3^3 and two voxels of the row",
        _OCTREE,
        (
            _constant("octree.contexts", "BEFORE_MASK", _NARROW_BEFORE),
            _constant("octree.contexts", "NEAR_MASK", _NARROW_NEAR),
        ),
    ),
    "one-weight-set": Variant(
        "one set of weights a mixer",
        _BOTH,
        (Change("octree.mixing", "weight_sets", _one_set_a_mixer),),
    ),
    "half-rate": Variant("weights learn at half the rate", _BOTH, _learning(rate=5)),
    "twice-rate": Variant("at twice the rate", _BOTH, _learning(rate=20)),
    "no-start": Variant("no faster start", _BOTH, _learning(start=0)),
    "short-memory": Variant("counts up to 60", _BOTH, _learning(memory=60)),
    "small-slices": Variant(
        "slices of 400,000 points", _BOTH, (_constant("octree.slicing", "SLICE_POINTS", 400_000),)
    ),
    "no-direct-coding": Variant(
        "isolated points by their contexts, too", _BOTH, (_constant("octree.isolated", "MOST", 1.0),)
    ),
    "no-sensor": Variant(
        "spinning scans without their sensor",
        _BOTH,
        (_constant("octree.sensor_search", "FEWEST", NO_ERROR_IS_SO_LARGE),),
    ),
}


def use_variant(name: str, cache: Path) -> None:
    """Changes the codecs of this process for good. cache: a folder for what a variant with changes compiles.

    To be called before anything else of the library is used. Raises InputError for an unknown name,
    RuntimeError where compiled code was imported already, AttributeError where what is changed has moved.
    """
    if name not in VARIANTS:
        raise InputError(f"unknown variant '{name}'; known: {', '.join(VARIANTS)}", field="variant")
    if jit.in_use():
        raise RuntimeError("a variant needs a process in which no compiled code was imported")
    if VARIANTS[name].changes:
        os.environ["NUMBA_CACHE_DIR"] = str(cache)
    for change in VARIANTS[name].changes:
        module = importlib.import_module(f"{GEOMETRY}.{change.module}")
        setattr(module, change.name, change.value(getattr(module, change.name)))
