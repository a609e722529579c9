"""Codec options with what each does, the time that coding will take, and the two buttons that start it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QVBoxLayout,
    QWidget,
)

from octavox.codec import OptionSpec, cloud_option_specs, codec_info, option_applies, option_specs
from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.session import Session

from .facts import label

LEAST_BUTTON = 72  # pixels
LEAST_OPTIONS = 150  # pixels


class ScrollArea(QScrollArea):
    """As wide as its widget needs; it scrolls up and down where there is no room for all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """All of its widget."""
        body = self.widget()
        return super().sizeHint() if body is None else body.sizeHint()

    def minimumSizeHint(self) -> QSize:
        body = self.widget()
        width = 0 if body is None else body.minimumSizeHint().width()
        return QSize(width, LEAST_OPTIONS)


class ActionButton(QPushButton):
    """A push button that mirrors an action: text, state, hint. Where its words have no room it shows the
    short ones, and what does not fit of these ends in an ellipsis."""

    def __init__(self, actions: ActionRegistry, key: str, primary: bool = False) -> None:
        super().__init__()
        self._action = actions[key]
        self._words, self._short = self._action.text(), self._action.iconText()
        self.setProperty("primary", primary)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # it may shrink
        self.clicked.connect(self._action.trigger)
        self._action.changed.connect(self.refresh)
        self.refresh()

    @property
    def whole(self) -> bool:
        """Whether nothing of its words, or of the short ones, is cut off."""
        return self.text() in (self._words, self._short)

    @Slot()
    def refresh(self) -> None:
        self._words, self._short = self._action.text(), self._action.iconText()
        self.setAccessibleName(self._words)
        self._fit()
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())

    def _fit(self) -> None:
        words, metrics = self._words, self.fontMetrics()
        short_of = self.sizeHint().width() - self.width()
        if self.isVisible() and short_of > 0:  # before, the width is no one's choice
            room = metrics.horizontalAdvance(words) - short_of
            words = metrics.elidedText(self._short, Qt.TextElideMode.ElideRight, room)
        if words != self.text():
            self.setText(words)

    def sizeHint(self) -> QSize:
        """Room for all of its words."""
        return self._size(self._words)

    def minimumSizeHint(self) -> QSize:
        """Room for its short words."""
        hint = self._size(self._short)
        return hint if self._short != self._words else QSize(min(hint.width(), LEAST_BUTTON), hint.height())

    def _size(self, words: str) -> QSize:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = words  # type: ignore[attr-defined]
        size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, words)
        return self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, size, self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()


class CodecPanel(QWidget):
    """All options that the window shows, one row each. Reports changes as (name of the option, value)."""

    chosen = Signal(str, object)

    def __init__(self, session: Session, actions: ActionRegistry) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._boxes: dict[str, QComboBox] = {}
        self._specs = {spec.name: spec for spec in option_specs() if spec.window and spec.choices}
        self._form = form = QFormLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(3)
        for spec in self._specs.values():
            form.addRow(label(spec.label, "muted"), self._box(spec))
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self._scrolled(form))
        column.addWidget(self.words)
        column.addWidget(ActionButton(actions, "compress", primary=True))
        column.addWidget(ActionButton(actions, "decompress"))
        column.addStretch(1)
        self.refresh()

    def _scrolled(self, form: QFormLayout) -> QScrollArea:
        """The options, which a low window shows in part."""
        body, self._area = QWidget(), ScrollArea()
        body.setObjectName("clear")
        body.setLayout(form)
        form.setContentsMargins(0, 0, 0, 0)
        self._area.setWidget(body)
        self._area.setAccessibleName(tr("Options of the codec"))
        return self._area

    def _box(self, spec: OptionSpec) -> QComboBox:
        box = QComboBox()
        for row, choice in enumerate(spec.choices):
            box.addItem(tr(choice.words, n=choice.value), choice.value)
            if spec.name == "codec":
                hint = tr(codec_info(choice.value).words)
                box.setItemData(row, hint, Qt.ItemDataRole.ToolTipRole)
        box.setProperty("field", spec.name)
        box.setToolTip(tr(spec.help))
        box.setAccessibleName(tr(spec.label))
        box.setMinimumContentsLength(6)
        box.activated.connect(self._activated)
        self._boxes[spec.name] = box
        return box

    def refresh(self) -> None:
        session = self._session
        busy = session.job is not None
        kept = {spec.name for spec in cloud_option_specs()}
        for field, box in self._boxes.items():
            value = getattr(session.kept if field in kept else session.options, field)
            self._choose(box, self._specs[field], value)
            box.setEnabled(not busy)
        for field, spec in self._specs.items():
            self._form.setRowVisible(self._boxes[field], option_applies(session.options.codec, spec))
        self._area.updateGeometry()
        from_file = session.original is None or session.original.path is not None
        chosen = session.kept.keep in ("auto", "voxels")  # else the grid follows from the points
        self._boxes["depth"].setEnabled(not busy and from_file and chosen)
        self._boxes["color_error"].setEnabled(not busy and session.kept.keep != "file")
        self.words.setText(self._describe())

    @staticmethod
    def _choose(box: QComboBox, spec: OptionSpec, value: object) -> None:
        """Show a value; one that is no choice of its own comes after these."""
        row = next((k for k in range(box.count()) if box.itemData(k) == value), -1)
        if row < len(spec.choices):
            while box.count() > len(spec.choices):
                box.removeItem(box.count() - 1)
        if row < 0:
            box.addItem(text.number(value) if isinstance(value, float) else str(value), value)
            row = box.count() - 1
        box.setCurrentIndex(row)

    def choose(self, field: str) -> None:
        """Lead the user to the choices of an option."""
        box = self._boxes[field]
        self._area.ensureWidgetVisible(box)
        box.setFocus(Qt.FocusReason.OtherFocusReason)
        box.showPopup()

    def _describe(self) -> str:
        """What the codec does, and how long it will take."""
        session = self._session
        words = tr(codec_info(session.options.codec).words)
        if session.original is None or session.original.on_disk is not None:
            return words
        seconds, measured = session.forecast(session.original.display)
        about = tr("About {time} here.") if measured else tr("About {time}, a guess until the first run.")
        return f"{words} {about.format(time=text.duration(max(seconds, 0.1)))}"

    @Slot(int)
    def _activated(self, row: int) -> None:
        box = self.sender()
        if isinstance(box, QComboBox):
            self.chosen.emit(str(box.property("field")), box.itemData(row))
