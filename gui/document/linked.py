"""The cameras of views whose clouds lie on different grids: each shows the place that the others show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .camera import Camera
from .display import CloudDisplay
from .items import CloudItem, ViewName
from .session import Session


def camera_of(session: Session, view: ViewName, item: CloudItem | None) -> Camera:
    """The camera of a view that shows a cloud, in the view coordinates of that cloud."""
    own = None if session.view.linked else session.cameras.get(view)
    shown = session.preview or session.reference
    if own is not None or item is None or shown is None:
        return own or session.camera
    return carried(session.camera, shown.display, item.display)


def carried(camera: Camera, old: CloudDisplay, new: CloudDisplay) -> Camera:
    """A camera at one cloud, carried over to another one: to the same place in the units of the files where
    the clouds meet, else to the same place relative to the middle and the size of each."""
    grids = [(display.cloud.transform, display.proportions) for display in (old, new)]
    if grids[0] == grids[1]:
        return camera
    if _meet(old, new):
        return camera.on_grid(grids[0], grids[1])
    share = new.radius / old.radius
    x, y, z = (new.middle + (np.asarray(camera.center) - old.middle) * share).tolist()
    return replace(camera, center=(x, y, z), distance=camera.distance * share)


def _meet(a: CloudDisplay, b: CloudDisplay) -> bool:
    """Whether the boxes around two clouds share a place, in the units of their files."""
    ends = []
    for display in (a, b):
        steps, origin = (
            np.array(part) for part in (display.cloud.transform.steps, display.cloud.transform.origin)
        )
        ends.append((display.low * steps + origin, display.high * steps + origin))
    (low, high), (first, last) = ends
    return bool(((low <= last) & (first <= high)).all())
