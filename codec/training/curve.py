"""A run's log as a picture: the rates of the training batches and of the validation sample by step."""

from __future__ import annotations

import json
from pathlib import Path


def read_log(log: Path) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """(training, validation): (step, bpov) from a log of `loop.Trainer`; of a repeated step, the last."""
    training: dict[int, float] = {}
    validation: dict[int, float] = {}
    for line in log.read_text().splitlines():
        entry = json.loads(line)
        if "validation" in entry:
            validation[int(entry["step"])] = float(entry["validation"]["all"])
        else:
            training[int(entry["step"])] = float(entry["bpov"])
    return sorted(training.items()), sorted(validation.items())


def draw_curve(log: Path, target: Path) -> bool:
    """Writes the PNG; False where there is no matplotlib, as on a bare GPU machine."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        return False
    training, validation = read_log(log)
    figure, axes = pyplot.subplots(figsize=(7, 4))
    if training:
        axes.plot(*zip(*training), color="#9db4d6", linewidth=0.8, label="training batches, augmented")
    if validation:
        axes.plot(*zip(*validation), "o-", color="#c23b22", markersize=3, label="validation sample")
        lowest = min(rate for _, rate in validation)
        axes.set_ylim(0.8 * lowest, 2.2 * lowest)
    axes.set_xlabel("step")
    axes.set_ylabel("bits per occupied voxel")
    axes.grid(alpha=0.3)
    if training or validation:
        axes.legend()
    figure.tight_layout()
    figure.savefig(target, dpi=110)
    pyplot.close(figure)
    return True
