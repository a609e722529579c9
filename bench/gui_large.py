"""Large clouds in the window, from disk: first picture, looking through, reading closer points, orbiting.

    python bench/gui_large.py                       a generated town: 100,000,000 points as LAS (2.6 GB of
                                                    disk), its surface of 125,000,000 voxels as a bitstream
    python bench/gui_large.py --kinds las laz       others of them; LAZ takes 2.6 GB more while it is open
    python bench/gui_large.py --file town.las       one that is there already (bench/large_cloud.py)

Each file has a process of its own, whose memory is measured. Needs a display; `make bench-gui-large` brings a
virtual one of 1280x800 and draws in software.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gui import orbit_rate
from bench.gui_large_table import KINDS
from bench.large_cloud import write_town, write_town_stream
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
    window.until(lambda: bool(session.items.shown) and view.complete())
    first = time.perf_counter() - started
    item = session.items.shown[0]
    held = item.held
    if held is None:
        raise RuntimeError("the file does not stay on disk")
    window.until(lambda: held.share == 1)
    looked = time.perf_counter() - started
    window.until(lambda: not reader.busy and view.complete())
    read = time.perf_counter() - started
    closer = []
    for _ in range(STEPS):
        begun = time.perf_counter()
        session.set_camera(session.camera.zoom(NEARER))
        window.until(lambda: not reader.busy and view.complete())
        step = {"points": len(item.display), "seconds": time.perf_counter() - begun}
        closer.append(step | ({"cell": item.display.cell} if item.refining else {}))
    monitor.stop()
    stalls = {"gap_ms": monitor.gaps, "held_ms": monitor.held, "work_ms": monitor.work}
    return {
        "kind": path.suffix.removeprefix("."),
        "points": held.points,
        "bytes": path.stat().st_size,
        "first_s": first,
        "looked_s": None if item.refining else looked,
        "read_s": read,
        "budget": session.budget,
        "closer": closer,
        "stalls": {key: max(values) for key, values in stalls.items()},
    }


def run(path: Path, output: Output) -> None:
    """Measures one file in this process, and keeps what was found beside the results of others."""
    from octavox.gui.app.app import prepare_application

    prepare_application(["bench"])
    with tempfile.TemporaryDirectory() as name:
        results: dict[str, Any] = {"machine": machine()}
        window = Window(Path(name))
        results |= measure(window, path)
        window.main.session.set_camera(window.main.session.camera.zoom(-STEPS * NEARER / 2))
        window.until(lambda: not window.main.workbench.disk.busy and window.main.viewport.complete())
        results["orbit"] = orbit_rate(window)
        results["memory"] = peak_memory()
        window.main.close()
    for key, value in results.items():
        print(f"{key:10} {value}", flush=True)
    print(f"load at the beginning {results['machine']['load']}, at the end {os.getloadavg()[0]:.1f}")
    known = {key: one for key, one in (output.last() or {}).items() if "kind" in one}
    output.keep({**known, f"{results['kind']} {results['points']}": results})


def make(kind: str, folder: Path, points: int, depth: int) -> Path:
    """A file of the town."""
    path = folder / f"town.{kind}"
    return write_town_stream(path, depth) if kind == "ovx" else write_town(path, points)


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=100_000_000, help="of the town as LAS or LAZ")
    parser.add_argument("--depth", type=int, default=13, help="bits per axis of its bitstream")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=["las", "ovx"], help="files to make")
    parser.add_argument("--file", type=Path, help="a file that is there already, instead")
    Output.add_to(parser)
    args = parser.parse_args()
    output = Output("gui_large", args)
    if args.file is not None:
        run(args.file, output)
    else:
        where = ["--write"] if args.write else ["--out", str(args.out)]
        with tempfile.TemporaryDirectory() as name:
            for kind in args.kinds:
                path = make(kind, Path(name), args.points, args.depth)
                subprocess.run([sys.executable, __file__, "--file", str(path), *where], check=True)
                path.unlink()
    output.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
