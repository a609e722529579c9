"""Training from datasets: whole blocks, the record's split, and mixed precision."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sample_clouds import make_sphere

from octavox import codec
from octavox.codec.datasets.build import DatasetOptions, build
from octavox.codec.errors import InputError
from octavox.codec.models.voxeldnn import VoxelDNN
from octavox.codec.training import cli
from octavox.codec.training.blocks import BlockSet
from octavox.codec.training.clouds import TrainingCloud, find_clouds, read_dataset, read_training_cloud, split
from octavox.codec.training.crops import Augmentation, assemble, cut
from octavox.codec.training.loop import Trainer, TrainingPlan
from octavox.codec.training.voxeldnn_task import bits_of


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Three of eight blocks of each of three balls."""
    folder = tmp_path / "balls"
    folder.mkdir()
    for name, radius in (("small", 12.0), ("middle", 15.0), ("big", 18.0)):
        codec.write_ply(folder / f"{name}_vox7.ply", make_sphere(7, radius))
    (folder / "LICENSE").write_text("CC0 1.0, drawn by a formula\n")
    build([folder], tmp_path / "set", DatasetOptions(blocks=3), lambda line: None)
    return tmp_path / "set"


def train(data: Path, out: Path, *options: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    base = [str(data), "-o", str(out), "--device", "cpu", "--threads", "1", "--sites", "2000", "--seed", "3"]
    return cli.run(parser.parse_args([*base, *options]))


@pytest.mark.slow
def test_training_from_a_dataset(dataset: Path, tmp_path: Path) -> None:
    """Crops by default on a CPU; the card names blocks, options and licences."""
    out = tmp_path / "run"
    assert train(dataset, out, "--steps", "2") == 0
    card = (out / "voxeldnn.md").read_text()
    assert "A dataset of 9 occupied blocks of 64^3 (6 train, 3 validate)" in card
    assert "CC0 1.0, drawn by a formula" in card
    assert "--full-blocks" not in card
    assert '"batch"' not in card
    record = read_dataset(dataset)
    assert record is not None
    validating = [row["object"] for row in record["clouds"] if row["validation"]]
    assert len(validating) == 1
    entries = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert set(entries[-1]["validation"]) == {f"{validating[0]}_vox7", "all"}
    assert torch.load(out / "checkpoint.pt", weights_only=True)["step"] == 2


@pytest.mark.slow
def test_whole_blocks_resume_to_the_same_weights(dataset: Path, tmp_path: Path) -> None:
    options = ("--full-blocks", "--batch", "2", "--steps", "2")
    assert train(dataset, tmp_path / "whole", *options) == 0
    assert train(dataset, tmp_path / "parts", *options, "--until", "1") == 0
    assert train(dataset, tmp_path / "parts", *options) == 0
    files = [(tmp_path / n / "voxeldnn.safetensors").read_bytes() for n in ("whole", "parts")]
    assert files[0] == files[1]
    assert "--full-blocks --batch 2" in (tmp_path / "parts" / "voxeldnn.md").read_text()


def test_an_epoch_has_every_block_once(dataset: Path) -> None:
    clouds = [read_training_cloud(p) for p in find_clouds(dataset)]
    blocks = BlockSet.of(clouds)
    assert len(blocks) == 9
    drawn = [i for step in range(6) for i in blocks.chosen(3, 1, step)]
    assert sorted(drawn[:9]) == sorted(drawn[9:]) == list(range(9))
    assert drawn[:9] != drawn[9:]
    across = [i for step in range(5) for i in blocks.chosen(4, 1, step)]  # steps that span two epochs
    assert across[:18] == drawn[:18]
    assert sorted(i for step in range(1) for i in blocks.chosen(18, 1, step)) == sorted([*range(9)] * 2)


def test_blocks_are_those_of_the_octree() -> None:
    coords = make_sphere(7, 44.0).coords
    rng = np.random.default_rng(0)
    blocks = BlockSet.of([TrainingCloud("a", coords[rng.permutation(len(coords))], 7)])
    back = [v + 64 * np.array([k >> 2, k >> 1 & 1, k & 1]) for k, v in enumerate(blocks.voxels)]
    assert np.array_equal(np.concatenate(back), coords)
    batch = blocks.batch(8, 1, 0, rng)
    assert batch.blocks == 8
    assert len(batch.target) + int(batch.idle.sum()) == 8 * 64**3


def test_crops_of_a_selection_stay_within_its_blocks() -> None:
    """A crop across the border of a block would hold an edge that no surface has."""
    corner = np.array([64, 0, 128])
    grid = np.stack(np.meshgrid(*[np.arange(64)] * 3, indexing="ij"), -1).reshape(-1, 3)
    full = TrainingCloud("a", (grid + corner).astype(np.int32), 8, (corner // 64)[None].astype(np.int32))
    plain = Augmentation(halve=0.5, thin=0.0, jitter=0.0)
    rng = np.random.default_rng(1)
    for size, times in ((64, 1), (32, 2), (16, 3), (8, 3)):
        for _ in range(times):
            assert len(cut(full, size, rng, plain)) == size**3
    whole = TrainingCloud("a", full.coords, 8)
    assert any(len(cut(whole, 32, rng, plain)) < 32**3 for _ in range(6))


def test_the_split_follows_the_record(dataset: Path) -> None:
    clouds = [read_training_cloud(p) for p in find_clouds(dataset)]
    record = json.loads((dataset / "dataset.json").read_text())
    for held in ({"big"}, {"big", "small"}):
        for row in record["clouds"]:
            row["validation"] = row["object"] in held
        (dataset / "dataset.json").write_text(json.dumps(record))
        training, validation = split(dataset, clouds)
        assert {c.name for c in validation} == {f"{name}_vox7" for name in held}
        assert {c.name for c in training + validation} == {c.name for c in clouds}


@pytest.mark.parametrize("validates", [True, False])
def test_a_split_needs_both_sides(dataset: Path, validates: bool) -> None:
    record = json.loads((dataset / "dataset.json").read_text())
    for row in record["clouds"]:
        row["validation"] = validates
    (dataset / "dataset.json").write_text(json.dumps(record))
    plan = TrainingPlan(str(dataset), device="cpu")
    with pytest.raises(InputError, match="no cloud trains" if validates else "no cloud validates"):
        Trainer(plan, dataset / "run")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"clouds": [{"file": "a.npz"}]}', '{"clouds": 3}'])
def test_a_damaged_record(dataset: Path, text: str) -> None:
    (dataset / "dataset.json").write_text(text)
    with pytest.raises(InputError, match=r"dataset\.json: not the record of a dataset"):
        read_dataset(dataset)


def test_a_folder_that_differs_from_its_record(dataset: Path) -> None:
    one = find_clouds(dataset)[0]
    one.rename(one.with_name("other_vox7.npz"))
    with pytest.raises(InputError, match=r"_vox7\.npz is in the .*make the dataset anew"):
        read_dataset(dataset)


@pytest.mark.parametrize(
    ("arrays", "field"),
    [
        ({"depth": 3}, "coords"),
        ({"coords": np.zeros((1, 3), np.int32)}, "depth"),
        ({"coords": np.zeros((1, 3)), "depth": 3}, "coords"),
        ({"coords": np.zeros((1, 2), int), "depth": 3}, "coords"),
        ({"coords": np.full((1, 3), 8), "depth": 3}, "coords"),
        ({"coords": np.zeros((1, 3), int), "depth": 22}, "depth"),
        ({"coords": np.zeros((1, 3), int), "depth": 7, "blocks": np.ones((1, 3), int)}, "blocks"),
        ({"coords": np.zeros((1, 3), int), "depth": 7, "blocks": np.zeros(3, int)}, "blocks"),
    ],
)
def test_bad_arrays_are_named(tmp_path: Path, arrays: dict[str, object], field: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=rf"a\.npz: .*'{field}'"):
        read_training_cloud(tmp_path / "a.npz")


def test_an_empty_cloud(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", coords=np.zeros((0, 3), int), depth=3)
    with pytest.raises(InputError, match=r"a\.npz: the cloud is empty"):
        read_training_cloud(tmp_path / "a.npz")


def test_options_that_do_not_fit(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--full-blocks.*batch"):
        train(dataset, tmp_path / "run", "--batch", "4")
    with pytest.raises(InputError, match=r"not positive.*batch"):
        train(dataset, tmp_path / "run", "--full-blocks", "--batch", "0")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_an_error_while_batches_are_made_ends_the_run(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made by a thread: its error has to reach the caller, who would wait for ever."""

    def fail(self: Trainer, step: int) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(Trainer, "batch", fail)
    with pytest.raises(MemoryError, match="no room"):
        train(dataset, tmp_path / "run", "--steps", "1")


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without a GPU")
def test_a_gpu_that_is_not_there(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no CUDA GPU can be used here"):
        train(dataset, tmp_path / "run", "--device", "cuda")


def gradients(model: VoxelDNN, half: bool) -> tuple[float, dict[str, torch.Tensor]]:
    """Rate and gradients on one small block: bfloat16 is slow where the processor lacks it."""
    batch = assemble([(16, make_sphere(4, 6.0).coords.astype(np.int64))])
    model.zero_grad()
    rate = bits_of(model, batch, half=half) / batch.points
    rate.backward()  # type: ignore[no-untyped-call]
    grads = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return float(rate.detach()), grads


def test_mixed_precision_agrees_with_float32() -> None:
    """bfloat16 has 8 bits: code length within 0.2 %, gradients of every layer in type, and alike."""
    torch.manual_seed(0)
    model = VoxelDNN()
    full, full_grads = gradients(model, half=False)
    mixed, mixed_grads = gradients(model, half=True)
    assert full != mixed
    assert abs(mixed - full) < 0.002 * full
    assert full_grads.keys() == mixed_grads.keys() == dict(model.named_parameters()).keys()
    for name, grad in full_grads.items():
        assert mixed_grads[name].dtype == grad.dtype == torch.float32
        assert float((mixed_grads[name] - grad).norm()) < 0.1 * float(grad.norm()), name


def test_chunks_do_not_matter_to_gradients() -> None:
    """The sites of one matrix product: many on a GPU, few on a CPU."""
    batch = assemble([(16, make_sphere(4, 6.0).coords.astype(np.int64))])
    torch.manual_seed(0)
    model = VoxelDNN().double()
    found = []
    for chunk in (100, 1 << 16):
        model.zero_grad()
        model(batch.window.double(), batch.near, batch.far, chunk=chunk).sum().backward()
        found.append(torch.cat([p.grad.reshape(-1) for p in model.parameters() if p.grad is not None]))
    torch.testing.assert_close(found[0], found[1], rtol=1e-9, atol=1e-9)
