"""Training of the densifying network: thinned and damaged cubes, a short run, the files that come out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_clouds import make_sphere

from octavox.codec.errors import InputError, WeightsError
from octavox.codec.models.densifier import Densifier
from octavox.codec.models.densifier_weights import DENSIFIER_LAYOUT, SETS, load_densifier, ratio_class
from octavox.codec.models.upsampler_weights import load_upsampler, upsampler_bytes
from octavox.codec.training import densifier_task
from octavox.codec.training.clouds import TrainingCloud
from octavox.codec.training.damage import damaged, on_grid, on_planes
from octavox.codec.training.densifier_task import DensifierTask, find_levels, found_bits, likeliest
from octavox.codec.training.densifying import DensifyBatch, part_of, random_batch, subset
from octavox.codec.training.dequantize import densifier_state, state_of_upsampler, upsampler_state
from octavox.codec.training.export import export
from octavox.codec.training.loop import Trainer, TrainingPlan
from octavox.codec.training.upsampler_quantize import ACTIVATIONS, quantize_densifier
from octavox.resources import FOLDER

WEIGHTS = FOLDER / "weights"
NONE = np.zeros(3, np.int64)


def ball(depth: int = 6, radius: float = 25.0) -> np.ndarray:
    return np.asarray(make_sphere(depth, radius).coords, np.int64)


# Damage


def test_a_grid_is_that_of_the_codec() -> None:
    """Integers scaled down, rounded, scaled up and rounded."""
    cells = ball()
    for step in (4 / 3, 1.5, 2.0):
        nodes = {tuple(np.floor(cell / step + 0.5).astype(int)) for cell in cells}
        expected = {tuple(np.floor(np.array(node) * step + 0.5).astype(int)) for node in nodes}
        assert {tuple(cell) for cell in on_grid(cells, step, NONE)} == expected
    assert np.array_equal(on_grid(cells, 1.0, np.array([5, 6, 7])), cells)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 8))
def test_planes_stay_planes(seed: int, block: int) -> None:
    dice = np.random.default_rng(seed)
    x, y = (a.ravel() for a in np.meshgrid(np.arange(24), np.arange(24)))
    plane = np.stack([x, y, np.full_like(x, dice.integers(0, 24))], 1)[:, dice.permutation(3)]
    assert np.array_equal(on_planes(plane, block, dice.integers(0, 8, 3)), plane)


def test_planes_smooth_what_is_rough() -> None:
    dice = np.random.default_rng(1)
    x, y = (a.ravel() for a in np.meshgrid(np.arange(64), np.arange(64)))
    flat = np.stack([x, y, np.full_like(x, 20)], 1)
    rough = flat + [0, 0, 1] * dice.integers(-1, 2, (len(flat), 1))
    smooth = on_planes(rough, 8, NONE)
    assert np.abs(smooth - flat).mean() < 0.5 * np.abs(rough - flat).mean()
    assert np.array_equal(smooth[:, :2], flat[:, :2])


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_damaged_cubes_stay_cubes(seed: int) -> None:
    dice = np.random.default_rng(seed)
    cells = dice.integers(0, 64, (int(dice.integers(1, 300)), 3))
    found = damaged(cells, 64, dice)
    assert len(found) and found.min() >= 0 and found.max() < 64
    assert len(np.unique(found, axis=0)) == len(found)


def test_subsets() -> None:
    cells = ball()
    for ratio in (2.0, 4.0, 16.0):
        few = subset(cells, ratio, np.random.default_rng(1))
        assert len(few) == pytest.approx(len(cells) / ratio, rel=0.15)
        assert {tuple(c) for c in few} <= {tuple(c) for c in cells}
    assert len(subset(cells[:1], 16.0, np.random.default_rng(1))) == 1


def test_classes_of_ratios() -> None:
    assert [ratio_class(r) for r in (1, 2, 2.8, 2.9, 4, 5.6, 5.7, 8, 11.3, 11.4, 16, 100)] == [
        0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3,
    ]  # fmt: skip


# Batches and loss


def test_a_batch_depends_on_the_seed_alone() -> None:
    clouds = [TrainingCloud("a", ball(7, 50.0).astype(np.int32), 7)]
    one, two = (random_batch(clouds, 4000, np.random.default_rng(3)) for _ in range(2))
    assert one.points == two.points >= 4000
    assert [part.damaged for part in one.parts] == [False, True]
    for a, b in zip(one.parts, two.parts):
        assert all(torch.equal(x, y) for x, y in zip(a.codes + a.given, b.codes + b.given))


def test_the_loss_counts_what_is_not_known() -> None:
    cells = ball()
    few = subset(cells, 4.0, np.random.default_rng(1))
    for harm, counted in ((False, False), (True, True)):
        part = part_of([cells], [few], 6, (harm, 1))
        sure = {"calls": 0}

        def predict(nodes, case, coarser, harm=harm, sure=sure):  # type: ignore[no-untyped-def]
            assert case == (harm, 1) and (coarser is None) == (sure["calls"] % 2 == 0)
            sure["calls"] += 1
            return torch.zeros(len(nodes.around), 32), torch.zeros(len(nodes.around), 8)

        first, second = find_levels(predict, part)
        for logits, target, mask in (first, second):
            assert logits.shape == target.shape == mask.shape
        assert bool(first[2].all()) == counted and bool(second[2].all()) == counted
        bits = float(found_bits([first, second]))
        assert bits == pytest.approx(float(first[2].sum() + second[2].sum()), rel=1e-5)  # one bit each
        missing = second[1] & second[2]
        assert int(missing.sum()) <= len(cells) - (0 if harm else len(few))


def test_the_likeliest_are_kept_and_the_known_first() -> None:
    logits = torch.tensor([[3.0, 1.0, 2.0, -1.0, 0.0, 0.0, 0.0, 0.0]])
    known = torch.tensor([[False, False, False, True, False, False, False, False]])
    assert likeliest(logits, known, 3).nonzero()[:, 1].tolist() == [0, 2, 3]
    assert likeliest(logits, known, 0).nonzero()[:, 1].tolist() == [3]
    assert int(likeliest(logits, known, 99).sum()) == 8


# Weights


def test_floats_of_the_shipped_weights_become_the_same_integers() -> None:
    weights = load_densifier(WEIGHTS / "densifier.safetensors")
    model = Densifier()
    model.load_state_dict(densifier_state(weights))
    own = [{n: weights.metadata["activation_bits"][k][n] for n in ACTIVATIONS} for k in range(SETS)]
    again = quantize_densifier(model, own)
    for one, other in zip(weights.sets, again, strict=True):
        for name in DENSIFIER_LAYOUT:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (WEIGHTS / "densifier.safetensors").stat().st_size < 1_000_000


def test_the_beginning_is_the_upsampling_network() -> None:
    weights = load_upsampler(WEIGHTS / "upsampler.safetensors")
    state, begun = state_of_upsampler(weights), upsampler_state(weights)
    model = Densifier()
    model.load_state_dict(state)
    for k, source in enumerate((1, 2, 1, 2)):
        assert torch.equal(state[f"sets.{k}.conv.3"], begun[f"sets.{source}.conv.3"])
        assert not state[f"sets.{k}.seen"].any()
    task = DensifierTask([TrainingCloud("a", ball().astype(np.int32), 6)], 1, 1000)
    found, identity = task.state(WEIGHTS / "upsampler.safetensors")
    assert identity == weights.identity and found.keys() == state.keys()
    with pytest.raises(WeightsError):
        task.state(WEIGHTS / "voxeldnn.safetensors")


@pytest.mark.parametrize("name", ["1.seen", "0.conv", "3.logit_bias"])
def test_damaged_weights_are_refused(name: str, tmp_path: Path) -> None:
    weights = load_densifier(WEIGHTS / "densifier.safetensors")
    index, tensor = int(name[0]), name[2:]
    value = getattr(weights.sets[index], tensor)
    sets = list(weights.sets)
    sets[index] = replace(sets[index], **{tensor: value[..., :-1]})
    with pytest.raises(WeightsError, match=tensor):
        upsampler_bytes(sets, {}, DENSIFIER_LAYOUT)
    if tensor != "seen":  # 216 of the largest numbers stay below
        sets[index] = replace(sets[index], **{tensor: np.full_like(value, np.iinfo(value.dtype).max)})
        with pytest.raises(WeightsError, match="2\\^24"):
            upsampler_bytes(sets, {}, DENSIFIER_LAYOUT)
    path = tmp_path / "w.safetensors"
    path.write_bytes((WEIGHTS / "upsampler.safetensors").read_bytes())
    with pytest.raises(WeightsError, match="seen"):
        load_densifier(path)


@pytest.mark.slow
def test_a_short_run_resumes_and_exports(
    folder: Path, tmp_path: Path, no_search: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(densifier_task, "SEARCH_CLOUDS", 1)
    plan = TrainingPlan(
        str(folder), steps=6, learning_rate=2e-3, warmup=1, device="cpu", network="densifier", points=2000
    )
    run, start = tmp_path / "run", WEIGHTS / "upsampler.safetensors"
    trainer = Trainer(plan, run, command="clouds --network densifier", start=start)
    before = trainer.validate()["all"]
    assert not trainer.run(until=2)
    again = Trainer(plan, run, command="clouds --network densifier", start=start)
    assert again.step == 2 and again.run()
    assert again.validate()["all"] < before
    path = export(again, run)
    assert path.name == "densifier.safetensors"
    weights = load_densifier(path)
    card = (run / "densifier.md").read_text()
    assert weights.identity.hex() in card and again.begun in card and "--network densifier" in card
    batches = again.validation_batches()
    with torch.no_grad():
        floats = [float(again.task.bits(again.averaged(), batch, False)) for batch in batches]
    assert again.task.integer_bits(path, batches) == pytest.approx(floats, rel=0.05)
    assert isinstance(batches[0], DensifyBatch) and len(batches[0].parts) == 3


def test_blocks_are_no_clouds() -> None:
    part = TrainingCloud("a", ball().astype(np.int32), 6, np.zeros((1, 3), np.int32))
    with pytest.raises(InputError, match="whole clouds"):
        DensifierTask([part], 1, 1000)
