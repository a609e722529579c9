"""The property that colours the points of both views, and its scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .items import CloudItem
from .point_data import COLOUR, Property, PropertyValues, cost_of
from .property_colours import PropertyColours, PropertyScale
from .scales import Owner, chosen_scale, owners
from .view_state import ViewState
from .words import tr

if TYPE_CHECKING:
    from .session import Session


class PropertyLayer:
    """Makes the colours of a property once for each scale."""

    def __init__(self) -> None:
        self._together: dict[Owner, tuple[list[PropertyValues], PropertyValues]] = {}
        self._known: dict[Owner, tuple[PropertyValues, PropertyScale, PropertyColours]] = {}

    def values(
        self, shown: Sequence[CloudItem], view: ViewState, owner: Owner = None
    ) -> PropertyValues | None:
        """Of the clouds on a scale, what its automatic ends follow from; None while nothing is computed."""
        parts = [v for v in (item.values_of(view.cloud_mode) for item in shown) if v is not None]
        if not parts:
            return None
        for gone in self._together.keys() - set(owners(view)):
            del self._together[gone]
            self._known.pop(gone, None)
        made = self._together.get(owner)
        if made is None or [id(part) for part in made[0]] != [id(part) for part in parts]:
            made = self._together[owner] = (parts, PropertyValues.together(parts))
        return made[1]

    def colours(
        self, shown: Sequence[CloudItem], view: ViewState, owner: Owner = None
    ) -> PropertyColours | None:
        """The colours of the clouds on a scale.

        None where another mode colours the points, or while the property is not computed.
        """
        mode = view.cloud_mode
        title = value_title(mode)
        known = self.values(shown, view, owner)
        if not title or known is None:
            return None
        unit = "bits" if cost_of(mode) is not None else ""
        chosen, made = chosen_scale(view, mode, owner), self._known.get(owner)
        if made is None or made[0] is not known or made[1] != chosen:
            made = self._known[owner] = (known, chosen, PropertyColours.of(title, known, chosen, unit, mode))
        return made[2]


def value_title(mode: str) -> str:
    """What a point mode that colours by numbers of the voxels is called; "" for other modes."""
    wanted, cost = Property.of(mode), cost_of(mode)
    if cost is not None:
        return tr("Surprise of the colour") if cost == COLOUR else tr("Surprise of {name}", name=cost)
    return "" if wanted is None else wanted.title


def own_properties(item: CloudItem | None, mode: str) -> bool:
    """Whether points of a cloud can have the colours of a mode, if that is one of a property."""
    wanted = Property.of(mode)
    return item is None or wanted is None or wanted in item.properties


def cost_due(session: Session) -> bool:
    """Whether points are to be coloured by what a property cost, and that is not computed yet."""
    item, mode = session.reference, session.view.cloud_mode
    if cost_of(mode) is None or session.stream is None or item is None or item.data is None:
        return False
    return item.values_of(mode) is None
