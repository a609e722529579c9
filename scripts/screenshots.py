"""Takes the pictures of docs/images from the real window, with the bundled sample and the shipped weights.

    xvfb-run -a -s "-screen 0 1440x900x24" .venv/bin/python scripts/screenshots.py

Needs a display; `make screenshots` brings a virtual one.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np
from PySide6.QtCore import QEventLoop, QPoint, QSettings, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from octavox import codec, resources
from octavox.gui.app import warmup
from octavox.gui.app.app import prepare_application
from octavox.gui.app.main_window import MainWindow
from octavox.gui.base.settings import Settings
from octavox.gui.base.theme import Themer
from octavox.gui.commands.codec_comparison import CodecComparison
from octavox.gui.jobs import runner as jobs
from octavox.gui.widgets.read_questions import ReadQuestion

IMAGES = ROOT / "docs" / "images"
SIZE = (1440, 900)


def spin(milliseconds: int) -> None:
    """Handles the window's events for so many milliseconds."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def until(ready: Callable[[], bool]) -> None:
    """Handles events until `ready`."""
    while not ready():
        spin(30)


class Journey:
    """The window, and the steps that lead to the pictures."""

    def __init__(self, settings: Settings, theme: str) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.window = MainWindow(settings, Themer(app, theme))
        self.window.workbench.may_discard = lambda: True  # closing waits for no answer
        self.window.resize(*SIZE)
        self.window.show()
        self.window.attach_viewport()

    def do(self, action: str) -> None:
        """Triggers an action and waits for its job and for the complete picture."""
        self.window.action_registry[action].trigger()
        self.settle()

    def settle(self) -> None:
        bench = self.window.workbench
        until(lambda: not (bench.busy or bench.shading.busy or bench.point_data.busy))
        until(lambda: not self.window.scheduler.busy)
        shown = [side for side in self.window.viewport.sides if side.box.isVisible()]
        until(lambda: all(side.pane.complete for side in shown))
        spin(400)

    def shoot(self, name: str) -> None:
        """Writes a picture of the window on the screen."""
        screen = QApplication.primaryScreen()
        path = IMAGES / f"{name}.png"
        corner = self.window.frameGeometry()
        screen.grabWindow(0, corner.x(), corner.y(), corner.width(), corner.height()).save(str(path))
        print(path.relative_to(ROOT))

    def show_surprise(self) -> None:
        """With VoxelDNN, which also gives the costs of the other block sizes."""
        session, camera = self.window.session, self.window.session.camera
        self.window.commands.codec.set_option("codec", "voxeldnn")
        self.do("compress")
        self.choose_most_expensive()
        self.window.action_registry["surprise"].trigger()
        until(lambda: session.shown_surprise is not None)
        self.do("zoom_block")
        self.shoot("surprise")
        self.window.action_registry["surprise"].trigger()
        session.set_camera(camera)
        self.settle()

    def choose_most_expensive(self) -> None:
        bits = self.window.session.blocks.bits
        self.window.commands.view.select(int(bits.argmax()))
        self.settle()

    def front(self, *panels: str) -> None:
        """Brings panels to the front of their tab groups."""
        for name in panels:
            self.window.docks[name].raise_()
        spin(200)

    def show_analysis(self) -> None:
        """A range of the histogram."""
        window = self.window
        plot = window.panels["Histogram"].plot
        plot.brushed.emit(plot.histogram.brushed(len(plot.histogram) // 2, len(plot.histogram)))
        self.do("cloud_plain")
        self.do("edl")
        spin(1500)
        self.shoot("histogram")
        window.panels["Histogram"].clear.click()
        self.do("edl")
        self.do("cloud_block")

    def show_loss(self) -> None:
        """Half a level left out, with the curve; which voxels are guesses; some levels of the bitstream."""
        window = self.window
        window.commands.codec.set_option("codec", "multiscale")
        self.do("deselect")
        self.front("Quality")
        until(lambda: not window.workbench.sampling.busy)
        window.panels["Quality"].slider.setValue(2)
        self.do("compress")
        self.do("rd_curve")
        until(lambda: not window.workbench.sampling.busy)
        self.shoot("quality")
        self.do("decompress")
        self.do("overlay")
        self.do("cloud_guessed")
        self.shoot("guessed")
        self.front("Levels")
        window.panels["Levels"].slider.setValue(6)
        spin(500)
        self.settle()
        self.shoot("levels")
        window.panels["Quality"].slider.setValue(0)
        self.front("Blocks", "Histogram")
        self.do("overlay")
        self.do("cloud_block")

    def show_help(self) -> None:
        helping = self.window.commands.help
        helping.show_palette()
        helping.palette.edit.setText("block")
        spin(300)
        self.shoot("palette")
        helping.palette.hide()
        helping.start_tour()
        for _ in range(4):
            helping.tour.next.click()
        spin(400)
        self.shoot("tour")
        helping.tour.end()

    def show_rates(self) -> None:
        """Rates by codec and depth, in their own window."""
        choices = [(name, depth) for depth in (5, 6, 7, 8) for name in ("octree", "multiscale")]
        self.window.commands.rates.compute(choices)
        self.settle()
        shown = self.window.commands.rates.shown
        assert shown is not None
        shown.grab().save(str(IMAGES / "rates.png"))
        shown.close()

    def show_codecs(self) -> None:
        """The cloud under two codecs, coloured by how many bits B spends more."""
        window = self.window
        comparison = window.commands.of(CodecComparison)
        window.session.set_kept(keep="auto", depth=None, drop_levels=0.0)
        window.action_registry["layout_compare"].trigger()
        comparison.compare_codecs(["octree", "multiscale"])
        until(lambda: not comparison.running)
        self.settle()
        self.do("cloud_delta")
        self.shoot("codecs")

    def show_difference(self, folder: str) -> None:
        """Another bitstream beside the cloud, with a part of the cloud moved, compared point by point."""
        window = self.window
        original = window.session.original
        assert original is not None
        cloud = original.display.cloud
        coords = cloud.coords.astype(np.int64)
        bent = np.rint(0.03 * np.maximum(0, coords[:, 1] - 150)).astype(np.int64)
        coords[:, 0] += bent
        other = codec.VoxelCloud.from_coords(coords, cloud.transform, cloud.depth)
        path = str(Path(folder, "bent.ovx"))
        codec.save_stream(path, codec.encode(other, options=codec.CodecOptions(codec="octree")).data)
        window.commands.file.open_path(path)
        self.settle()
        if window.session.view.overlay:
            self.do("overlay")
        self.front("Compare")
        self.do("compare")
        self.shoot("difference")

    def show_questions(self, folder: str) -> None:
        """What the window asks: which points of a mesh, and whether points may move."""
        window, mesh = self.window, Path(folder, "statue.obj")
        mesh.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
        window.commands.file.open_path(str(mesh))
        self.settle()
        self.shoot("mesh")
        window.findChildren(ReadQuestion)[0].reject()
        rows = np.random.default_rng(0).normal(size=(60_000, 3))
        scan = Path(folder, "scan.ply")
        codec.write_cloud(scan, codec.PointCloud(40 * rows / np.linalg.norm(rows, axis=1)[:, None]))
        window.commands.file.open_path(str(scan))
        self.settle()
        window.commands.codec.set_option("keep", "voxels")
        self.do("compress")
        self.shoot("moves")
        window.findChildren(QMessageBox)[0].close()
        window.commands.codec.set_option("keep", "auto")

    def show_properties(self, folder: str) -> None:
        """A scan coloured by its classes, with the cursor on a point; what each property costs; errors."""
        window, path = self.window, Path(folder, "terrain.ply")
        codec.write_cloud(path, terrain())
        window.commands.file.open_path(str(path))
        self.settle()
        self.do("compress")
        self.do("decompress")
        if window.session.view.overlay:
            self.do("overlay")
        window.commands.view.set_cloud_mode("property:classification")
        self.front("Points")
        self.settle()
        self.put_cursor_on_a_point()
        self.shoot("properties")
        self.do("overlay")
        window.commands.view.set_block_mode("bits:intensity")
        window.commands.view.set_cloud_mode("cost:*colour")
        self.settle()
        self.do("most_expensive")
        self.front("Blocks", "Bytes")
        self.shoot("components")
        self.do("deselect")
        self.do("overlay")

    def show_timeline(self, folder: str) -> None:
        """Eight frames of the sample on its way, with the frame before as a ghost."""
        sample = codec.read_cloud(resources.find("samples/spot_vox8.ply"))
        way = [sample.coords + np.rint([6 * k, 4 * np.sin(k), 0]).astype(np.int32) + 8 for k in range(8)]
        walk = str(Path(folder, "walk.ovx"))
        clouds = [codec.PointCloud(coords, sample.colors) for coords in way]
        codec.encode_sequence(clouds, walk, options=codec.CodecOptions(codec="octree"))
        self.window.commands.file.open_any(walk)
        self.settle()
        self.do("frame_ghost")
        self.window.commands.sequence.seek(4)
        until(lambda: not self.window.commands.sequence.player.busy)
        self.settle()
        self.shoot("timeline")
        self.do("frame_ghost")

    def put_cursor_on_a_point(self) -> None:
        """On the one that is nearest to the middle of the left view."""
        session, pane = self.window.session, self.window.viewport.a.pane
        assert session.original is not None
        coords = session.original.display.cloud.coords
        seen = session.camera.project(coords + 0.5, pane.width(), pane.height())
        gaps = np.hypot(seen[:, 0] - 0.4 * pane.width(), seen[:, 1] - pane.height() / 2)
        for place in seen[np.argsort(gaps)[:200:20]]:
            QTest.mouseMove(pane, QPoint(round(place[0]) + 4, round(place[1])))
            QTest.mouseMove(pane, QPoint(round(place[0]), round(place[1])))
            spin(400)
            if pane.overlay.probe:
                return


def terrain() -> codec.PointCloud:
    """A made-up scan: hills with a building and trees; colour, intensity, class and time of each point."""
    rng, count = np.random.default_rng(5), 120_000
    x, y = 200 * rng.random((2, count))
    house = (x > 120) & (x < 170) & (y < 80) & (y > 40)
    tree = (np.hypot((x % 40) - 20, (y % 50) - 25) < 6) & ~house
    height = 8 * np.sin(x / 25) * np.cos(y / 18) + 14 * house + 9 * tree * rng.random(count)
    label = np.where(house, 6, np.where(tree, 5, 2)).astype(np.uint8)
    paint = np.array([[132, 120, 84], [70, 128, 60], [176, 92, 74]])[np.searchsorted([2, 5, 6], label)]
    colors = np.clip(paint + 4 * height[:, None] + rng.normal(0, 5, (count, 3)), 0, 255).astype(np.uint8)
    intensity = np.clip(rng.normal(400 + 250.0 * label, 60), 0, 65535).astype(np.uint16)
    points = np.rint(np.c_[x, y, height] / 0.1).astype(np.int32)
    time = np.sort(60 * rng.random(count))
    columns: dict[str, np.ndarray] = {"intensity": intensity, "classification": label, "time": time}
    return codec.PointCloud(points, colors, attributes=columns)


def main() -> int:
    """Entry of the script."""
    prepare_application(["screenshots"])
    jobs.NICENESS = warmup.NICENESS = 0  # no user waits for the window
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for theme in ("dark", "light"):
            store = QSettings(str(Path(folder, f"{theme}.ini")), QSettings.Format.IniFormat)
            journey = Journey(Settings(store), theme)
            journey.settle()
            if theme == "dark":
                journey.shoot("welcome")
            journey.do("open_sample")
            if theme == "dark":
                journey.shoot("cloud")
            journey.do("compress")
            journey.choose_most_expensive()
            journey.shoot(f"blocks-{theme}")
            if theme == "dark":
                journey.show_surprise()
                journey.show_analysis()
                journey.show_help()
                journey.do("decompress")
                journey.shoot("certificate")
                journey.show_loss()
                journey.show_difference(folder)
                journey.show_questions(folder)
                journey.show_properties(folder)
                journey.show_timeline(folder)
                journey.do("close")
                journey.do("open_sample")
                journey.show_rates()
                journey.show_codecs()
            journey.window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
