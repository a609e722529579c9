"""The property that colours the points of both views, and its scale."""

from __future__ import annotations

from collections.abc import Sequence

from .items import CloudItem
from .point_data import Property, PropertyValues
from .property_colours import PropertyColours, PropertyScale
from .view_state import ViewState


class PropertyLayer:
    """Makes the colours of a property once for each scale."""

    def __init__(self) -> None:
        self._known: tuple[PropertyValues, PropertyScale, PropertyColours] | None = None

    def colours(self, shown: Sequence[CloudItem], view: ViewState) -> PropertyColours | None:
        """The colours in both views: an automatic scale is that of the first cloud that has the property.

        None where another mode colours the points, or while the property is not computed.
        """
        mode = view.cloud_mode
        wanted = Property.of(mode)
        known = next((v for v in (item.values_of(mode) for item in shown) if v is not None), None)
        if wanted is None or known is None:
            return None
        chosen = view.scales.get(mode, PropertyScale())
        if self._known is None or self._known[0] is not known or self._known[1] != chosen:
            self._known = (known, chosen, PropertyColours.of(wanted.title, known, chosen))
        return self._known[2]


def own_properties(item: CloudItem | None, mode: str) -> bool:
    """Whether points of a cloud can have the colours of a mode, if that is one of a property."""
    wanted = Property.of(mode)
    return item is None or wanted is None or wanted in item.properties
