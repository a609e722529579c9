"""The panels around the views. A new panel is one entry in PANELS and one widget in gui/widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from octavox.gui.base.actions import ActionRegistry
from octavox.gui.base.frame_scheduler import FrameScheduler
from octavox.gui.base.i18n import tr
from octavox.gui.commands.registry import Commands
from octavox.gui.document.events import (
    BlocksChanged,
    CertificateChanged,
    CloudsChanged,
    ComparisonChanged,
    DiskChanged,
    Event,
    JobChanged,
    OptionsChanged,
    OtherStreamChanged,
    PointDataChanged,
    PointsRead,
    QualityChanged,
    QueueChanged,
    StreamChanged,
    SurpriseChanged,
    TimelineChanged,
    ViewChanged,
)
from octavox.gui.document.facts import properties
from octavox.gui.document.session import Session
from octavox.gui.widgets.blocks_table import BlocksPanel
from octavox.gui.widgets.byte_view import ByteView
from octavox.gui.widgets.clip_panel import ClipPanel
from octavox.gui.widgets.codec_panel import CodecPanel
from octavox.gui.widgets.compare_panel import ComparePanel
from octavox.gui.widgets.facts import FactList
from octavox.gui.widgets.histogram import HistogramPanel
from octavox.gui.widgets.inspector import Inspector
from octavox.gui.widgets.levels_panel import LevelsPanel
from octavox.gui.widgets.log import LogView
from octavox.gui.widgets.points_panel import PointsPanel
from octavox.gui.widgets.quality_panel import QualityPanel
from octavox.gui.widgets.queue_panel import QueuePanel
from octavox.gui.widgets.scene import SceneTree
from octavox.gui.widgets.timeline_panel import TimelinePanel
from octavox.gui.widgets.voxel_table import VoxelTable


@dataclass(frozen=True)
class Parts:
    """What a panel is made from."""

    session: Session
    actions: ActionRegistry
    commands: Commands
    scheduler: FrameScheduler


def _refresh(panel: Any, session: Session) -> None:
    panel.refresh()


@dataclass(frozen=True)
class PanelSpec:
    """One panel. make: the widget, its signals connected to the workbench.

    area: "left", "right" or "bottom". beside: shares the place of that panel, as a tab; right_of: stands to
    the right of that panel. events: kinds of events after which `refresh` shows the session.
    """

    name: str
    area: str
    make: Callable[[Parts], QWidget]
    events: tuple[type[Event], ...] = ()
    refresh: Callable[[Any, Session], None] = _refresh
    beside: str = ""
    right_of: str = ""


def _scene(parts: Parts) -> QWidget:
    panel = SceneTree(parts.session)
    panel.toggled.connect(parts.commands.view.set_shown)
    panel.size_toggled.connect(parts.commands.view.toggle_size)
    panel.shown.connect(parts.commands.scene.show_item)
    panel.chosen.connect(parts.commands.scene.choose)
    panel.used.connect(parts.commands.scene.activate)
    panel.closed.connect(parts.commands.scene.close_item)
    panel.renamed.connect(parts.commands.scene.rename)
    panel.moved.connect(parts.commands.scene.move)
    panel.inked.connect(parts.commands.scene.choose_ink)
    return panel


def _codec(parts: Parts) -> QWidget:
    panel = CodecPanel(parts.session, parts.actions)
    panel.chosen.connect(parts.commands.codec.set_option)
    return panel


def _blocks(parts: Parts) -> QWidget:
    panel = BlocksPanel()
    panel.selected.connect(parts.commands.view.select)
    panel.activated.connect(parts.commands.camera.zoom_to_row)
    panel.filtered.connect(parts.commands.view.set_filter)
    return panel


def _points(parts: Parts) -> QWidget:
    panel = PointsPanel(parts.session)
    panel.coloured.connect(parts.commands.view.set_cloud_mode)
    panel.scaled.connect(parts.commands.scales.set_first)
    panel.stored.connect(parts.commands.codec.set_stored)
    return panel


def _histogram(parts: Parts) -> QWidget:
    panel = HistogramPanel(parts.session)
    panel.filtered.connect(parts.commands.view.set_filter)
    return panel


def _bytes(parts: Parts) -> QWidget:
    panel = ByteView(parts.session)
    panel.picked.connect(parts.commands.view.select)
    return panel


def _quality(parts: Parts) -> QWidget:
    panel = QualityPanel(parts.session, parts.actions)
    panel.chosen.connect(parts.commands.codec.set_option)
    panel.seen.connect(parts.commands.quality.want_samples)
    return panel


def _clip(parts: Parts) -> QWidget:
    panel = ClipPanel(parts.session)
    panel.clipped.connect(parts.commands.clip.set_clip)
    return panel


def _levels(parts: Parts) -> QWidget:
    panel = LevelsPanel(parts.session)
    panel.chosen.connect(parts.commands.detail.set_level)
    return panel


def _timeline(parts: Parts) -> QWidget:
    panel = TimelinePanel(parts.session, parts.actions)
    panel.sought.connect(parts.commands.sequence.seek)
    panel.rated.connect(parts.commands.sequence.set_rate)
    panel.limited.connect(parts.commands.sequence.set_memory)
    return panel


def _compare(parts: Parts) -> QWidget:
    panel = ComparePanel(parts.session, parts.actions, parts.scheduler)
    panel.picked.connect(parts.commands.camera.zoom_to_row)
    return panel


def _show_properties(panel: Any, session: Session) -> None:
    if not session.blocks_live:
        panel.show_facts(properties(session), tr("Open a cloud to see its facts."))


def _show_blocks(panel: Any, session: Session) -> None:
    panel.show_blocks(session.blocks, session.view.filter, session.view.selected)


def _queue(parts: Parts) -> QWidget:
    panel = QueuePanel(parts.session, parts.actions)
    panel.removed.connect(parts.commands.queue.remove)
    return panel


FILES = (
    CloudsChanged,
    StreamChanged,
    CertificateChanged,
    BlocksChanged,
    ComparisonChanged,
    DiskChanged,
    PointsRead,
)
PANELS: list[PanelSpec] = [
    PanelSpec("Scene", "left", _scene, (*FILES, ViewChanged, TimelineChanged, JobChanged)),
    PanelSpec("Codec", "left", _codec, (JobChanged, OptionsChanged, CloudsChanged, StreamChanged)),
    PanelSpec("Properties", "left", lambda parts: FactList(parts.scheduler), FILES, _show_properties),
    PanelSpec(
        "Inspector",
        "right",
        lambda parts: Inspector(parts.session, parts.actions, parts.scheduler),
        (BlocksChanged, ViewChanged, SurpriseChanged, StreamChanged),
    ),
    PanelSpec("Blocks", "bottom", _blocks, (BlocksChanged, ViewChanged), _show_blocks),
    PanelSpec("Histogram", "bottom", _histogram, (BlocksChanged, ViewChanged), right_of="Blocks"),
    PanelSpec("Bytes", "bottom", _bytes, (BlocksChanged, ViewChanged, StreamChanged), beside="Histogram"),
    PanelSpec(
        "Voxels",
        "bottom",
        lambda parts: VoxelTable(parts.session),
        (BlocksChanged, ViewChanged, SurpriseChanged),
        beside="Histogram",
    ),
    PanelSpec(
        "Points",
        "bottom",
        _points,
        (*FILES, ViewChanged, PointDataChanged, OptionsChanged, JobChanged),
        beside="Blocks",
    ),
    PanelSpec("Clip", "bottom", _clip, (CloudsChanged, ViewChanged), beside="Histogram"),
    PanelSpec("Levels", "bottom", _levels, (CloudsChanged, StreamChanged, BlocksChanged), beside="Histogram"),
    PanelSpec(
        "Quality",
        "bottom",
        _quality,
        (CloudsChanged, OptionsChanged, JobChanged, QualityChanged),
        beside="Blocks",
    ),
    PanelSpec("Compare", "bottom", _compare, (*FILES, OtherStreamChanged), beside="Blocks"),
    PanelSpec("Timeline", "bottom", _timeline, (TimelineChanged, ViewChanged, JobChanged), beside="Blocks"),
    PanelSpec("Queue", "bottom", _queue, (QueueChanged,), beside="Blocks"),
    PanelSpec("Log", "bottom", lambda parts: LogView(), beside="Blocks"),
]
