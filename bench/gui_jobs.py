"""How long jobs keep the window from its events: the longest gaps between turns of its event loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench.window import Window
from octavox import resources

Job = tuple[str, Callable[[], Any]]
REST_MS = 300
TURN_MS = 50


def jobs(window: Window, cloud: Path, folder: Path, video: bool) -> Iterator[Job]:
    """Names of jobs and what starts them, in an order in which each finds what it needs."""
    main = window.main
    action = {
        key: main.action_registry[key].trigger for key in ("compress", "decompress", "compare", "surprise")
    }
    yield "open", lambda: main.commands.file.open_path(str(cloud))
    for codec in ("octree", "multiscale"):
        main.commands.codec.set_option("codec", codec)
        yield f"compress, {codec}", action["compress"]
        yield f"decompress, {codec}", action["decompress"]
    yield "compare", action["compare"]
    main.commands.view.select(0)
    yield "decode a part", main.action_registry["decode_part"].trigger
    yield "export of a PLY", lambda: main.commands.export.cloud(str(folder / "out.ply"))
    if video:
        yield "video", lambda: main.commands.video.turntable(str(folder / "out.ogv"))
    main.commands.view.select(0)
    yield "surprise", action["surprise"]
    yield "open, sample", lambda: main.commands.file.open_path(str(resources.find("samples/spot_vox8.ply")))
    main.commands.codec.set_option("codec", "voxeldnn")
    yield "compress, voxeldnn", action["compress"]
    yield "decompress, voxeldnn", action["decompress"]


def measure(window: Window, start: Callable[[], Any], turn: bool) -> dict[str, Any]:
    """Run one job. turn: with the camera turning all the while, as it would under a user's hand."""
    from PySide6.QtCore import QTimer

    from octavox.gui.base.stall import StallMonitor

    main, monitor, orbit = window.main, StallMonitor(), QTimer()
    orbit.timeout.connect(lambda: main.session.set_camera(main.session.camera.orbit(2, 0)))
    window.spin(REST_MS)
    monitor.start()
    started = time.perf_counter()
    start()
    if turn:
        orbit.start(TURN_MS)
    window.until(lambda: not window.working)
    seconds = time.perf_counter() - started
    orbit.stop()
    window.until(lambda: not main.scheduler.busy and main.viewport.complete())
    window.spin(REST_MS)
    monitor.stop()
    if main.error_bar.isVisible():
        raise RuntimeError(main.error_bar.title.text())
    longest = {"gap_ms": monitor.gaps, "held_ms": monitor.held, "work_ms": monitor.work}
    return {"seconds": seconds} | {key: max(values) for key, values in longest.items()}


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several runs of one job: the longest gap of each, shortest first; the medians of all else."""
    middle = {key: median(run[key] for run in runs) for key in ("seconds", "held_ms", "work_ms")}
    return middle | {"gaps_ms": sorted(run["gap_ms"] for run in runs)}


def cancel(window: Window) -> float:
    """Seconds from Cancel to the end of a compression, the longest of five."""
    longest, main = 0.0, window.main
    for wait in (20, 100, 300, 600, 1000):
        main.action_registry["compress"].trigger()
        window.spin(wait)
        started = time.perf_counter()
        main.workbench.cancel()
        window.until(lambda: not main.workbench.jobs.busy)
        longest = max(longest, time.perf_counter() - started)
    return longest
