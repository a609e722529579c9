"""Drawings as files on white paper: SVG, PDF or PNG."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from octavox.codec import InputError

DOTS = 72  # per inch: one unit of the drawing is one point of a PDF
SUFFIXES = (".png", ".svg", ".pdf")
FINER = 2  # pixels of a PNG for each unit
Draw = Callable[[QPainter], None]


def paper_file(suffix: str, title: str, size: QSize, draw: Draw) -> bytes:
    """What `draw` paints into a size, as a file. Raises InputError for other endings than SUFFIXES."""
    if suffix not in SUFFIXES:
        raise InputError(
            f"plots are written as {', '.join(SUFFIXES)}, not as {suffix or 'a file without ending'}"
        )
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if suffix == ".svg":
        _draw_on(_svg(buffer, title, size), draw)
    elif suffix == ".pdf":
        _draw_on(_pdf(buffer, title, size), draw)
    else:
        image = QImage(size * FINER, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(FINER)
        _draw_on(image, draw)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def ending(path: str) -> str:
    """The ending of a name, in small letters."""
    return Path(path).suffix.lower()


def _svg(buffer: QBuffer, title: str, size: QSize) -> QSvgGenerator:
    device = QSvgGenerator()
    device.setOutputDevice(buffer)
    device.setSize(size)
    device.setViewBox(QRectF(QPointF(0, 0), QSizeF(size)))
    device.setTitle(title)
    return device


def _pdf(buffer: QBuffer, title: str, size: QSize) -> QPdfWriter:
    device = QPdfWriter(buffer)
    device.setResolution(DOTS)
    device.setPageSize(QPageSize(QSizeF(size), QPageSize.Unit.Point))
    device.setPageMargins(QMarginsF())
    device.setTitle(title)
    return device


def _draw_on(device: QPaintDevice, draw: Draw) -> None:
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
