"""Training from the command line: batches, resuming, quantized weights and their card."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from octavox.codec.errors import InputError, WeightsError
from octavox.codec.models.sites import BACKGROUND_ROWS, KERNEL
from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.models.weights import load_weights, weights_bytes
from octavox.codec.training import cli
from octavox.codec.training.clouds import find_clouds, is_validation, read_training_cloud
from octavox.codec.training.crops import Augmentation, assemble, cut, random_batch
from octavox.codec.training.curve import read_log
from octavox.codec.training.dequantize import voxeldnn_state
from octavox.codec.training.quantize import quantize
from octavox.codec.training.voxeldnn_task import bits_of


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of small shells, one of which validates."""
    folder = tmp_path / "clouds"
    folder.mkdir()
    names = [f"shell{i}_vox6" for i in range(40)]
    kept = [n for n in names if is_validation(n)][:1] + [n for n in names if not is_validation(n)][:2]
    for radius, name in enumerate(kept, 12):
        grid = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"), -1).reshape(-1, 3)
        distance = np.linalg.norm(grid - 31.5, axis=1)
        shell = grid[np.abs(distance - radius) < 0.6]
        np.savez(folder / f"{name}.npz", coords=shell.astype(np.int32), depth=6)
    return folder


def train(data: Path, out: Path, *options: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    base = [str(data), "-o", str(out), "--device", "cpu", "--threads", "1", "--sites", "2000", "--seed", "3"]
    return cli.run(parser.parse_args([*base, *options]))


@pytest.mark.slow
def test_a_resumed_run_equals_an_unbroken_one(data: Path, tmp_path: Path, no_search: None) -> None:
    assert train(data, tmp_path / "whole", "--steps", "4") == 0
    assert train(data, tmp_path / "parts", "--steps", "4", "--until", "2") == 0
    assert train(data, tmp_path / "parts", "--steps", "4") == 0
    whole, parts = (torch.load(tmp_path / n / "checkpoint.pt", weights_only=True) for n in ("whole", "parts"))
    assert whole["step"] == parts["step"] == 4
    assert all(torch.equal(whole["average"][k], parts["average"][k]) for k in whole["average"])
    files = [(tmp_path / n / "voxeldnn.safetensors").read_bytes() for n in ("whole", "parts")]
    assert files[0] == files[1]


@pytest.mark.slow
def test_weights_and_card_are_written(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert train(data, out, "--steps", "2") == 0
    weights = load_weights(out / "voxeldnn.safetensors")
    card = (out / "voxeldnn.md").read_text()
    assert weights.identity.hex() in card
    assert "train clouds --steps 2 --sites 2000 --seed 3" in card
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert entries[-1]["step"] == 2
    assert entries[-1]["validation"]["all"] > 0
    assert "![Rate over the steps](voxeldnn.png)" in card
    assert (out / "voxeldnn.png").read_bytes().startswith(b"\x89PNG")
    assert str(data.parent) not in card  # names of folders above the data are nobody's business


def test_integer_weights_become_floats_and_the_same_integers_again() -> None:
    shipped = Path(__file__).resolve().parents[3] / "resources" / "weights" / "voxeldnn.safetensors"
    weights, net = load_weights(shipped), VoxelDNN()
    net.load_state_dict(voxeldnn_state(weights))
    bits = dict(weights.metadata["activation_bits"])
    assert weights_bytes(quantize(net, bits), weights.metadata) == shipped.read_bytes()


@pytest.mark.slow
def test_a_run_that_starts_from_weights_says_so(data: Path, tmp_path: Path, no_search: None) -> None:
    assert train(data, tmp_path / "first", "--steps", "1") == 0
    weights = tmp_path / "first" / "voxeldnn.safetensors"
    assert train(data, tmp_path / "second", "--steps", "1", "--start", str(weights)) == 0
    card = (tmp_path / "second" / "voxeldnn.md").read_text()
    assert "--start voxeldnn.safetensors" in card and load_weights(weights).identity.hex() in card
    missing = tmp_path / "none.safetensors"
    with pytest.raises(WeightsError, match="cannot read the weights"):
        train(data, tmp_path / "third", "--steps", "1", "--start", str(missing))


def test_the_curve_shows_each_step_once(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    rows = [{"step": 50, "bpov": 3.0}, {"step": 100, "bpov": 2.0}, {"step": 100, "validation": {"all": 1.5}}]
    again = [{"step": 100, "bpov": 1.9}, {"step": 150, "bpov": 1.8}]  # resumed from step 50
    log.write_text("".join(json.dumps(row) + "\n" for row in rows + again))
    assert read_log(log) == ([(50, 3.0), (100, 1.9), (150, 1.8)], [(100, 1.5)])


@pytest.mark.slow
def test_training_lowers_the_code_length(data: Path) -> None:
    clouds = [read_training_cloud(p) for p in find_clouds(data)]
    batch = random_batch(clouds, 3000, np.random.default_rng(1), Augmentation())
    torch.manual_seed(1)
    model = VoxelDNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    rates = []
    for _ in range(25):
        optimizer.zero_grad()
        rate = bits_of(model, batch) / batch.points
        rate.backward()
        optimizer.step()
        rates.append(float(rate.detach()))
    assert rates[-1] < 0.7 * rates[0]


def test_every_voxel_of_a_batch_is_counted_once() -> None:
    rng = np.random.default_rng(2)
    blocks = [(s, np.unique(rng.integers(0, s, (s * s // 2, 3)), axis=0)) for s in (8, 32, 4, 16)]
    batch = assemble(blocks)
    assert batch.points == sum(len(v) for _, v in blocks)
    assert len(batch.target) + int(batch.idle.sum()) == sum(s**3 for s, _ in blocks)
    assert int(batch.target.sum()) + int(batch.idle_occupied.sum()) == batch.points


def test_neighbour_tables_are_each_other_s_transpose() -> None:
    rng = np.random.default_rng(4)
    batch = assemble([(s, np.unique(rng.integers(0, s, (s * 4, 3)), axis=0)) for s in (16, 8, 8, 4)])
    near, far = batch.near.numpy(), batch.far.numpy()
    seen = {(i + 1, k, int(near[i, k])) for i, k in zip(*np.nonzero(near), strict=True)}
    sees = {(int(far[j, k]), k, j + 1) for j, k in zip(*np.nonzero(far), strict=True)}
    # background states seen by active sites are constants: no gradient goes back to them
    constant = {(i, k, j) for i, k, j in seen if i > BACKGROUND_ROWS >= j}
    assert sees == seen - constant
    assert near.shape[1] == len(KERNEL)


def test_crops_stay_in_their_block() -> None:
    coords = np.stack(np.meshgrid(*[np.arange(40)] * 3, indexing="ij"), -1).reshape(-1, 3)
    shell = coords[(coords == 20).any(1)].astype(np.int32)
    cloud = read_training_cloud_from(shell)
    rng = np.random.default_rng(0)
    for size in (64, 32, 16, 8):
        local = cut(cloud, size, rng, Augmentation(halve=0.5, thin=0.5, jitter=0.5))
        assert len(local)
        assert local.min() >= 0
        assert local.max() < size
        assert len(np.unique(local, axis=0)) == len(local)


def read_training_cloud_from(coords: np.ndarray):  # type: ignore[no-untyped-def]
    from octavox.codec.training.clouds import TrainingCloud

    return TrainingCloud("made", coords, 6)


def test_a_folder_without_clouds_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no training clouds"):
        find_clouds(tmp_path)
    bad = tmp_path / "a_vox9.vox.xz"
    bad.write_bytes(b"not xz")
    with pytest.raises(InputError, match=r"a_vox9\.vox\.xz"):
        read_training_cloud(bad)
