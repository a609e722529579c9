"""Finding actions by a few letters."""

from __future__ import annotations

from octavox.gui.document.search import ranked, score


def test_search_finds_words_before_letters() -> None:
    names = ["Show blocks", "Expensive block", "Decode a part", "Open recent"]
    assert ranked("expe", names)[0] == 1
    assert ranked("block exp", names) == [1]
    assert ranked("", names) == [0, 1, 2, 3]
    assert score("xyz", "Expensive block") is None
