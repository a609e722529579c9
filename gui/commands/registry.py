"""All command sets, and all actions in the order of the menus. A new subject is one entry here."""

from __future__ import annotations

from typing import TypeVar

from octavox.gui.base.action_spec import ActionSpec
from octavox.gui.base.actions import ActionRegistry

from .analyse import AnalyseCommands
from .arrangement import ArrangementCommands
from .batch import BatchCommands
from .camera import CameraCommands
from .clip import ClipCommands
from .codec import CodecCommands
from .codec_comparison import CodecComparison
from .command_set import CommandSet
from .detail import DetailCommands
from .disk import DiskCommands
from .edit import EditCommands
from .export import ExportCommands
from .file import FileCommands
from .help import HelpCommands
from .quality import QualityCommands
from .queue import QueueCommands
from .rates import RateCommands
from .scales import ScaleCommands
from .scene import SceneCommands
from .sequence import SequenceCommands
from .session import SessionCommands
from .surprise import SurpriseCommands
from .video import VideoCommands
from .view import ViewCommands
from .window import WindowCommands
from .workbench import Workbench

MENUS = ("File", "Edit", "View", "Codec", "Analyse", "Window", "Help")
COMMAND_SETS: list[type[CommandSet]] = [
    FileCommands,
    SceneCommands,
    SequenceCommands,
    ExportCommands,
    VideoCommands,
    SessionCommands,
    EditCommands,
    ViewCommands,
    ScaleCommands,
    ClipCommands,
    ArrangementCommands,
    CameraCommands,
    CodecCommands,
    DetailCommands,
    DiskCommands,
    QualityCommands,
    QueueCommands,
    SurpriseCommands,
    AnalyseCommands,
    CodecComparison,
    RateCommands,
    BatchCommands,
    WindowCommands,
    HelpCommands,
]
Set = TypeVar("Set", bound=CommandSet)


def all_specs() -> list[ActionSpec]:
    """All actions, in the order of the menus."""
    specs = [spec for kind in COMMAND_SETS for spec in kind.actions()]
    return sorted(specs, key=lambda spec: (MENUS.index(spec.menu.split("/")[0]), spec.order))


class Commands:
    """One command set of each kind. They find each other here."""

    def __init__(self, bench: Workbench) -> None:
        bench.commands = self
        self._sets = {kind: kind(bench) for kind in COMMAND_SETS}
        self.file, self.export = self.of(FileCommands), self.of(ExportCommands)
        self.session, self.edit = self.of(SessionCommands), self.of(EditCommands)
        self.view, self.camera = self.of(ViewCommands), self.of(CameraCommands)
        self.codec, self.queue = self.of(CodecCommands), self.of(QueueCommands)
        self.analyse, self.window = self.of(AnalyseCommands), self.of(WindowCommands)
        self.help, self.detail = self.of(HelpCommands), self.of(DetailCommands)
        self.quality, self.batch = self.of(QualityCommands), self.of(BatchCommands)
        self.rates, self.surprise = self.of(RateCommands), self.of(SurpriseCommands)
        self.video, self.clip = self.of(VideoCommands), self.of(ClipCommands)
        self.sequence, self.scene = self.of(SequenceCommands), self.of(SceneCommands)
        self.scales = self.of(ScaleCommands)

    def of(self, kind: type[Set]) -> Set:
        """The command set of that class."""
        found = self._sets[kind]
        assert isinstance(found, kind)
        return found

    def connect(self, actions: ActionRegistry) -> None:
        """Have the actions run the commands."""
        for kind, commands in self._sets.items():
            actions.connect_to(commands, kind.actions())

    def tell_again(self) -> None:
        for commands in self._sets.values():
            commands.tell_again()

    def shut(self) -> None:
        for commands in self._sets.values():
            commands.shut()
