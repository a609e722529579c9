"""What the window remembers between runs."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from octavox.codec import InputError, codec_option_specs, parse_option
from octavox.gui.document.on_disk import BUDGETS, DEFAULT_BUDGET
from octavox.gui.document.timeline import LIMIT, MEGABYTE

MAX_RECENT = 8
LEAST_COLUMN = 20  # pixels


def _exists(path: str) -> bool:
    with contextlib.suppress(OSError, ValueError):  # no name that a file can have
        return Path(path).exists()
    return False


@dataclass(frozen=True)
class Columns:
    """How a user arranged a table: names of the columns from left to right, their widths in pixels, and the
    column that it is sorted by ("": none)."""

    order: list[str] = field(default_factory=list)
    widths: dict[str, int] = field(default_factory=dict)
    sort: str = ""
    descending: bool = False


class Settings:
    """Typed access to QSettings; every key is named here and nowhere else."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings("Octavox", "Octavox")

    @property
    def theme(self) -> str:
        return str(self._store.value("theme", "dark"))

    @theme.setter
    def theme(self, name: str) -> None:
        self._store.setValue("theme", name)

    @property
    def recent(self) -> list[str]:
        value = self._store.value("recent", [])
        entries = value if isinstance(value, list) else [value] if value else []
        return [str(entry) for entry in entries if _exists(str(entry))]

    def add_recent(self, path: str) -> None:
        full = str(Path(path).resolve())
        entries = [full, *(entry for entry in self.recent if entry != full)]
        self._store.setValue("recent", entries[:MAX_RECENT])

    @property
    def folder(self) -> str:
        return str(self._store.value("folder", ""))

    @folder.setter
    def folder(self, path: str) -> None:
        self._store.setValue("folder", path)

    @property
    def frame_memory(self) -> int:
        """Bytes of decoded frames of a sequence."""
        try:
            return max(MEGABYTE, int(str(self._store.value("frame_memory", LIMIT))))
        except ValueError:
            return LIMIT

    @frame_memory.setter
    def frame_memory(self, limit: int) -> None:
        self._store.setValue("frame_memory", limit)

    @property
    def point_budget(self) -> int:
        """Points that are read of a cloud on disk."""
        try:
            found = int(str(self._store.value("point_budget", DEFAULT_BUDGET)))
        except ValueError:
            return DEFAULT_BUDGET
        return found if found in BUDGETS else DEFAULT_BUDGET

    @point_budget.setter
    def point_budget(self, points: int) -> None:
        self._store.setValue("point_budget", points)

    def save_window(self, geometry: QByteArray, state: QByteArray) -> None:
        self._store.setValue("window/geometry", geometry)
        self._store.setValue("window/state", state)

    def window(self) -> tuple[QByteArray | None, QByteArray | None]:
        geometry, state = self._store.value("window/geometry"), self._store.value("window/state")
        return (
            geometry if isinstance(geometry, QByteArray) else None,
            state if isinstance(state, QByteArray) else None,
        )

    @property
    def layout(self) -> str:
        """Key of the layout of the panels."""
        return str(self._store.value("window/layout", ""))

    @layout.setter
    def layout(self, key: str) -> None:
        self._store.setValue("window/layout", key)

    def save_layouts(self, states: Mapping[str, QByteArray]) -> None:
        """Keep the states of layouts that are not in force."""
        for key, state in states.items():
            self._store.setValue(f"layouts/{key}", state)

    def layouts(self, keys: Iterable[str]) -> dict[str, QByteArray]:
        found = {key: self._store.value(f"layouts/{key}") for key in keys}
        return {key: state for key, state in found.items() if isinstance(state, QByteArray)}

    def columns(self, table: str) -> Columns:
        try:
            found = json.loads(str(self._store.value(f"columns/{table}", "{}")))
            order, widths = [str(name) for name in found["order"]], dict(found["widths"])
            widths = {str(name): max(LEAST_COLUMN, int(width)) for name, width in widths.items()}
            return Columns(order, widths, str(found["sort"]), bool(found["descending"]))
        except (ValueError, KeyError, TypeError):  # none yet, or the file was edited by hand
            return Columns()

    def set_columns(self, table: str, columns: Columns) -> None:
        self._store.setValue(f"columns/{table}", json.dumps(asdict(columns)))

    def options(self) -> dict[str, Any]:
        """The options that are remembered, as far as they are still known."""
        found = {}
        for spec in codec_option_specs():
            stored = self._store.value(f"codec/{spec.name}")
            if spec.remembered and stored is not None:
                with contextlib.suppress(InputError):  # of another release
                    found[spec.name] = parse_option(spec, str(stored))
        return found

    def set_option(self, name: str, value: object) -> None:
        self._store.setValue(f"codec/{name}", str(value))

    @property
    def language(self) -> str:
        """The key in LANGUAGES; "" for the system's language."""
        return str(self._store.value("language", ""))

    @language.setter
    def language(self, key: str) -> None:
        self._store.setValue("language", key)

    @property
    def private_folder(self) -> Path:
        """The folder of the autosave."""
        return Path(self._store.fileName()).with_suffix("").parent / "octavox-autosave"

    def rate(self, key: str) -> float | None:
        """Points per second that coding reached so far with these options."""
        return self.rates().get(key)

    def rates(self) -> dict[str, float]:
        self._store.beginGroup("rates")
        found = {}
        for key in self._store.childKeys():
            with contextlib.suppress(ValueError):  # the file can be edited by hand, or damaged
                found[key] = float(str(self._store.value(key)))
        self._store.endGroup()
        return {key: rate for key, rate in found.items() if 0 < rate < math.inf}

    def set_rate(self, key: str, rate: float) -> None:
        self._store.setValue(f"rates/{key}", rate)

    def sync(self) -> None:
        self._store.sync()
