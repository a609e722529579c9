"""Codec options with what each does, the time that coding will take, and the two buttons that start it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFormLayout, QPushButton, QVBoxLayout, QWidget

from octavox.codec import BLOCK_SIZES, MAX_DEPTH
from octavox.gui.base.actions import ActionRegistry as Actions
from octavox.gui.base.i18n import tr
from octavox.gui.document import text
from octavox.gui.document.session import Session

from .facts import label

# What is said of a codec; one without an entry here shows its name alone.
CODECS = {
    "voxeldnn": ("VoxelDNN", "Learned: the paper's network predicts every voxel. Slower."),
    "octree": ("Octree", "Adaptive contexts, no network. Quick, for any cloud."),
    "multiscale": ("Multiscale", "Learned, coarse to fine, mixed with adaptive contexts. Smallest files."),
}
LEVELS = ((1, "64 only"), (2, "64 to 32"), (3, "64 to 16"), (4, "64 to 8"), (5, "64 to 4"))
SIZES = tuple((size, str(size)) for size in BLOCK_SIZES)
EFFORTS = (("normal", "Standard"), ("high", "High"))
SLICES = ((None, "Automatic"), *((n, str(n)) for n in (1, 2, 4, 8, 16, 32)))
DEVICES = (("auto", "Automatic"), ("cpu", "CPU"), ("cuda", "CUDA GPU"))
THREADS = ((None, "All processors"), (2, "2 threads"), (1, "1 thread"))
HINTS = {
    "codec": "How the cloud is coded",
    "max_level": "Block sizes among which VoxelDNN chooses: more sizes, smaller files, more time",
    "block_size": "Size of the blocks that bits are counted by; the bytes are the same",
    "effort": "High tries what suits the cloud before it codes: slower, smaller by up to some per cent; "
    "decoding takes no longer",
    "slices": "Parts that decode alone, and at once on as many processors: quicker there, some bytes more",
    "depth": "Bits an axis of the voxel grid; automatic: from the points. The file is opened anew.",
    "device": "Where the network computes; the bytes are the same everywhere",
    "threads": "How many processors coding may use; the bytes are the same",
}


class ActionButton(QPushButton):
    """A push button that mirrors an action: text, state, hint."""

    def __init__(self, actions: Actions, key: str, primary: bool = False) -> None:
        super().__init__()
        self._action = actions[key]
        self.setProperty("primary", primary)
        self.clicked.connect(self._action.trigger)
        self._action.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        self.setText(self._action.text())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())


class CodecPanel(QWidget):
    """Changes are reported as (field of CodecOptions or "depth", value)."""

    chosen = Signal(str, object)

    def __init__(self, session: Session, actions: Actions, known: tuple[str, ...]) -> None:
        super().__init__()
        self.setObjectName("dockBody")
        self._session = session
        self._boxes: dict[str, QComboBox] = {}
        depths = [
            (None, "Automatic"),
            *((n, tr("{n} bits", n=n)) for n in range(6, min(MAX_DEPTH, 16) + 1)),
        ]
        self._form = form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(5)
        for field, name, entries in (
            ("codec", "Codec", [(key, CODECS.get(key, (key, ""))[0]) for key in known]),
            ("max_level", "Blocks", LEVELS),
            ("block_size", "Blocks", SIZES),
            ("effort", "Effort", EFFORTS),
            ("slices", "Slices", SLICES),
            ("depth", "Depth", depths),
            ("device", "Device", DEVICES),
            ("threads", "Processors", THREADS),
        ):
            form.addRow(label(name, "muted"), self._box(field, name, list(entries)))
        self.words = label("", "muted")
        self.words.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addLayout(form)
        column.addWidget(self.words)
        column.addWidget(ActionButton(actions, "compress", primary=True))
        column.addWidget(ActionButton(actions, "decompress"))
        column.addStretch(1)
        self.refresh()

    def _box(self, field: str, name: str, entries: list[tuple[object, str]]) -> QComboBox:
        box = QComboBox()
        for value, words in entries:
            box.addItem(tr(words), value)
        if field == "codec":
            for row, (value, _) in enumerate(entries):
                box.setItemData(row, tr(CODECS.get(str(value), ("", ""))[1]), Qt.ItemDataRole.ToolTipRole)
        box.setProperty("field", field)
        box.setToolTip(tr(HINTS[field]))
        box.setAccessibleName(tr(name))
        box.setMinimumContentsLength(6)
        box.activated.connect(self._activated)
        self._boxes[field] = box
        return box

    def refresh(self) -> None:
        session = self._session
        busy = session.job is not None
        for field, box in self._boxes.items():
            value = session.depth if field == "depth" else getattr(session.options, field)
            row = next((k for k in range(box.count()) if box.itemData(k) == value), 0)
            box.setCurrentIndex(row)
            box.setEnabled(not busy)
        partition = session.options.codec == "voxeldnn"  # a codec without one counts by blocks of one size
        self._form.setRowVisible(self._boxes["max_level"], partition)
        for field in ("block_size", "effort", "slices"):
            self._form.setRowVisible(self._boxes[field], not partition)
        from_file = session.original is None or session.original.path is not None
        self._boxes["depth"].setEnabled(not busy and from_file)
        self.words.setText(self._describe())

    def _describe(self) -> str:
        """What the codec does, and how long it will take."""
        session = self._session
        words = tr(CODECS.get(session.options.codec, ("", ""))[1])
        if session.original is None:
            return words
        seconds, measured = session.forecast(len(session.original.display))
        about = tr("About {time} here.") if measured else tr("About {time}, a guess until the first run.")
        return f"{words} {about.format(time=text.duration(max(seconds, 0.1)))}"

    @Slot(int)
    def _activated(self, row: int) -> None:
        box = self.sender()
        if isinstance(box, QComboBox):
            self.chosen.emit(str(box.property("field")), box.itemData(row))
