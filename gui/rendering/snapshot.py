"""Pictures without a window: a cloud with its blocks coloured by bits."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from octavox.codec import BlockTable, VoxelCloud
from octavox.gui.document import text
from octavox.gui.document.blocks import assign_owners
from octavox.gui.document.camera import FOV, Camera, box_corners, natural_up
from octavox.gui.document.colormap import HEAT_TABLE, Scale, nice_ticks
from octavox.gui.document.colour_modes import Look, cloud_mode, paint_by_block
from octavox.gui.document.display import CloudDisplay, prepare

SIZE = (1280, 800)
GROUND = ("#14161a", "#262b34")  # bottom, top
INK = "#e4e7ec"
REST = (74, 81, 94)
LEAST_POINTS = 2  # pixels


def block_bits_png(cloud: VoxelCloud, blocks: BlockTable, path: str | os.PathLike[str]) -> None:
    """Draw a cloud off screen, points and block outlines coloured by the bits of their block, with a legend.

    Needs no display. Without blocks the cloud is drawn plain. Raises ImportError where the 3D libraries are
    missing, RuntimeError where nothing can be drawn, OSError where the file cannot be written.
    """
    import pyvista as pv
    from vtkmodules.vtkCommonCore import vtkLogger

    vtkLogger.SetStderrVerbosity(vtkLogger.VERBOSITY_ERROR)  # or it warns of a display that is not needed
    display = prepare(cloud)
    plotter = pv.Plotter(off_screen=True, window_size=list(SIZE))
    try:
        plotter.renderer.set_background(GROUND[0], top=GROUND[1])
        _add_points(plotter, display, blocks)
        if len(blocks):
            _add_boxes(plotter, display, blocks)
        _place_camera(plotter, display)
        bits = float(blocks.bits.sum() + blocks.flag_bits.sum())
        rate = f" · {bits / max(1, len(cloud)):.3f} bpov" if len(blocks) else ""
        words = f"{text.count(len(cloud))} points · {text.count(len(blocks))} blocks{rate}"
        plotter.add_text(words, position=(18, SIZE[1] - 36), font_size=10, color=INK)
        target = Path(path)
        plotter.screenshot(str(target))
        if not target.is_file():
            raise OSError(f"cannot write {target}")
    finally:
        plotter.close()


def _add_points(plotter: object, display: CloudDisplay, blocks: BlockTable) -> None:
    import pyvista as pv

    sample = display.points
    if len(blocks):
        low, high, _, _ = _round_scale(blocks.bits + blocks.flag_bits)
        colors = Scale(low, high, HEAT_TABLE).colors_of(blocks.bits + blocks.flag_bits)
        owner = np.full(len(display), -1, np.int32)
        assign_owners(owner, blocks, display.codes)
        paint = paint_by_block(sample, owner, np.vstack([colors, np.array([REST], np.uint8)]), Look())
    else:
        paint = cloud_mode("plain").paint(sample, display, Look())
    points = pv.PolyData(display.proportions.to_view(sample.positions))
    points["color"] = paint
    voxel = (
        display.proportions.point * SIZE[1] / (2 * np.tan(np.radians(FOV / 2)) * _camera(display).distance)
    )
    plotter.add_mesh(  # type: ignore[attr-defined]
        points,
        scalars="color",
        rgb=True,
        style="points",
        point_size=float(np.clip(np.ceil(voxel * 1.2), LEAST_POINTS, 12)),
        render_points_as_spheres=False,
        lighting=False,
        reset_camera=False,
    )


def _add_boxes(plotter: object, display: CloudDisplay, blocks: BlockTable) -> None:
    """One merged line set with a scalar a box, so that the legend is the mapper's own scale."""
    import pyvista as pv

    from .layers import box_edges

    bits = blocks.bits + blocks.flag_bits
    low, high, labels, clipped = _round_scale(bits)
    ends = display.proportions.to_view(box_edges(blocks.origin, blocks.size))
    lines = np.column_stack([np.full(len(ends) // 2, 2), np.arange(len(ends)).reshape(-1, 2)])
    boxes = pv.PolyData(ends, lines=lines.ravel())
    boxes.cell_data["bits"] = np.repeat(bits, 12)
    title = f"Bits per block{' (top 1 % clipped)' if clipped else ''}"
    plotter.add_mesh(  # type: ignore[attr-defined]
        boxes,
        scalars="bits",
        cmap=[f"#{r:02x}{g:02x}{b:02x}" for r, g, b in HEAT_TABLE],
        clim=(low, high),
        lighting=False,
        line_width=1,
        reset_camera=False,
        scalar_bar_args={
            "title": title,
            "color": INK,
            "n_labels": labels,
            "fmt": "%.0f",
            "position_x": 0.30,
            "position_y": 0.02,
            "width": 0.40,
            "height": 0.08,
            "title_font_size": 17,
            "label_font_size": 14,
        },
    )


def _round_scale(bits: npt.NDArray[np.float64]) -> tuple[float, float, int, bool]:
    """Round ends of the scale, how many labels divide it evenly, and whether it leaves out large values."""
    scale, clipped = Scale.of(bits, HEAT_TABLE)
    ticks = [value for value, _ in nice_ticks(scale.low, scale.high)]
    step = ticks[1] - ticks[0] if len(ticks) > 1 else scale.high - scale.low
    low, high = step * np.floor(scale.low / step), step * np.ceil(scale.high / step - 1e-9)
    return float(low), float(high), round((high - low) / step) + 1, clipped


def _camera(display: CloudDisplay) -> Camera:
    up = natural_up(display.extent)
    camera = Camera(up=up).looking_from("corner")
    # Room for the legend below
    corners = display.proportions.to_view(box_corners(display.low, display.high))
    return camera.fit(corners, SIZE[0] / SIZE[1]).zoom(-0.9).pan(0, -34, SIZE[1])


def _place_camera(plotter: object, display: CloudDisplay) -> None:
    view = _camera(display)
    camera = plotter.camera  # type: ignore[attr-defined]
    camera.focal_point = view.center
    camera.position = tuple(view.eye)
    camera.up = tuple(view.axes()[1])
    camera.view_angle = FOV
    camera.clipping_range = view.clipping(display.middle, display.radius + 64)
