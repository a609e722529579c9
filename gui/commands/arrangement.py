"""Which views are shown, and whether two clouds stand side by side or lie over each other."""

from __future__ import annotations

from collections.abc import Iterator

from octavox.gui.base.action_spec import ActionSpec, has_both, has_decoded

from .command_set import CommandSet

ARRANGEMENTS = (
    ("beside", "Side by side", "Show both clouds beside each other, cameras linked", "Ctrl+Shift+B"),
    (
        "overlaid",
        "Overlaid",
        "Show both clouds in one view; highlight points that only one of them has",
        "O",
    ),
)


class ArrangementCommands(CommandSet):
    def set_arrangement(self, key: str) -> None:
        self._bench.change_view("arrangement of the views", arrangement=key)

    def toggle_pane_a(self) -> None:
        self._bench.change_view("left view", show_a=not self._session.view.show_a)

    def toggle_pane_b(self) -> None:
        self._bench.change_view("right view", show_b=not self._session.view.show_b)

    @classmethod
    def _actions(cls) -> Iterator[ActionSpec]:
        yield ActionSpec(
            "pane_a",
            "Show original (A)",
            "View",
            cls.toggle_pane_a,
            "Show or hide the left view",
            "",
            has_decoded,
            check=lambda s: s.view.show_a,
            separator=True,
            order=40,
        )
        yield ActionSpec(
            "pane_b",
            "Show decoded (B)",
            "View",
            cls.toggle_pane_b,
            "Show or hide the right view",
            "",
            has_decoded,
            check=lambda s: s.view.show_b,
            order=40,
        )
        for key, name, tip, shortcut in ARRANGEMENTS:
            yield ActionSpec(
                f"arrange_{key}",
                name,
                "View",
                cls.set_arrangement,
                tip,
                shortcut,
                has_both,
                argument=key,
                check=lambda s, k=key: s.view.arrangement == k,  # type: ignore[misc]
                group="arrangement",
                order=40,
            )
