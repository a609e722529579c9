"""How long jobs keep the window from its events: the longest gap on the GUI thread, by stage.

    python bench/gui_stall.py                       the bundled sample and a generated cloud of 720,000 points
    python bench/gui_stall.py a.ply --codec octree  other clouds

Needs a display; `xvfb-run -a python bench/gui_stall.py` brings a virtual one. The camera turns all the while,
as it would under a user's hand.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

import codec
import resources
from gui.app import prepare_application


def torus(points: int, path: Path) -> Path:
    """A voxelized torus of about `points` voxels, as a PLY file."""
    small = (points / (4 * np.pi**2 * 2.75 * 1.45)) ** 0.5  # 1.45: occupied voxels per unit of surface
    half = int(4 * small) + 2
    steps = int(points**0.5 * 3)
    u = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    ring, height = 2.75 * small + small * np.cos(u), np.rint(small * np.sin(u)).astype(np.int64) + half
    found = []
    for part in np.array_split(np.arange(steps), max(1, steps // 200)):  # few at a time: the rest is memory
        x = np.rint(ring[part, None] * np.cos(u)).astype(np.int64) + half
        z = np.rint(ring[part, None] * np.sin(u)).astype(np.int64) + half
        found.append(np.unique((x << 42 | height[part, None] << 21 | z).ravel()))
    keys = np.unique(np.concatenate(found))
    voxels = np.stack([keys >> 42, keys >> 21 & 0x1FFFFF, keys & 0x1FFFFF], axis=1)
    cloud, _ = codec.voxelize(codec.PointCloud(voxels, coordinate_type="int"))
    codec.write_ply(path, cloud)
    return path


def measure(path: Path, options: dict[str, str], turn: bool) -> None:
    """Open, compress and decompress one cloud in a window; print the longest gaps."""
    from PySide6.QtCore import QEventLoop, QSettings, QTimer
    from PySide6.QtWidgets import QApplication

    from gui.mainwindow import MainWindow
    from gui.settings import Settings
    from gui.stall import StallMonitor
    from gui.theme import Themer
    from gui.warmup import Warmup

    def spin(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(str(Path(folder, "settings.ini")), QSettings.Format.IniFormat)
        window = MainWindow(Settings(store), Themer(app, "dark"))
        window.show()
        window.attach_viewport()
        for name, value in options.items():
            window.workbench.set_option(name, value)
        warmup = Warmup()
        warmup.start()
        while warmup.is_alive():
            spin(100)
        monitor = StallMonitor()
        orbit = QTimer()
        orbit.timeout.connect(lambda: window.session.set_camera(window.session.camera.orbit(2, 0)))
        for stage in ("open", "compress", "decompress"):
            monitor.start()
            started = time.perf_counter()
            if stage == "open":
                window.workbench.open_path(str(path))
            else:
                window.actions_[stage].trigger()
                if turn:
                    orbit.start(50)
            while window.workbench.jobs.busy:
                spin(20)
            seconds = time.perf_counter() - started
            orbit.stop()
            spin(1500)
            monitor.stop()
            gaps, work = (
                ", ".join(f"{value:.0f}" for value in monitor.worst(values))
                for values in (monitor.gaps, monitor.work)
            )
            points = len(window.session.original.display) if window.session.original else 0
            head = f"{path.name:20} {points:>9,} {stage:>11} {seconds:6.1f} s"
            print(f"{head}   gaps {gaps} ms   of this thread's work {work} ms", flush=True)
        if window.error_bar.isVisible():
            print(f"  failed: {window.error_bar.title.text()}")
        window.close()


def main() -> int:
    """Entry of the script."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--codec", default="octree", choices=codec.codec_names())
    parser.add_argument("--still", action="store_true", help="leave the camera alone")
    parser.add_argument("--points", type=int, default=720_000, help="of the generated cloud")
    args = parser.parse_args()
    prepare_application(["gui_stall"])
    with tempfile.TemporaryDirectory() as folder:
        files = args.files or [
            resources.find("samples/spot_vox8.ply"),
            torus(args.points, Path(folder, "torus_vox10.ply")),
        ]
        for path in files:
            measure(path, {"codec": args.codec}, not args.still)
    return 0


if __name__ == "__main__":
    sys.exit(main())
