"""Blocks by size as stacked bars, in the manner of the paper's Figure 4: shares of blocks, points, bits."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from octavox.codec import BlockTable, write_atomically
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.colour_modes import size_color

from .paper import ending, paper_file

SIZE = QSize(760, 420)
INK, GROUND = QColor("#1d2127"), QColor("#ffffff")
BARS = ("Blocks", "Points", "Bits")


def shares(blocks: BlockTable) -> dict[int, tuple[float, float, float]]:
    """By block size, largest first: its share of the blocks, of the points and of the bits, in per cent."""
    bits = blocks.bits + blocks.flag_bits
    totals = (len(blocks), float(blocks.points.sum()) or 1.0, float(bits.sum()) or 1.0)
    result = {}
    for size in np.unique(blocks.size)[::-1]:
        chosen = blocks.size == size
        parts = (int(chosen.sum()), float(blocks.points[chosen].sum()), float(bits[chosen].sum()))
        result[int(size)] = (
            100 * parts[0] / totals[0],
            100 * parts[1] / totals[1],
            100 * parts[2] / totals[2],
        )
    return result


def save_size_plot(blocks: BlockTable, title: str, path: str) -> None:
    """Write the plot as PNG, SVG or PDF by the name's ending. Raises InputError where that cannot be done."""
    write_atomically(path, paper_file(ending(path), title, SIZE, lambda p: paint_sizes(p, blocks, title)))


def paint_sizes(painter: QPainter, blocks: BlockTable, title: str) -> None:
    """Draw the plot into SIZE."""
    painter.fillRect(QRectF(0, 0, SIZE.width(), SIZE.height()), GROUND)
    font = QFont(painter.font())
    font.setPointSizeF(10.0)
    painter.setFont(font)
    painter.setPen(INK)
    middle = Qt.AlignmentFlag.AlignCenter
    painter.drawText(QRectF(0, 8, SIZE.width(), 24), middle, title)
    area = QRectF(64, 44, SIZE.width() - 214, SIZE.height() - 92)
    for tick in range(0, 101, 20):
        y = area.bottom() - area.height() * tick / 100
        painter.setPen(QColor("#d5d9e0"))
        painter.drawLine(int(area.left()), int(y), int(area.right()), int(y))
        painter.setPen(INK)
        painter.drawText(
            QRectF(0, y - 10, 56, 20),
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
            f"{tick} %",
        )
    found = shares(blocks)
    width = area.width() / len(BARS)
    for k, name in enumerate(BARS):
        bottom = area.bottom()
        for size, parts in found.items():
            height = area.height() * parts[k] / 100
            bar = QRectF(area.left() + (k + 0.2) * width, bottom - height, 0.6 * width, height)
            painter.fillRect(bar, QColor(*size_color(size)))
            if height > 16:
                painter.drawText(bar, middle, f"{text.fixed(parts[k], 1)} %")
            bottom -= height
        painter.drawText(QRectF(area.left() + k * width, area.bottom() + 6, width, 22), middle, tr(name))
    for row, size in enumerate(found):
        y = area.top() + 26 * row
        painter.fillRect(QRectF(area.right() + 22, y, 16, 16), QColor(*size_color(size)))
        words = f"{size}³  ({text.count((blocks.size == size).sum())})"
        painter.drawText(QRectF(area.right() + 46, y - 2, 100, 20), Qt.AlignmentFlag.AlignVCenter, words)
