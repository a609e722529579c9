"""A codec and an option that are registered are in the window, too."""

from __future__ import annotations

import pytest
from toys import ToyOptions, toy_codec, toy_option

from octavox.codec.codecs.registry import CodecInfo

pytestmark = pytest.mark.gl
__all__ = ["toy_codec", "toy_option"]  # fixtures


def test_an_option_is_in_the_panel_and_remembered(toy_option: type[ToyOptions], make_window) -> None:
    window = make_window()
    box = window.codec_panel._boxes["crumbs"]
    assert [box.itemText(k) for k in range(box.count())] == ["Three", "Four"]
    assert box.toolTip() == "How many crumbs are left"
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert window.session.options.crumbs == 4
    assert window.settings.options()["crumbs"] == 4


def test_a_codec_is_in_the_panel(toy_codec: CodecInfo, make_window) -> None:
    window = make_window()
    box = window.codec_panel._boxes["codec"]
    row = box.findData("toy")
    assert box.itemText(row) == "Toy box"
    box.setCurrentIndex(row)
    box.activated.emit(row)
    assert window.session.options.codec == "toy"
    assert window.codec_panel.words.text().startswith("Stores what it gets.")
    assert not window.codec_panel._form.isRowVisible(window.codec_panel._boxes["effort"])
    assert window.codec_panel._form.isRowVisible(window.codec_panel._boxes["block_size"])
