"""A large cloud in the window, from disk: first picture, looking through, reading closer points, orbiting.

    python bench/gui_large.py                       a generated town of 100,000,000 points: 2.6 GB of disk
    python bench/gui_large.py --file town.las       one that is there already (bench/large_cloud.py)

Needs a display; `make bench-gui-large` brings a virtual one of 1280x800 and draws in software.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gui import orbit_rate
from bench.large_cloud import write_town
from bench.measure import machine
from bench.output import Output
from bench.window import Window

STEPS, NEARER = 4, 8.5  # times, and notches of the wheel: a quarter of the distance


def peak_memory() -> int:
    """The most bytes that this process had in memory (Linux)."""
    words = Path("/proc/self/status").read_text().split("VmHWM:")[1].split()
    return 1024 * int(words[0])


def measure(window: Window, path: Path) -> dict[str, Any]:
    """Open a file, look at it from ever closer, turn around it."""
    from octavox.gui.base.stall import StallMonitor

    main, session = window.main, window.main.session
    reader, view = main.workbench.disk, main.viewport
    session.large = 0
    monitor = StallMonitor()
    monitor.start()
    started = time.perf_counter()
    main.commands.file.open_path(str(path))
    window.until(lambda: session.original is not None and view.complete())
    first = time.perf_counter() - started
    disk = session.original.on_disk if session.original else None
    if disk is None:
        raise RuntimeError("the file does not stay on disk")
    window.until(lambda: disk.share == 1)
    looked = time.perf_counter() - started
    window.until(lambda: not reader.busy and view.complete())
    read = time.perf_counter() - started
    closer = []
    for _ in range(STEPS):
        begun = time.perf_counter()
        session.set_camera(session.camera.zoom(NEARER))
        window.until(lambda: not reader.busy and view.complete())
        closer.append({"points": disk.shown, "seconds": time.perf_counter() - begun})
    monitor.stop()
    stalls = {"gap_ms": monitor.gaps, "held_ms": monitor.held, "work_ms": monitor.work}
    return {
        "points": disk.points,
        "bytes": path.stat().st_size,
        "first_s": first,
        "looked_s": looked,
        "read_s": read,
        "budget": session.budget,
        "closer": closer,
        "stalls": {key: max(values) for key, values in stalls.items()},
    }


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=100_000_000)
    parser.add_argument("--file", type=Path, help="a LAS file that is there already")
    Output.add_to(parser)
    args = parser.parse_args()

    from octavox.gui.app.app import prepare_application

    prepare_application(["bench"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = args.file or write_town(folder / "town.las", args.points)
        results: dict[str, Any] = {"machine": machine()}
        window = Window(folder)
        results |= measure(window, path)
        window.main.session.set_camera(window.main.session.camera.zoom(-STEPS * NEARER / 2))
        window.until(lambda: not window.main.workbench.disk.busy and window.main.viewport.complete())
        results["orbit"] = orbit_rate(window)
        results["memory"] = peak_memory()
        window.main.close()
    for key, value in results.items():
        print(f"{key:10} {value}", flush=True)
    print(f"load at the beginning {results['machine']['load']}, at the end {os.getloadavg()[0]:.1f}")
    output = Output("gui_large", args)
    output.keep({**(output.last() or {}), f"{results['points']}": results})
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
