"""From where a file is looked at while it is opened."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .camera import Camera, natural_up
from .display import CloudDisplay


def facing(camera: Camera, display: CloudDisplay) -> Camera:
    """A camera at the corner from which a cloud is seen first, its natural up axis up."""
    return replace(camera.looking("corner"), up=natural_up(display.high - display.low))


@dataclass
class FirstLook:
    """Some points of a file that is being opened. before: the camera until then; fitted: the one that shows
    them, once there is one."""

    label: str
    display: CloudDisplay
    before: Camera
    fitted: Camera | None = None

    def moved(self, camera: Camera, display: CloudDisplay) -> Camera | None:
        """The camera in the voxels of the whole cloud, if the user moved it since."""
        if camera == self.fitted:
            return None
        return camera.on_grid(self.display.cloud.transform, display.cloud.transform)
