"""The open items: opening several files, choosing what the views show, closing, naming and ordering."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog

from octavox.gui.base.action_spec import ActionSpec, has_both, has_cloud, not_busy
from octavox.gui.base.i18n import tr
from octavox.gui.document import scene
from octavox.gui.document.events import Event, JobChanged
from octavox.gui.document.items import VIEWS, CloudItem, Item, SequenceItem, StreamItem
from octavox.gui.document.session import Session
from octavox.gui.document.session_file import SUFFIX
from octavox.gui.jobs import work
from octavox.gui.jobs.job import Failure, Job
from octavox.gui.widgets.dialogs import ask_to_save

from .command_set import CommandSet
from .workbench import Workbench


def _shows_at_most(number: int, session: Session) -> bool:
    return session.view.panes == number


class SceneCommands(CommandSet):
    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self._waiting: list[str] = []  # files that are opened after the one that is being opened
        self._before: list[Item] | None = None  # what was open before them; None while no file waits
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._open_next)
        bench.session.events.subscribe(self._job_changed, JobChanged)
        bench.jobs.failed.connect(self._job_failed)

    # -- several files -------------------------------------------------------------------------------

    @property
    def opening(self) -> bool:
        """Whether files wait to be opened."""
        return self._before is not None

    def open_each(self, paths: list[str]) -> None:
        """Open files one by one; the views show the clouds of the first ones beside each other."""
        if len(paths) == 1 or any(path.endswith(SUFFIX) for path in paths):
            for path in paths[:1]:  # a session takes the place of everything
                self._bench.commands.file.open_any(path)
        elif paths and not self._bench.wait_for_job(tr("Open")):
            self._waiting = sorted(paths, key=work.is_stream)  # a bitstream is compared with its cloud
            self._before = list(self._session.items)
            self._soon.start()

    def _job_changed(self, event: Event) -> None:
        if self._before is not None and self._session.job is None:
            self._soon.start()

    @Slot(object, object)
    def _job_failed(self, job: Job, failure: Failure) -> None:
        if failure.cancelled:
            self._waiting.clear()

    @Slot()
    def _open_next(self) -> None:
        """The file before is open, or could not be opened, or the user is asked about it."""
        if self._before is None or self._bench.busy or self._bench.commands.file.asking:
            return
        if self._waiting:
            self._bench.commands.file.open_path(self._waiting.pop(0), otherwise=self._soon.start)
        else:
            self._show_beside(self._before)

    def _show_beside(self, before: list[Item]) -> None:
        """Show the clouds that were opened together, the first one in A."""
        self._before, session = None, self._session
        clouds = [
            c for c in session.items.clouds if c not in before and not scene.belongs_to_another(session, c)
        ]
        if len(clouds) < 2:
            return
        self._bench.undo_stack.clear()
        with session.together():
            for view, cloud in zip(VIEWS, clouds, strict=False):
                scene.choose(session, view, cloud)
        self._bench.fit_wanted.emit(None)
        self._bench.said.emit(tr("Opened {n} clouds", n=len(clouds)))

    # -- what the views show -------------------------------------------------------------------------

    def _may_change(self, doing: str) -> bool:
        return not self._bench.wait_for_job(doing)

    @Slot(object, bool)
    def show_item(self, item: CloudItem, shown: bool) -> None:
        """Show or hide a cloud: one that no view has gets a free view, else the last one."""
        view = self._session.items.view_of(item)
        if view is not None:
            self._bench.change_view("cloud", **{f"show_{view.lower()}": shown})
        elif shown:
            free = [view for view in VIEWS if self._session.items.shown_in(view) is None]
            self.choose(free[0] if free else VIEWS[-1], item)

    @Slot(str, object)
    def choose(self, view: str, item: CloudItem) -> None:
        """Have a view show an open cloud."""
        name = next(known for known in VIEWS if known == view)
        if self._may_change(tr("Show as {view}", view=view)):
            self._bench.undo_stack.clear()
            first = self._session.reference
            scene.choose(self._session, name, item)
            if first is not self._session.reference:
                self._bench.fit_wanted.emit(None)

    @Slot(object)
    def activate(self, item: Item) -> None:
        """Work with an item: a cloud becomes A, a bitstream the current one, a sequence is shown."""
        if not self._may_change(tr("Show {name}", name=scene.title_of(item))):
            return
        if isinstance(item, SequenceItem):
            self._bench.commands.sequence.show(item)
        elif isinstance(item, StreamItem):
            self._bench.undo_stack.clear()
            scene.focus(self._session, item)
        else:
            self.choose("A", item)
        self._bench.fit_wanted.emit(None)

    def set_panes(self, number: str) -> None:
        """Show so many views at most; free ones get clouds that no view shows."""
        session = self._session
        self._bench.change_view("views", panes=int(number))
        free = [view for view in VIEWS[: int(number)] if session.items.shown_in(view) is None]
        clouds = [c for c in session.items.clouds if session.items.view_of(c) is None]
        clouds.sort(key=lambda cloud: scene.parent_of(session, cloud) is not None)  # opened ones first
        if session.job is None and session.reference is not None:
            with session.together():
                for view, cloud in zip(free, clouds, strict=False):
                    scene.choose(session, view, cloud)

    def toggle_linked(self) -> None:
        self._session.cameras.clear()
        self._bench.change_view("linked cameras", linked=not self._session.view.linked)
        self._session.set_camera(self._session.camera)

    def swap(self) -> None:
        """A and B change places."""
        if self._session.decoded is not None:
            self.choose("A", self._session.decoded)

    # -- the list ------------------------------------------------------------------------------------

    def may_lose(self, stream: StreamItem) -> bool:
        """Whether an unsaved bitstream may be lost; asks the user, who can save it."""
        cloud = stream.of or self._session.reference
        name = cloud.label if cloud is not None else tr("the open cloud")
        if len([one for one in scene.unsaved(self._session) if one.of is stream.of]) > 1:
            name = f"{name} ({stream.settings or stream.title})"
        answer = ask_to_save(self._bench.window.widget, name)
        save = partial(self._bench.commands.export.stream, stream=stream)
        return answer == "discard" or (answer == "save" and save())

    @Slot(object)
    def close_item(self, item: Item) -> None:
        """Close an item with what came of it; asks about bitstreams that were not saved."""
        name = scene.title_of(item)
        if not self._may_change(tr("Remove {name}", name=name)):
            return
        family = scene.family_of(self._session, item)
        lost = [one for one in family if isinstance(one, StreamItem) and not one.saved]
        if all(self.may_lose(stream) for stream in lost):
            self._bench.undo_stack.clear()
            before = self._session.reference
            scene.close_item(self._session, item)
            if self._session.reference is not before:
                self._bench.fit_wanted.emit(None)
            self._bench.said.emit(tr("Removed {name}", name=name))

    @Slot(object, str)
    def rename(self, item: Item, name: str) -> None:
        scene.rename(self._session, item, name)

    @Slot(object, int)
    def move(self, item: Item, by: int) -> None:
        """Up (-1) or down (1) in the list."""
        scene.move(self._session, item, by)

    @Slot(object)
    def choose_ink(self, item: CloudItem) -> None:
        """Ask for the colour of a cloud where points are plain."""
        now = QColor(*item.ink) if item.ink else QColor("white")
        color = QColorDialog.getColor(now, self._bench.window.widget, tr("Colour of {name}", name=item.label))
        if color.isValid():
            self.set_ink(item, (color.red(), color.green(), color.blue()))

    def set_ink(self, item: CloudItem, ink: tuple[int, int, int] | None) -> None:
        """Draw the points of a cloud in a colour of its own; None: in that of all."""
        item.ink = ink
        with self._session.together():
            self._session.clouds_changed()
            self._session.set_view(cloud_mode="plain")

    @classmethod
    def actions(cls) -> list[ActionSpec]:
        panes = (
            ("1", "F7", "One view", "Show view A alone, or the first one that is switched on"),
            ("2", "F8", "Two views", "Show two views beside each other"),
            ("4", "F9", "Four views", "Show up to four views; free ones get clouds that no view shows"),
        )
        return [
            *(
                ActionSpec(
                    f"panes_{number}",
                    words,
                    "View",
                    cls.set_panes,
                    tip,
                    key,
                    has_cloud,
                    argument=number,
                    check=partial(_shows_at_most, int(number)),
                    group="panes",
                    separator=number == "1",
                    order=20,
                )
                for number, key, words, tip in panes
            ),
            ActionSpec(
                "linked",
                "Linked cameras",
                "View",
                cls.toggle_linked,
                "Have the mouse move the cameras of all views; off, that of its view alone",
                "Ctrl+L",
                has_cloud,
                check=lambda s: s.view.linked,
                order=20,
            ),
            ActionSpec(
                "swap",
                "Swap A and B",
                "View",
                cls.swap,
                "Have views A and B change places",
                "S",
                lambda s: not_busy(s) or has_both(s),
                order=20,
            ),
        ]

    def shut(self) -> None:
        self._soon.stop()
        self._waiting.clear()
        self._before = None
