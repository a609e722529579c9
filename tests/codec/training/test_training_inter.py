"""Training of the inter network: pairs of frames, their references, a short run, the file that comes out."""

from __future__ import annotations

from pathlib import Path

import inter_reference
import numpy as np
import pytest
import torch
from inter_fixtures import random_inter_file
from sample_clouds import make_sphere

from octavox.codec.cloud.morton import morton_decode, morton_encode
from octavox.codec.errors import InputError, WeightsError
from octavox.codec.models.inter_weights import InterWeights, load_inter
from octavox.codec.models.multiscale_integer import IntegerMultiscale
from octavox.codec.models.weights import read_tensors
from octavox.codec.training import inter_task, multiscale_task
from octavox.codec.training.clouds import TrainingCloud
from octavox.codec.training.dequantize import inter_state, multiscale_fractions
from octavox.codec.training.export import export
from octavox.codec.training.inter_task import InterTask
from octavox.codec.training.loop import Trainer, TrainingPlan
from octavox.codec.training.multiscale_quantize import quantize_multiscale
from octavox.codec.training.pairs import PairAugmentation, cut_pair, frame_pairs, pair_batch, random_pairs
from octavox.resources import FOLDER

WEIGHTS = FOLDER / "weights"


def frame(number: int, depth: int = 7) -> TrainingCloud:
    """A ball that moves and grows."""
    ball = make_sphere(7, 30.0 + number).coords + np.array([2 * number, 0, 0], np.int32)
    return TrainingCloud(f"ball_f{number:02}_vox{depth}", ball[(ball < 1 << depth).all(1)], depth)


def clouds() -> list[TrainingCloud]:
    return [*(frame(k) for k in range(3)), TrainingCloud("alone_vox7", make_sphere(7, 40.0).coords, 7)]


def test_frames_become_pairs_and_others_stay_single() -> None:
    pairs, single = frame_pairs(clouds())
    assert [pair.cloud.name for pair in pairs] == [f"ball_f0{k}_vox7" for k in (0, 1, 1, 2)]
    assert [pair.cloud.name for pair in single] == ["alone_vox7"] and single[0].reference is None
    for pair in pairs:
        own = {tuple(c) for c in pair.cloud.coords.tolist()}
        assert pair.reference is not None
        assert sum(tuple(c) in own for c in pair.reference.tolist()) > len(pair.reference) // 3
    with pytest.raises(InputError, match="no frames of a sequence"):
        InterTask([TrainingCloud("alone_vox7", make_sphere(7, 40.0).coords, 7)], 1, 1000, 1)


@pytest.mark.parametrize("aug", [None, PairAugmentation()])
def test_cubes_of_a_frame_and_of_its_reference_have_one_place(aug: PairAugmentation | None) -> None:
    pairs, single = frame_pairs(clouds())
    for pair in (*pairs, *single):
        for seed in range(6):
            local, before = cut_pair(pair, 6, np.random.default_rng(seed), aug)
            for cube in (local, before):
                assert ((cube >= 0) & (cube < 64)).all() and len(np.unique(cube, axis=0)) == len(cube)
            assert len(local) > 0
    one = random_pairs((pairs, single), 500, np.random.default_rng(3), PairAugmentation())
    two = random_pairs((pairs, single), 500, np.random.default_rng(3), PairAugmentation())
    assert one.points == two.points >= 500
    assert all(torch.equal(a.reference, b.reference) for a, b in zip(one.levels, two.levels, strict=True))


