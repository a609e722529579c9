"""The legend below the views."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage

from octavox.codec import BlockTable
from octavox.gui.document.colormap import HEAT_TABLE, Scale
from octavox.gui.document.colour_modes import block_mode
from octavox.gui.widgets.legend import HEIGHT, LegendBar


def picture(widget) -> QImage:
    image = QImage(widget.size(), QImage.Format.Format_RGB32)
    widget.render(image)
    return image


def has_color(image: QImage, color: tuple[int, int, int]) -> bool:
    wanted = QColor(*color)
    return any(
        abs(image.pixelColor(x, y).red() - wanted.red()) < 4
        and abs(image.pixelColor(x, y).green() - wanted.green()) < 4
        and abs(image.pixelColor(x, y).blue() - wanted.blue()) < 4
        for y in range(0, image.height(), 2)
        for x in range(image.width())
    )


def test_legend_draws_its_scale_and_its_swatches(qtbot, themer) -> None:
    bar = LegendBar()
    qtbot.addWidget(bar)
    bar.resize(700, HEIGHT)
    blank = picture(bar)
    scale = Scale(0, 100, HEAT_TABLE)
    bar.show_legends(scale.legend("Bits per block", "bits", False), None)
    image = picture(bar)
    assert not has_color(blank, tuple(int(v) for v in HEAT_TABLE[5]))
    assert has_color(image, tuple(int(v) for v in HEAT_TABLE[5]))
    assert has_color(image, tuple(int(v) for v in HEAT_TABLE[250]))
    blocks = BlockTable.make([[0, 0, 0], [64, 0, 0]], [64, 32], 1, 1.0)
    _, legend = block_mode("size").paint(blocks)
    bar.show_legends(legend)
    image = picture(bar)
    assert all(has_color(image, color) for color, _ in legend.swatches)
