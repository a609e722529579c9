"""The window in figures: start, opening, orbiting, sorting, and how long jobs keep it from its events.

    python bench/gui.py                    a generated cloud of 1,000,000 points, and the bundled sample
    python bench/gui.py --points 10000000  a larger one

    python bench/gui.py --turn             with the camera turning all the while, as under a user's hand

Needs a display; `make bench-gui` brings a virtual one of 1280x800 and draws in software. Times on a machine
with other work to do are too long, so the load is printed with them, and for the GUI thread the processor
time that it used itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from bench import gui_jobs
from bench.measure import ROOT, machine
from bench.output import Output
from bench.torus import torus
from bench.window import Window

ORBIT_SECONDS = 6.0
TABLE_ROWS = 100_000
MOST_OF_A_VIDEO = 2_000_000  # points: each of its pictures holds all of them
START = """
import sys, time
sys.path.insert(0, sys.argv[1])
from octavox.gui.app.app import prepare_application
app = prepare_application(["bench"])
from PySide6.QtCore import QEvent, QObject, QSettings, QTimer
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
window = MainWindow(Settings(QSettings(sys.argv[3], QSettings.Format.IniFormat)), Themer(app, "dark"))
window.workbench.may_discard = lambda: True  # closing waits for no answer
class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            window.centralWidget().removeEventFilter(self)
            QTimer.singleShot(0, report)
        return False
def report():
    print(time.time() - float(sys.argv[2]), time.process_time(), flush=True)
    app.quit()
watch = Watch()
window.centralWidget().installEventFilter(watch)
window.show()
app.exec()
"""


def start_time() -> tuple[float, float]:
    """Seconds from the start of a process to its painted window, the best of three; its processor seconds."""
    best = (float("inf"), float("inf"))
    with tempfile.TemporaryDirectory() as folder:
        for number in range(3):
            settings = str(Path(folder, f"{number}.ini"))
            words = [sys.executable, "-c", START, str(ROOT), str(time.time()), settings]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            wall, processor = (float(v) for v in done.stdout.split())
            best = min(best, (wall, processor))
    return best


def open_times(window: Window, path: Path) -> dict[str, float]:
    """Seconds until the first points are on the screen, and until all are."""
    started = time.perf_counter()
    main = window.main
    main.commands.file.open_path(str(path))
    pane = main.viewport.a.pane
    window.until(lambda: bool(pane.points.chunks) and not pane._erase and pane._frame_under_way is None)
    first = time.perf_counter() - started
    window.until(lambda: main.session.original is not None or not main.workbench.jobs.busy)
    window.until(main.viewport.complete)
    return {"first_points_s": first, "all_points_s": time.perf_counter() - started}


def orbit_rate(window: Window) -> dict[str, float]:
    """Pictures of all views a second that appear while the camera turns, the thread's own milliseconds for
    one, and the longest time without a turn of the event loop, from the turning to the complete pictures."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    from octavox.gui.base.stall import StallMonitor

    session, view = window.main.session, window.main.viewport
    panes = [side.pane for side in view.sides if side.box.isVisible()]

    class Turn(QObject):
        """Turns the camera on as soon as every view has painted its last picture."""

        painted, last = 0, [pane._image for pane in panes]

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            now = [pane._image for pane in panes]
            if event.type() == QEvent.Type.Paint and all(
                a is not b for a, b in zip(now, self.last, strict=True)
            ):
                self.painted, self.last = self.painted + 1, now
                QTimer.singleShot(0, self.on)
            return False

        def on(self) -> None:
            session.set_camera(session.camera.orbit(3, 0.5))

    window.spin(500)
    turn, monitor = Turn(), StallMonitor()
    for pane in panes:
        pane.installEventFilter(turn)
    monitor.start()
    turn.on()
    work, started = time.thread_time(), time.perf_counter()
    window.spin(int(1000 * ORBIT_SECONDS))
    for pane in panes:
        pane.removeEventFilter(turn)
    seconds, work = time.perf_counter() - started, time.thread_time() - work
    window.until(view.complete)
    monitor.stop()
    return {
        "pictures_a_second": turn.painted / seconds,
        "work_ms_a_picture": 1000 * work / max(1, turn.painted),
        "points": sum(len(item.display) for item in session.items.shown),
        "gap_ms": max(monitor.gaps),
        "held_ms": max(monitor.held),
        "longest_work_ms": max(monitor.work),
    }


def four_views(window: Window, cloud: Path, folder: Path) -> dict[str, Any]:
    """Four clouds opened together, one in each view: until all is drawn, and while the cameras turn."""
    from octavox.gui.base.stall import StallMonitor

    paths = [str(shutil.copy(cloud, folder / f"{name}.ply")) for name in ("one", "two", "three", "four")]
    main, monitor = window.main, StallMonitor()
    main.commands.file.clear_session()
    window.spin(300)
    monitor.start()
    started = time.perf_counter()
    main.commands.file.open_several(paths)
    window.until(lambda: len(main.session.items.clouds) == len(paths) and not window.working)
    main.action_registry["panes_4"].trigger()
    window.until(lambda: not main.scheduler.busy and main.viewport.complete())
    opened = time.perf_counter() - started
    window.until(lambda: not main.workbench.shading.busy and main.viewport.complete())
    monitor.stop()
    opening = {"gap_ms": max(monitor.gaps), "held_ms": max(monitor.held), "work_ms": max(monitor.work)}
    return {"all_points_s": opened, "opening": opening, "orbit": orbit_rate(window)}