def test_training_and_codec_see_the_same_network(tmp_path: Path) -> None:
    """Logits by matrix products over a batch of cubes are those of the document, node by node."""
    path = tmp_path / "w.safetensors"
    path.write_bytes(random_inter_file())
    cube, before = (make_sphere(5, radius).coords.astype(np.int64) for radius in (9.0, 10.0))
    levels = pair_batch([(cube, before)], 5).levels
    tensors, _, _ = read_tensors(path)
    slow = inter_reference.InterReference(tensors, [tuple(v) for v in before.tolist()])
    told = IntegerMultiscale(load_inter(path)).logits(levels)
    nodes = [(0, 0, 0)]
    for depth, (level, logits) in enumerate(zip(levels, told, strict=True)):
        slow.start(level.below, nodes)
        children = sorted({tuple(v) for v in (cube >> (4 - depth)).tolist()})
        known: set[tuple[int, int, int]] = set()
        for i, node in enumerate(nodes):
            if depth < 4 or i % 5 == 0:
                known = {child for child in children if child < (2 * node[0], 2 * node[1], 2 * node[2])}
                first = (2 * node[0], 2 * node[1], 2 * node[2])
                assert slow.logit(first, known) == int(logits[0, i])
        nodes = children


def test_floats_of_the_shipped_weights_become_the_same_integers() -> None:
    weights = load_inter(WEIGHTS / "inter.safetensors")
    model = inter_task.inter_net()
    model.load_state_dict(inter_state(WEIGHTS / "inter.safetensors")[0])
    again = quantize_multiscale(model, multiscale_fractions(weights))
    for one, other in zip(weights.sets, again, strict=True):
        for name in InterWeights.__dataclass_fields__:
            assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (WEIGHTS / "inter.safetensors").stat().st_size < 1_000_000


def test_it_begins_as_the_multiscale_network_and_takes_no_notice_of_the_reference() -> None:
    model = inter_task.inter_net()
    model.load_state_dict(inter_state(WEIGHTS / "multiscale.safetensors")[0])
    cube = make_sphere(5, 9.0).coords.astype(np.int64)
    with torch.no_grad():
        one, two = (model(pair_batch([(cube, before)], 5).levels) for before in (cube, cube[:0]))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    with pytest.raises(WeightsError):
        inter_state(WEIGHTS / "voxeldnn.safetensors")


@pytest.mark.slow
def test_a_short_run_resumes_and_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiscale_task, "CALIBRATION_BATCHES", 1)
    monkeypatch.setattr(inter_task, "SEARCH_CLOUDS", 1)
    monkeypatch.setattr(inter_task, "EDGE_BITS", 5)
    monkeypatch.setattr(multiscale_task, "search", lambda found, rate: found if rate(found) else {})
    monkeypatch.setattr(
        "octavox.codec.training.clouds.is_validation", lambda name, share=12: name.startswith("c")
    )
    data = tmp_path / "clouds"
    data.mkdir()
    for name in ("ball", "check"):
        for number in range(2):
            np.savez(data / f"{name}_f0{number}_vox7.npz", coords=frame(number).coords, depth=7)
    plan = TrainingPlan(
        str(data), steps=2, learning_rate=4e-4, warmup=1, device="cpu", network="inter", points=300
    )
    run, start = tmp_path / "run", WEIGHTS / "multiscale.safetensors"
    trainer = Trainer(plan, run, command="clouds --network inter", start=start)
    assert not trainer.run(until=1)
    again = Trainer(plan, run, command="clouds --network inter", start=start)
    assert again.step == 1 and again.run()
    path = export(again, run)
    assert path.name == "inter.safetensors"
    assert load_inter(path).identity.hex() in (run / "inter.md").read_text()
    assert any(own.reference.any() for own in load_inter(path).sets)
    batches = again.validation_batches()
    with torch.no_grad():
        floats = [float(again.task.bits(again.averaged(), batch, False)) for batch in batches]
    # Without the search for better fractions, which takes long, the integers are farther from the floats.
    assert again.task.integer_bits(path, batches) == pytest.approx(floats, rel=0.15)


def test_moved_references_are_sorted_voxels() -> None:
    pairs, _ = frame_pairs(clouds())
    for pair in pairs:
        codes = morton_encode(pair.reference, 7)
        assert (np.diff(codes) > 0).all() and np.array_equal(morton_decode(codes), pair.reference)
