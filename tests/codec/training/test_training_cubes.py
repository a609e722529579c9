"""Training of the multiscale network: its cubes, a short run, and the files that come out."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import make_sphere

from octavox.codec.errors import InputError, WeightsError
from octavox.codec.models.multiscale import MultiscaleNet
from octavox.codec.models.multiscale_weights import load_multiscale, multiscale_bytes
from octavox.codec.training import fractions, loop
from octavox.codec.training.clouds import TrainingCloud
from octavox.codec.training.dequantize import multiscale_fractions, multiscale_state
from octavox.codec.training.export import export
from octavox.codec.training.loop import Trainer, TrainingPlan
from octavox.codec.training.multiscale_quantize import ACTIVATIONS, quantize_multiscale
from octavox.codec.training.octrees import CubeAugmentation, cut_cube, octree_levels, random_cubes

SHIPPED = Path(__file__).resolve().parents[3] / "resources" / "weights" / "multiscale.safetensors"


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 3))
def test_levels_hold_what_the_voxels_say(seed: int, bits: int, cubes: int) -> None:
    """Every row against a search by hand, in cubes that do not see each other."""
    rng = np.random.default_rng(seed)
    edge = 1 << bits
    parts = [np.unique(rng.integers(0, edge, (int(rng.integers(1, 40)), 3)), axis=0) for _ in range(cubes)]
    batch = octree_levels(parts, bits)
    assert batch.points == sum(map(len, parts))
    assert [level.below for level in batch.levels] == list(range(bits))[::-1]
    coarser: list[tuple[int, ...]] = []
    for level in batch.levels:
        up = level.below + 1
        cells = sorted({(k, *map(int, v >> up)) for k, part in enumerate(parts) for v in part})
        fine = {(k, *map(int, v >> level.below)) for k, part in enumerate(parts) for v in part}
        assert len(level.target[0]) == len(cells)
        i = int(rng.integers(len(cells)))
        k, x, y, z = cells[i]
        span = range(-2, 3)
        around = [(k, x + a, y + b, z + c) in cells for a in span for b in span for c in span]
        assert level.around[i].tolist() == around
        near = [(k, x + a, y + b, z + c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)]
        assert level.near[i].tolist() == [cells.index(n) + 1 if n in cells else 0 for n in near]
        child = int(rng.integers(8))
        cx, cy, cz = 2 * x + (child >> 2), 2 * y + (child >> 1 & 1), 2 * z + (child & 1)
        window = [(k, cx + a, cy + b, cz + c) in fine for a in span for b in span for c in span]
        assert level.causal[child, i].tolist() == window[:62]
        assert int(level.target[child, i]) == int(window[62])
        if coarser:
            assert int(level.parent[i]) == coarser.index((k, x >> 1, y >> 1, z >> 1)) + 1
            assert int(level.octant[i]) == 4 * (x & 1) + 2 * (y & 1) + (z & 1)
        coarser = cells


@pytest.mark.slow
def test_cubes_are_cut_inside_and_turned() -> None:
    sphere = make_sphere(8, 100.0)
    cloud = TrainingCloud("sphere", sphere.coords, 8)
    rng = np.random.default_rng(1)
    always = CubeAugmentation(coarser=(0.0, 1.0), thin=0.0, jitter=0.0)
    for aug in (None, CubeAugmentation(), always):
        cube = cut_cube(cloud, 6, rng, aug)
        assert len(cube) and cube.min() >= 0 and cube.max() < 64
        assert len(np.unique(cube, axis=0)) == len(cube)
    same = [random_cubes([cloud], 3000, np.random.default_rng(4), CubeAugmentation()) for _ in range(2)]
    assert same[0].points == same[1].points >= 3000
    assert torch.equal(same[0].levels[-1].causal, same[1].levels[-1].causal)


@pytest.mark.slow
def test_a_short_run_resumes_and_exports(folder: Path, tmp_path: Path, no_search: None) -> None:
    plan = TrainingPlan(
        str(folder), steps=4, learning_rate=2e-3, warmup=1, device="cpu", network="multiscale", points=2000,
        validation_blocks=1,
    )  # fmt: skip
    run = tmp_path / "run"
    trainer = Trainer(plan, run, command="clouds --network multiscale")
    before = trainer.validate()["all"]
    assert not trainer.run(until=2)
    again = Trainer(plan, run, command="clouds --network multiscale")
    assert again.step == 2
    assert again.run()
    assert again.validate()["all"] < before
    path = export(again, run)
    assert path.name == "multiscale.safetensors"
    weights = load_multiscale(path)
    assert weights.metadata["steps"] == 4
    card = (run / "multiscale.md").read_text()
    assert weights.identity.hex() in card and "--network multiscale" in card
    rates = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert rates[-1]["validation"]["all"] == pytest.approx(again.validate()["all"])


def test_a_selection_of_blocks_is_refused(folder: Path, tmp_path: Path) -> None:
    """What was left out of it would be learned to be empty."""
    cloud = make_sphere(7, 40.0)
    block = cloud.coords[(cloud.coords // 64 == cloud.coords[0] // 64).all(1)]
    np.savez(folder / "d_vox7.npz", coords=block, depth=7, blocks=block[:1] // 64)
    plan = TrainingPlan(str(folder), device="cpu", network="multiscale")
    with pytest.raises(InputError, match="needs whole clouds"):
        Trainer(plan, tmp_path / "run")


def test_a_checkpoint_of_another_network_is_refused(folder: Path, tmp_path: Path) -> None:
    plan = TrainingPlan(str(folder), steps=1, device="cpu", network="multiscale", points=500)
    Trainer(plan, tmp_path / "run").save()
    with pytest.raises(InputError, match="checkpoint of network 'multiscale'"):
        Trainer(replace(plan, network="voxeldnn"), tmp_path / "run")


def test_batches_made_ahead_end_with_the_run() -> None:
    made = loop._prefetch(lambda step: step, 0, 100, 2)  # type: ignore[arg-type,return-value]
    assert [next(made), next(made)] == [0, 1]
    threads = [t for t in threading.enumerate() if t.name == "octavox-batches"]
    assert len(threads) == 2
    made.close()  # type: ignore[attr-defined]
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_fractions_begin_where_the_weights_allow() -> None:
    def rate(found: dict[str, int]) -> float:
        if found["a"] > 5:
            raise ValueError("too large")
        return float(-found["a"] + abs(found["b"] - 1))

    assert fractions.feasible({"a": 7, "b": 3}, rate) == ({"a": 5, "b": 1}, -5.0)
    with pytest.raises(ValueError, match="any scale"):
        fractions.feasible({"a": 70, "b": 3}, rate)


def test_the_search_takes_each_step_that_pays() -> None:
    best, tried = {"a": 9, "b": 2, "c": 4}, []

    def rate(found: dict[str, int]) -> float:
        tried.append(dict(found))
        if found["c"] > 4:
            raise ValueError("too large")
        return 100.0 + abs(found["a"] - best["a"]) + abs(found["b"] - best["b"]) - 0.01 * (4 - found["c"])

    assert fractions.search({"a": 7, "b": 3, "c": 4}, rate) == best  # a gain of 0.01 % is accidental
    assert {"a": 10, "b": 3, "c": 4} in tried and {"a": 9, "b": 1, "c": 4} in tried


@pytest.mark.slow
def test_training_starts_from_weights(folder: Path, tmp_path: Path, no_search: None) -> None:
    """A run begins where the weights are, says so in its card, and resumes from its own checkpoint."""
    plan = TrainingPlan(
        str(folder), steps=2, warmup=1, device="cpu", network="multiscale", points=500, validation_blocks=1
    )
    shipped = load_multiscale(SHIPPED)
    assert Trainer(plan, tmp_path / "anew").validate()["all"] > 2.0
    trainer = Trainer(plan, tmp_path / "run", start=SHIPPED)
    at_first = trainer.validate()["all"]
    assert at_first == pytest.approx(1.2, abs=0.5)
    trainer.run(until=1)
    again = Trainer(plan, tmp_path / "run", start=SHIPPED)
    assert (again.step, again.begun) == (1, shipped.identity.hex())
    again.run()
    export(again, tmp_path / "run")
    assert f"id `{shipped.identity.hex()}`" in (tmp_path / "run" / "multiscale.md").read_text()


def test_integer_weights_become_floats_and_the_same_integers_again() -> None:
    weights, net = load_multiscale(SHIPPED), MultiscaleNet()
    net.load_state_dict(multiscale_state(weights))
    again = quantize_multiscale(net, multiscale_fractions(weights))
    assert multiscale_bytes(again, weights.metadata) == SHIPPED.read_bytes()


@pytest.mark.parametrize(
    "noted",
    [
        {},
        {"activation_bits": [{"stream": 1}] * 3},
        {"activation_bits": [{}, {}]},
        *(
            {"activation_bits": [dict.fromkeys(ACTIVATIONS, v)] * 3}
            for v in ("x", None, [1], 1.5, True, 25, -25)
        ),
    ],
)
def test_weights_of_unknown_scale_are_refused(noted: Any, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(multiscale_bytes(load_multiscale(SHIPPED).sets, noted))
    plan = TrainingPlan(str(folder), steps=1, device="cpu", network="multiscale", points=500)
    with pytest.raises(WeightsError, match="fraction bits") as fault:
        Trainer(plan, tmp_path / "run", start=path)
    assert "other.safetensors" in str(fault.value) and "activation_bits" in str(fault.value)
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_weights_with_metadata_of_another_kind_are_refused(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(multiscale_bytes(load_multiscale(SHIPPED).sets, cast(Any, [])))
    plan = TrainingPlan(str(folder), steps=1, device="cpu", network="multiscale", points=500)
    with pytest.raises(WeightsError, match="JSON object") as fault:
        Trainer(plan, tmp_path / "run", start=path)
    assert fault.value.field == "octavox"
