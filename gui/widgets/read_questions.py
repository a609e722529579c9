"""Questions about a file that does not say itself which points it holds: meshes, and rows of bare numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from octavox.codec import ReadOptions
from octavox.gui.base.i18n import tr
from octavox.gui.document.reading import ASKED_SAMPLES, LAYOUTS, MOST_SAMPLES, wrong_fields

WIDTH = 460


class ReadQuestion(QDialog):
    """Does not block the window. answered: called with the options once, or with None for "cancel"."""

    def __init__(self, parent: QWidget, words: str, why: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle("Octavox")
        self.setMinimumWidth(WIDTH)
        self.answered: Callable[[ReadOptions | None], None] = lambda options: None
        self.words, self.why = QLabel(words), QLabel(why)
        self.words.setObjectName("questionTitle")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 14, 16, 12)
        self.column.setSpacing(8)
        for label in (self.words, self.why):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            self.column.addWidget(label)
        # Made here, as Python's names of buttons that Qt makes outlive them.
        self.open_button, self.cancel_button = QPushButton(tr("Open")), QPushButton(tr("Cancel"))
        self.open_button.setDefault(True)
        self.open_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        self.buttons = QHBoxLayout()
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.open_button)
        self.buttons.addWidget(self.cancel_button)
        self.finished.connect(self._finished)

    def options(self) -> ReadOptions:
        """What the user chose."""
        raise NotImplementedError

    @Slot(int)
    def _finished(self, result: int) -> None:
        self.answered(self.options() if result == QDialog.DialogCode.Accepted else None)


class MeshQuestion(ReadQuestion):
    """The vertices of a mesh, or points drawn from its surface."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(
            parent,
            tr("{name} holds a mesh. Which points do you want?", name=name),
            tr("A mesh is made of faces, and a point cloud has none: only the points are read."),
        )
        self.vertices = QRadioButton(tr("The vertices of the mesh, as they are"))
        self.samples = QRadioButton(tr("Points drawn evenly from its surface"))
        self.vertices.setChecked(True)
        self.count = QSpinBox()
        self.count.setRange(1, MOST_SAMPLES)
        self.count.setValue(ASKED_SAMPLES)
        self.count.setGroupSeparatorShown(True)
        self.count.setSingleStep(100_000)
        self.count.setAccessibleName(tr("Number of points"))
        self.count.setEnabled(False)
        self.samples.toggled.connect(self.count.setEnabled)
        form = QFormLayout()
        form.setContentsMargins(24, 0, 0, 0)
        form.addRow(tr("Number of points"), self.count)
        for part in (self.vertices, self.samples):
            self.column.addWidget(part)
        self.column.addLayout(form)
        self.column.addLayout(self.buttons)

    def options(self) -> ReadOptions:
        if self.samples.isChecked():
            return ReadOptions(mesh="samples", samples=self.count.value())
        return ReadOptions(mesh="vertices")


class FieldsQuestion(ReadQuestion):
    """What the numbers of a row are."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(
            parent,
            tr("{name} does not say what its numbers are.", name=name),
            tr("It holds rows of 32-bit floats. Choose what a row holds, or write the names of its numbers."),
        )
        self.rows = QComboBox()
        self.rows.setEditable(True)
        for title, fields in LAYOUTS.items():
            self.rows.addItem(f"{','.join(fields)}  ({title})", ",".join(fields))
        self.rows.setAccessibleName(tr("Names of the numbers of a row"))
        self.wrong = QLabel()
        self.wrong.setProperty("role", "muted")
        self.wrong.setWordWrap(True)
        self.rows.editTextChanged.connect(self._check)
        self.column.addWidget(self.rows)
        self.column.addWidget(self.wrong)
        self.column.addLayout(self.buttons)
        self._check()

    @property
    def fields(self) -> tuple[str, ...]:
        words = self.rows.currentText().split("(")[0]
        return tuple(name.strip() for name in words.split(",") if name.strip())

    @Slot()
    def _check(self) -> None:
        reason = wrong_fields(self.fields)
        self.wrong.setText(reason)
        self.open_button.setEnabled(not reason)

    def options(self) -> ReadOptions:
        return ReadOptions(fields=self.fields)
