"""Rate and distortion of lossy geometry as a picture: one plot for each cloud."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLUMNS = 3
STYLES = {"trisoup": ("s--", "#c44e52"), "octree": ("^:", "#8172b2")}


def rd_picture(clouds: list[dict[str, Any]], folder: Path) -> None:
    """D1 PSNR against bits per point, on a logarithmic axis. The same results give the same bytes."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = -(-len(clouds) // COLUMNS)
    columns = min(COLUMNS, len(clouds))
    with pyplot.rc_context({"svg.hashsalt": "octavox", "font.size": 8}):
        figure, axes = pyplot.subplots(rows, columns, figsize=(3.6 * columns, 3.0 * rows), squeeze=False)
        for place, cloud in zip(axes.flat, clouds):
            _draw(place, cloud)
        for place in axes.flat[len(clouds) :]:
            place.set_visible(False)
        figure.tight_layout()
        folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(folder / "rate-distortion.svg", metadata={"Date": None})
        pyplot.close(figure)


def _draw(axes: Any, cloud: dict[str, Any]) -> None:
    own = [(row["rate"], row["d1"]) for row in cloud["rows"]]
    axes.plot(*zip(*own), "o-", color="#4c72b0", label="Octavox", markersize=4)
    for name, curve in cloud["gpcc"].items():
        style, color = STYLES[name]
        axes.plot(*zip(*curve), style, color=color, label=f"G-PCC v23 {name}", markersize=4)
    axes.set_xscale("log")
    axes.set_title(cloud["cloud"])
    axes.set_xlabel("bits per point")
    axes.set_ylabel(f"D1 PSNR, dB (peak 2^{cloud['bits']} - 1)")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left", fontsize=7)
