"""A column of labelled values in groups."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ..i18n import tr
from ..model.facts import Fact
from ..theme import number_font


def label(text: str, role: str = "") -> QLabel:
    """A label in a role of the style sheet ("muted", "section", "title", ...)."""
    widget = QLabel(tr(text))
    widget.setIndent(0)
    if role:
        widget.setProperty("role", role)
    return widget


class FactList(QScrollArea):
    """Shows facts; labels are reused, and several changes in a row are drawn once, a moment later."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(180)
        self._facts: list[Fact] = []
        self._empty = ""
        self._built: list[tuple[str, str, str]] = []
        self._values: list[QLabel] = []
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._refresh)
        self._build()

    def show_facts(self, facts: list[Fact], empty: str = "") -> None:
        self._facts, self._empty = facts, empty
        self._soon.start()

    @Slot()
    def _refresh(self) -> None:
        if self._built and self._built == _shape(self._facts):
            for widget, fact in zip(self._values, self._facts, strict=True):
                widget.setText(tr(fact.value))
        else:
            self._build()

    def text_of(self, name: str) -> str:
        """The value shown beside a label; KeyError if there is none."""
        for fact in self._facts:
            if fact.label == name:
                return fact.value
        raise KeyError(name)

    def _build(self) -> None:
        facts, empty = self._facts, self._empty
        self._built = _shape(facts)
        body = QWidget()
        body.setObjectName("dockBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(12, 6, 12, 12)
        column.setSpacing(4)
        self._values = []
        if not facts and empty:
            hint = label(empty, "muted")
            hint.setWordWrap(True)
            column.addWidget(hint)
        section, form = None, QFormLayout()
        for fact in facts:
            if fact.section != section:
                section, form = fact.section, QFormLayout()
                form.setContentsMargins(0, 0, 0, 4)
                form.setHorizontalSpacing(12)
                form.setVerticalSpacing(4)
                column.addWidget(label(section, "section"))
                column.addLayout(form)
            form.addRow(label(fact.label, "muted"), self._value(fact))
        column.addStretch(1)
        self.setWidget(body)

    def _value(self, fact: Fact) -> QLabel:
        value = label("")
        value.setText(tr(fact.value))
        value.setFont(number_font())
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        if fact.tone:
            value.setProperty("chip", fact.tone)
        self._values.append(value)
        return value


def _shape(facts: list[Fact]) -> list[tuple[str, str, str]]:
    """What decides which labels there are."""
    return [(fact.label, fact.section, fact.tone) for fact in facts]
