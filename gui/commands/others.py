"""What the command sets ask of each other. With these protocols none has to import another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from octavox.codec import ReadOptions
from octavox.gui.document.items import CloudItem, SequenceItem, StreamItem


class Files(Protocol):
    """Opens files and closes what is open."""

    @property
    def asking(self) -> bool: ...
    def open_any(self, path: str) -> None: ...
    def open_path(
        self,
        path: str,
        *,
        otherwise: Callable[[], None] = ...,
        read: ReadOptions | None = ...,
        instead_of: CloudItem | None = ...,
    ) -> bool: ...
    def clear_session(self) -> None: ...


class Bitstreams(Protocol):
    """Decodes bitstreams."""

    def decode(self, source: bytes | str, doing: str) -> bool: ...
    def open_unsaved(self, data: bytes) -> None: ...


class Levels(Protocol):
    """See `detail.DetailCommands`."""

    def open(self, path: str, doing: str) -> bool: ...


class Scenes(Protocol):
    """Opens files beside each other, and closes single items."""

    def open_each(self, paths: list[str]) -> None: ...


class Views(Protocol):
    """Changes what the views show."""

    def select(self, row: int | None) -> None: ...
    def set_cloud_mode(self, key: str) -> None: ...


class Cameras(Protocol):
    """Moves the camera."""

    def zoom_block(self) -> None: ...


class Analysis(Protocol):
    """Finds blocks."""

    def select_most_expensive(self) -> None: ...


class Surprises(Protocol):
    """Computes what voxels cost."""

    def select_when_known(self) -> None: ...


class Exports(Protocol):
    """Saves."""

    def stream(self, path: str | None = None, stream: StreamItem | None = None) -> bool: ...


class Sessions(Protocol):
    """Opens sessions."""

    def open_session(self, path: str) -> None: ...


class Player(Protocol):
    """Shows frames of the open sequence."""

    @property
    def busy(self) -> bool: ...
    def seek(self, number: int) -> None: ...


class Sequences(Protocol):
    """Opens sequences and compresses them."""

    def open(self, paths: list[str], frame: int = ...) -> bool: ...
    def show(self, item: SequenceItem) -> None: ...
    def open_other(self, paths: list[str]) -> bool: ...
    def compress(self, path: str | None = None) -> bool: ...
    def read_anew(self) -> None: ...
    @property
    def player(self) -> Player: ...


class OtherCommands(Protocol):
    """The command sets that others use. `registry.Commands` holds all."""

    @property
    def file(self) -> Files: ...
    @property
    def codec(self) -> Bitstreams: ...
    @property
    def detail(self) -> Levels: ...
    @property
    def scene(self) -> Scenes: ...
    @property
    def view(self) -> Views: ...
    @property
    def camera(self) -> Cameras: ...
    @property
    def export(self) -> Exports: ...
    @property
    def session(self) -> Sessions: ...
    @property
    def sequence(self) -> Sequences: ...
    @property
    def analyse(self) -> Analysis: ...
    @property
    def surprise(self) -> Surprises: ...