def table_times() -> dict[str, float]:
    """Milliseconds to sort and to filter a table of TABLE_ROWS blocks, painting included."""
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QApplication

    from octavox.codec import BlockTable
    from octavox.gui.document.blocks import BlockFilter
    from octavox.gui.widgets.blocks_table import BlocksPanel

    dice = np.random.default_rng(0)
    origin = dice.integers(0, 1 << 15, (TABLE_ROWS, 3)) * 8
    blocks = BlockTable.make(
        origin, 8, dice.integers(1, 200, TABLE_ROWS), dice.gamma(2.0, 50.0, TABLE_ROWS), 1.0
    )
    panel = BlocksPanel()
    panel.resize(700, 260)
    panel.show()
    panel.show_blocks(blocks, BlockFilter(), None)
    QApplication.processEvents()
    times = {}
    started = time.perf_counter()
    panel.table.sortByColumn(6, Qt.SortOrder.DescendingOrder)
    QApplication.processEvents()
    times["sort_ms"] = 1000 * (time.perf_counter() - started)
    started = time.perf_counter()
    panel.show_blocks(blocks, BlockFilter("bpov", 0.5, 2.0), None)
    QApplication.processEvents()
    times["filter_ms"] = 1000 * (time.perf_counter() - started)
    panel.close()
    return times


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--points", type=int, default=1_000_000)
    Output.add_to(parser)
    parser.add_argument("--no-jobs", action="store_true", help="leave the jobs out")
    parser.add_argument("--repeat", type=int, default=3, help="how often each job is run")
    parser.add_argument("--turn", action="store_true", help="turn the camera all the while a job runs")
    args = parser.parse_args()
    wall, processor = start_time()
    results: dict[str, Any] = {"machine": machine(), "start_s": wall, "start_processor_s": processor}
    _say("window painted", f"{wall:.2f} s (processor {processor:.2f} s)", "1.5 s")

    from octavox.gui.app.app import prepare_application

    prepare_application(["bench"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cloud = torus(args.points, folder / "torus_vox10.ply")
        window = Window(folder)
        results["open"] = opened = open_times(window, cloud)
        _say("first points", f"{opened['first_points_s']:.2f} s, all {opened['all_points_s']:.2f} s", "1.5 s")
        results["orbit"] = orbit = orbit_rate(window)
        pace = f"{orbit['pictures_a_second']:.1f} a second, {orbit['work_ms_a_picture']:.0f} ms of work each"
        _say(f"orbiting {orbit['points']:,.0f} points", pace, "20 a second")
        results["table"] = table = table_times()
        words = f"sort {table['sort_ms']:.0f} ms, filter {table['filter_ms']:.0f} ms"
        _say(f"{TABLE_ROWS:,} rows", words, "100 ms")
        results["four"] = four = four_views(window, cloud, folder)
        turning = four["orbit"]
        pace = (
            f"{turning['pictures_a_second']:.1f} a second, longest gap {turning['gap_ms']:.0f} ms; held "
            f"{turning['held_ms']:.0f}, own work {turning['longest_work_ms']:.0f}"
        )
        _say("four views, orbiting", pace, "50 ms")
        gaps = four["opening"]
        words = (
            f"{four['all_points_s']:.1f} s, longest gap {gaps['gap_ms']:.0f} ms; held {gaps['held_ms']:.0f}"
        )
        _say("four views, opening", f"{words}, own work {gaps['work_ms']:.0f}", "50 ms")
        results["memory"] = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        if not args.no_jobs:
            window.warm_up()
            runs: dict[str, list[dict[str, Any]]] = {}
            for number in range(args.repeat):
                for key, start in gui_jobs.jobs(
                    window, cloud, folder, video=number == 0 and args.points <= MOST_OF_A_VIDEO
                ):
                    runs.setdefault(key, []).append(gui_jobs.measure(window, start, args.turn))
            results["jobs"] = {key: gui_jobs.summary(found) for key, found in runs.items()}
            for key, job in results["jobs"].items():
                words = ", ".join(f"{v:.0f}" for v in job["gaps_ms"])
                words = f"longest gaps {words} ms; held {job['held_ms']:.0f}, own work {job['work_ms']:.0f}"
                _say(f"{key}, {job['seconds']:.1f} s", words, "50 ms")
            results["cancel_s"] = gui_jobs.cancel(window)
            _say("cancel", f"{results['cancel_s']:.2f} s", "0.5 s")
        window.main.close()
    print(f"load at the beginning {results['machine']['load']}, at the end {os.getloadavg()[0]:.1f}")
    output = Output("gui", args)
    output.keep({**(output.last() or {}), f"{results['orbit']['points']}": results})
    output.finish()
    return 0


def _say(name: str, words: str, target: str) -> None:
    print(f"{name:28} {words:60} target {target}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
