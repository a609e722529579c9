"""Points and outlines stand out from the ground three to one, in both themes; measured on pictures."""

from __future__ import annotations

import numpy as np
import pytest
from pictures import drawn
from PySide6.QtGui import QImage
from windows import complete

from octavox.gui.base.theme import THEMES
from octavox.gui.document.colormap import Colors
from octavox.gui.document.property_colours import LABELS, MAP_NAMES, PropertyScale

pytestmark = pytest.mark.gl
LEAST = 3.0  # WCAG 2.1, 1.4.11: graphical objects


def luminance(colors: Colors) -> np.ndarray:
    """Relative, as WCAG 2.1 defines it."""
    share = np.asarray(colors, np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(colors: Colors, ground: Colors) -> np.ndarray:
    a, b = luminance(colors), luminance(ground)
    return (np.maximum(a, b) + 0.05) / (np.minimum(a, b) + 0.05)


def least_contrast(window, qtbot) -> float:
    """Of all that is drawn in the left view with the ground behind it."""
    complete(qtbot, window)
    pane, picture = window.viewport.a.pane, drawn(window)
    alone = pane.without_ground(1).convertToFormat(QImage.Format.Format_RGBA8888)
    alpha = np.frombuffer(alone.constBits(), np.uint8).reshape(*picture.shape[:2], 4)[:, :, 3]
    solid = alpha == 255
    assert 0.02 < solid.mean() < 0.9
    rows = np.nonzero(solid)[0]
    low, high = (np.array(window.themer.theme.rgb(name)) for name in ("view_bottom", "view_top"))
    place = 1 - (rows + 0.5) / picture.shape[0]
    return float(contrast(picture[solid], low + (high - low) * place[:, None]).min())


@pytest.mark.parametrize("theme", THEMES)
def test_points_stand_out(compressed, qtbot, theme) -> None:
    compressed.set_theme(theme)
    compressed.action_registry["overlay"].trigger()  # points alone
    for mode in ("plain", "height", "block", "block_bpov"):
        compressed.action_registry[f"cloud_{mode}"].trigger()
        assert least_contrast(compressed, qtbot) >= LEAST, mode
    compressed.action_registry["cloud_height"].trigger()
    for name in MAP_NAMES.keys() - {"", LABELS}:
        compressed.commands.scales.set_scale("height", PropertyScale(name))
        assert least_contrast(compressed, qtbot) >= LEAST, name


@pytest.mark.parametrize("theme", THEMES)
def test_outlines_stand_out(compressed, qtbot, theme) -> None:
    compressed.set_theme(theme)
    compressed.action_registry["cloud_plain"].trigger()
    for mode in ("size", "bits", "bpov", "points", "slice"):
        compressed.action_registry[f"blocks_{mode}"].trigger()
        assert least_contrast(compressed, qtbot) >= LEAST, mode
        (legend, *_) = compressed.viewport.legend.legends
        shown = drawn(compressed).reshape(-1, 3)
        known = legend.colors if legend.colors is not None else [color for color, _ in legend.swatches]
        seen = {tuple(color) for color in np.unique(shown, axis=0).tolist()}
        assert seen & {tuple(int(v) for v in color) for color in known}  # the legend says what is drawn


@pytest.mark.parametrize("theme", THEMES)
def test_own_colours_stay_as_they_are(opened, qtbot, theme) -> None:
    opened.set_theme(theme)
    opened.action_registry["shaded"].trigger()
    complete(qtbot, opened)
    alone = opened.viewport.a.pane.without_ground(1).convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(alone.constBits(), np.uint8).reshape(-1, 4)
    own = {tuple(color) for color in np.unique(opened.session.original.display.cloud.colors, axis=0).tolist()}
    shown = {tuple(color) for color in np.unique(pixels[pixels[:, 3] == 255][:, :3], axis=0).tolist()}
    assert len(shown) > 50 and shown <= own
