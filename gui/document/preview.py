"""Some points of a large file that are shown while the rest of it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .camera import Camera, natural_up
from .display import CloudDisplay


def first_camera(camera: Camera, display: CloudDisplay) -> Camera:
    """The camera for a cloud that was just opened: at a corner, with the cloud's natural up axis up."""
    return replace(camera.looking_from("corner"), up=natural_up(display.extent))


@dataclass
class Preview:
    """Some points of a file that is being opened.

    label: name of the file. before: the camera until then. fitted: the camera that shows the points, once
    it is known.
    """

    label: str
    display: CloudDisplay
    before: Camera
    fitted: Camera | None = None

    def moved(self, camera: Camera, display: CloudDisplay) -> Camera | None:
        """The camera in the voxels of the whole cloud, if the user moved it meanwhile; else None."""
        if camera == self.fitted:
            return None
        grids = [(d.cloud.transform, d.proportions) for d in (self.display, display)]
        return camera.on_grid(*grids)
