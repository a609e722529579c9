"""Which scale of colours is in force in a view: the one that views share, or one of its own.

An owner is the letter of a view with a scale of its own, None for the scale that all others share.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .items import VIEWS, CloudItem, ViewName
from .property_colours import PropertyScale
from .view_state import ViewState

if TYPE_CHECKING:
    from .session_state import SessionState

Owner = ViewName | None


def chosen_scale(view: ViewState, mode: str, owner: Owner = None) -> PropertyScale:
    """What was chosen of the scale of a mode of points or blocks."""
    scales = view.scales if owner is None else view.own_scales.get(owner, {})
    return scales.get(mode, PropertyScale())


def owner_in(view: ViewState, letter: str | None) -> Owner:
    """Whose scale is in force in a view."""
    return next((own for own in VIEWS if own == letter and own in view.own_scales), None)


def owner_of(session: SessionState, item: CloudItem | None) -> Owner:
    """Whose scale colours a shown cloud."""
    return None if item is None else owner_in(session.view, session.items.view_of(item))


def owners(view: ViewState) -> list[Owner]:
    """All scales that are in force: the shared one first."""
    return [None, *(letter for letter in VIEWS if letter in view.own_scales)]


def coloured_by(session: SessionState, owner: Owner) -> list[CloudItem]:
    """The shown clouds that a scale colours."""
    return [item for item in session.items.shown if owner_of(session, item) == owner]


def with_scale(view: ViewState, mode: str, scale: PropertyScale, owner: Owner = None) -> dict[str, Any]:
    """The changes of the view that choose a scale of a mode."""
    if owner is None:
        return {"scales": {**view.scales, mode: scale}}
    return {"own_scales": {**view.own_scales, owner: {**view.own_scales.get(owner, {}), mode: scale}}}


def with_own(view: ViewState, letter: str, own: bool) -> dict[str, Any]:
    """The changes that give a view a scale of its own, which begins as the shared one, or take it away."""
    others: dict[str, Mapping[str, PropertyScale]] = {k: v for k, v in view.own_scales.items() if k != letter}
    return {"own_scales": {**others, letter: dict(view.scales)} if own else others}
