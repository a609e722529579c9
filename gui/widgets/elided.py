"""A label that gives way: words that do not fit end in an ellipsis."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

SLACK = 4  # pixels: hints of labels are rounded


class ElidedLabel(QLabel):
    """`text` is all of its words, whatever of them is drawn.

    least: letters that it has room for at least, if it has so many. hint: whether its tool tip says what was
    cut. steady: whether it asks for room for `least` letters, whatever its words are, so that nothing around
    it is laid out anew. No other minimum width may be set.
    """

    def __init__(
        self,
        words: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        least: int = 4,
        hint: bool = True,
        steady: bool = False,
    ) -> None:
        super().__init__(words)
        self._words, self._mode, self._least, self._hint = words, mode, least, hint
        self._steady = steady
        self.setTextFormat(Qt.TextFormat.PlainText)

    def setText(self, words: str) -> None:
        if words != self._words:
            self._words = words
            self.fit()
            if not self._steady:
                self.updateGeometry()

    def text(self) -> str:
        return self._words

    @property
    def drawn(self) -> str:
        """What of the text is drawn."""
        return super().text()

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint() if self._steady else self._size(self._words)

    def minimumSizeHint(self) -> QSize:
        short = len(self._words) <= self._least and not self._steady
        return self._size(self._words if short else "x" * self._least)

    def _size(self, words: str) -> QSize:
        around = 0 if self._steady else self._around()
        width = self.fontMetrics().horizontalAdvance(words) + around + SLACK
        return QSize(width, super().sizeHint().height())

    def _around(self) -> int:
        """Pixels of the style's padding."""
        return max(0, super().sizeHint().width() - self.fontMetrics().horizontalAdvance(self.drawn))

    def fit(self) -> None:
        """Draw as many words as there is room for, after the style has changed."""
        room = max(0, self.width() - self._around())
        shown = self.fontMetrics().elidedText(self._words, self._mode, room)
        if shown != self.drawn:
            super().setText(shown)
        if self._hint:
            self.setToolTip(self._words if shown != self._words else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()
