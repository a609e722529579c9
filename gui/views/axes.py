"""The small axes cross in the corner of a view."""

from __future__ import annotations

from vtkmodules.vtkRenderingAnnotation import vtkAxesActor
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

from ..model.camera import Camera
from ..model.colormap import rgb

_COLORS = ("#e0585b", "#57b368", "#4a8df0")


class AxesGizmo:
    """Three labelled axes that turn with the camera, drawn once a picture in a layer of their own."""

    def __init__(self, window: vtkRenderWindow) -> None:
        self._renderer = vtkRenderer()
        self._renderer.SetViewport(0.0, 0.0, 0.11, 0.16)
        self._renderer.SetLayer(1)
        self._renderer.InteractiveOff()
        window.SetNumberOfLayers(2)
        window.AddRenderer(self._renderer)
        actor = vtkAxesActor()
        actor.SetShaftTypeToCylinder()
        actor.SetCylinderRadius(0.04)
        actor.SetConeRadius(0.28)
        for axis, color in zip("XYZ", _COLORS, strict=True):
            shade = [c / 255 for c in rgb(color)]
            for part in ("Shaft", "Tip"):
                getattr(actor, f"Get{axis}Axis{part}Property")().SetColor(*shade)
            caption = getattr(actor, f"Get{axis}AxisCaptionActor2D")()
            caption.GetTextActor().SetTextScaleModeToNone()
            text = caption.GetCaptionTextProperty()
            text.SetColor(*shade)
            text.SetFontSize(12)
            text.ItalicOff()
            text.ShadowOff()
        actor.SetXAxisLabelText("x")
        actor.SetYAxisLabelText("y")
        actor.SetZAxisLabelText("z")
        self._renderer.AddActor(actor)

    def show(self, shown: bool) -> bool:
        """Show or hide it; returns how it was."""
        before = bool(self._renderer.GetDraw())
        self._renderer.SetDraw(shown)
        return before

    def follow(self, camera: Camera) -> None:
        _, up, back = camera.axes()
        view = self._renderer.GetActiveCamera()
        view.SetFocalPoint(0, 0, 0)
        view.SetPosition(*(back * 6.0))
        view.SetViewUp(*up)
        view.SetClippingRange(1.0, 12.0)
