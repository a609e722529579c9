"""The bar at the bottom: the running job with its progress, time left and rate; or the last message."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from octavox.codec import Certificate
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import again, tr
from octavox.gui.base.theme import number_font
from octavox.gui.document import text
from octavox.gui.document.certificate import tone, verdict
from octavox.gui.document.job_state import JobState

from .elided import ElidedLabel
from .facts import label

STEPS = 1000
PROGRESS_PIXELS = 180
CHIP_LETTERS = 96  # of a verdict; its hint shows all of it
MESSAGE_LETTERS = 24  # at least, beside a long verdict
MARKS = {"good": "✓", "fair": "•", "bad": "✗"}


class JobBar(QFrame):
    def __init__(self, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("jobBar")
        self.setFixedHeight(40)
        self.message = ElidedLabel(tr("Ready"), least=MESSAGE_LETTERS, hint=False, steady=True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress"))
        self.progress.setFixedHeight(10)
        self.progress.setFixedWidth(PROGRESS_PIXELS)
        self.share, self.left, self.rate = QLabel(), label("", "muted"), QLabel()
        # Texts of fixed width: if the bar changed its size, the whole window would be laid out again.
        for widget, widest in (
            (self.share, "100 %"),
            (self.left, tr("time left: not known yet")),
            (self.rate, tr("{rate} bpov so far", rate="0.000")),
        ):
            widget.setFont(number_font())
            widget.setFixedWidth(QFontMetrics(number_font()).horizontalAdvance(widest) + 2)
            widget.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.message.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.chip = ElidedLabel(hint=False)
        self.on_disk = ElidedLabel()  # what is shown of clouds that stay on disk
        self.on_disk.setProperty("role", "muted")
        self.cancel = QToolButton()
        self.cancel.setDefaultAction(actions["cancel"])
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(12)
        row.addWidget(self.message, 1)
        row.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.on_disk, 0, Qt.AlignmentFlag.AlignVCenter)
        # One widget for all that a job shows: the window is laid out anew for each widget that appears.
        self._running = QWidget()
        inner = QHBoxLayout(self._running)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        for part in (self.progress, self.share, self.left, self.rate, self.cancel):
            inner.addWidget(part)
        row.addWidget(self._running)
        self.show_job(None)
        self.show_certificate(None)
        self.show_on_disk("")

    def show_job(self, job: JobState | None) -> None:
        self._running.setVisible(job is not None)
        if job is None:
            return
        self.message.setText(f"{again(job.title)}: {job.stage_text()}" if job.stage else again(job.title))
        known = job.fraction is not None
        # Setting a progress bar repaints the whole window at once, unless updates are off.
        self.progress.setUpdatesEnabled(False)
        self.progress.setRange(0, STEPS if known else 0)  # 0 to 0 shows that something runs
        if job.fraction is not None:
            self.progress.setValue(round(STEPS * job.fraction))
        self.progress.setUpdatesEnabled(True)
        self.share.setText(f"{100 * job.fraction:3.0f} %" if job.fraction is not None else "")
        self.left.setText(job.remaining_text() if known or job.cancelling else "")
        self.rate.setText("" if job.bpov is None else tr("{rate} bpov so far", rate=text.fixed(job.bpov, 3)))

    def say(self, message: str) -> None:
        self.message.setText(message)
        self.message.setToolTip(message)  # where there is no room for all of it

    def show_on_disk(self, words: str) -> None:
        """How many points are shown of clouds that stay on disk."""
        self.on_disk.setText(words)
        self.on_disk.setVisible(bool(words))

    def show_certificate(self, certificate: Certificate | None) -> None:
        if certificate is None:
            self.chip.hide()
            return
        kind, words = tone(certificate), verdict(certificate)
        short = words if len(words) <= CHIP_LETTERS else words[: CHIP_LETTERS - 1].rstrip() + "…"
        self.chip.setText(f"{MARKS[kind]} {short} · SHA-256 {certificate.sha256_decoded[:8]}")
        self.chip.setToolTip(
            f"{words}\n{tr('Voxels of the original')}: {certificate.sha256_original}\n"
            f"{tr('Voxels of the bitstream')}: {certificate.sha256_decoded}\n"
            f"{tr('Bitstream')}: {certificate.sha256_stream}"
        )
        self.chip.setProperty("chip", kind)
        self.chip.style().unpolish(self.chip)
        self.chip.style().polish(self.chip)
        QApplication.sendEvent(self.chip, QEvent(QEvent.Type.StyleChange))  # else it has no padding
        self.chip.updateGeometry()
        self.chip.fit()
        self.chip.show()
