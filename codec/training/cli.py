"""`octavox train`: from a folder of clouds to a weights file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from octavox.codec.errors import InputError
from octavox.codec.optional import optional_package

RATES = {  # learning rates
    "voxeldnn": 1e-3,
    "multiscale": 2e-3,
    "upsampler": 2e-3,
    "densifier": 2e-3,
    "inter": 4e-4,  # it begins with the weights of another network
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the options of `train` on `parser`."""
    parser.set_defaults(quiet=False, json=False)
    parser.add_argument("data", help="folder: a dataset (octavox dataset), or clouds (.vox.xz, .npz, .ply)")
    parser.add_argument("--network", default="voxeldnn", choices=tuple(RATES), help="default: voxeldnn")
    parser.add_argument(
        "-o", "--out", default=None, help="folder: checkpoint, log, weights (default: runs/NETWORK)"
    )
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument(
        "--sites", type=int, default=40000, help="about this many active sites per step (voxeldnn)"
    )
    parser.add_argument(
        "--points",
        type=int,
        default=None,
        help="at least this many voxels per step (all networks but voxeldnn)",
    )
    parser.add_argument(
        "--full-blocks",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="learn from whole aligned 64^3 blocks, as the paper does, instead of crops of several sizes "
        "(default: on a GPU, with a dataset)",
    )
    parser.add_argument(
        "--batch", type=int, default=None, help="whole blocks per step (default: the paper's 8)"
    )
    parser.add_argument("--learning-rate", type=float, default=None)
    parser.add_argument(
        "--start",
        default=None,
        metavar="WEIGHTS",
        help="begin with these weights (.safetensors) instead of random ones",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--workers", type=int, default=1, help="threads that cut and augment blocks")
    parser.add_argument("--until", type=int, default=None, help="stop at this step; run again to continue")
    parser.add_argument(
        "--minutes", type=float, default=None, help="stop after this many minutes; run again to continue"
    )


def run(args: argparse.Namespace) -> int:
    """Trains or resumes; returns an exit code."""
    torch = optional_package("torch", "training")
    from .export import export
    from .loop import Trainer, TrainingPlan

    if args.threads:
        torch.set_num_threads(args.threads)
    for name in ("steps", "sites", "workers", "batch", "points"):
        value = getattr(args, name)
        if value is not None and value < 1:
            raise InputError(f"{value} is not positive", field=name)
    plan = TrainingPlan(
        data=args.data,
        steps=args.steps,
        sites=args.sites,
        learning_rate=args.learning_rate or RATES[args.network],
        seed=args.seed,
        device=args.device,
        batch=_batch(args),
        network=args.network,
        points=args.points,
    )
    out = Path(args.out or f"runs/{args.network}")
    start = None if args.start is None else Path(args.start)
    trainer = Trainer(plan, out, command=_command(args), workers=args.workers, start=start)
    trainer.says = not args.quiet
    trainer.run(minutes=args.minutes, until=args.until)
    files = export(trainer, out)
    if args.json:
        print(json.dumps({"step": trainer.step, "steps": plan.steps, "files": str(files)}))
    elif not args.quiet:
        print(f"step {trainer.step} of {plan.steps}; weights and card: {files}")
    return 0


def _batch(args: argparse.Namespace) -> int | None:
    """The number of whole blocks per step; None for crops."""
    from octavox.codec.models.devices import pick_device

    from .blocks import BATCH
    from .clouds import read_dataset

    full = args.full_blocks
    if args.network != "voxeldnn":
        if full or args.batch is not None:
            raise InputError("learns from cubes, not from whole blocks", field=args.network)
        return None
    if full is None:
        on_gpu = pick_device(args.device) == "cuda"
        full = on_gpu and read_dataset(Path(args.data)) is not None
    if full:
        return BATCH if args.batch is None else int(args.batch)
    if args.batch is not None:
        raise InputError("counts whole blocks; add --full-blocks", field="batch")
    return None


def _command(args: argparse.Namespace) -> str:
    """The options that decide the outcome, as the user types them."""
    data = Path(args.data)
    size = "sites" if args.network == "voxeldnn" else "points"
    given = [n for n in ("network", "steps", size, "seed") if getattr(args, n) not in (None, "voxeldnn")]
    named = (f"--{n} {getattr(args, n)}" for n in given)
    batch = _batch(args)
    blocks = "" if batch is None else f" --full-blocks --batch {batch}"
    start = "" if args.start is None else f" --start {Path(args.start).name}"
    rate = args.learning_rate or RATES[args.network]
    return f"{data.name} {' '.join(named)} --learning-rate {rate:g}{blocks}{start}"
