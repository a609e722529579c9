"""What shaders do: the size of points, the light on the faces of cubes, outlines that fade with distance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLShaderProperty

CLOSED = 1.42  # times the edge of a voxel: those that share an edge then touch from wherever one looks
MOVING_PIXELS = 24.0  # where cubes take the place of larger ones, once the camera rests
LIT_FROM, LIT_WHOLLY = 5.0, 20.0  # pixels of an edge: smaller cubes look like points, larger have lit faces
EDGE_DARK = 0.3  # how much darker edges are
_POSITION, _DECLARED, _LIGHT = "//VTK::PositionVC::Impl", "//VTK::PositionVC::Dec", "//VTK::Light::Impl"
_SIZE = (
    "  gl_PointSize = clamp(ceil(voxelPixels / gl_Position.w), leastPixels, mostPixels);\n"
    "  if (gl_Position.z < nearestDepth * gl_Position.w) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);\n"
)
_LIT = "  cubePlace = vertexMC.xyz;\n  cubeEdge = voxelPixels / gl_Position.w;\n"
# The faces lie across the axes, so the normal that the derivatives give is one of these.
_FACE_LIGHT = """
  vec3 cubeNormal = cross(dFdx(cubePlace), dFdy(cubePlace));
  cubeNormal /= max(1e-30, abs(cubeNormal.x) + abs(cubeNormal.y) + abs(cubeNormal.z));
  float cubeLight = dot(max(cubeNormal, 0.0), highLight) + dot(max(-cubeNormal, 0.0), lowLight);
  gl_FragData[0].rgb *= mix(1.0, cubeLight, smoothstep(litFrom, litWholly, cubeEdge));
  vec3 cubeGrid = cubePlace / gridStep;
  vec3 toEdge = abs(fract(cubeGrid + 0.5) - 0.5) / max(fwidth(cubeGrid), 1e-6);
  toEdge += 9.0 * step(0.5, abs(cubeNormal));
  float onEdge = 1.0 - smoothstep(0.4, 1.2, min(toEdge.x, min(toEdge.y, toEdge.z)));
  gl_FragData[0].rgb *= 1.0 - edgeDark * onEdge * smoothstep(litWholly / 2.0, 2.0 * litWholly, cubeEdge);
"""


class PointLook:
    """Size of all points of a layer: as large as a voxel looks at their distance, or so many pixels."""

    def __init__(self) -> None:
        self.shader = vtkOpenGLShaderProperty()
        self.shader.AddVertexShaderReplacement(_POSITION, True, f"{_POSITION}\n{_SIZE}", False)
        self._uniforms = self.shader.GetVertexCustomUniforms()
        self.set(0.0, 1.0, 1.0)
        self.leave_out(0.0)

    def set(self, voxel: float, least: float, most: float) -> None:
        """Pixels of an edge at depth 1, and the least and the largest size."""
        self._uniforms.SetUniformf("voxelPixels", CLOSED * voxel)
        self._uniforms.SetUniformf("leastPixels", least)
        self._uniforms.SetUniformf("mostPixels", most)

    def leave_out(self, nearest: float) -> None:
        """Draw no points nearer than this value of the z-buffer, 0 to 1: others stand for them."""
        self._uniforms.SetUniformf("nearestDepth", 2 * nearest - 1 if nearest > 0 else -2.0)


class CubeLook:
    """Light on the faces of all cubes of a layer."""

    def __init__(self) -> None:
        self.shader = vtkOpenGLShaderProperty()
        places = "vec3 cubePlace;\n{0} float cubeEdge;\n"
        replace = self.shader.AddVertexShaderReplacement
        replace(_DECLARED, True, f"{_DECLARED}\nout {places.format('out')}", False)
        replace(_POSITION, True, f"{_POSITION}\n{_LIT}", False)
        replace = self.shader.AddFragmentShaderReplacement
        replace(_DECLARED, True, f"{_DECLARED}\nin {places.format('in')}", False)
        replace(_LIGHT, True, f"{_LIGHT}\n{_FACE_LIGHT}", False)
        self._uniforms = self.shader.GetFragmentCustomUniforms()
        self._uniforms.SetUniformf("litFrom", LIT_FROM)
        self._uniforms.SetUniformf("litWholly", LIT_WHOLLY)
        self.light(None)
        self.grid(1)
        self.set(0.0)

    def set(self, voxel: float) -> None:
        """Pixels of an edge at depth 1."""
        self.shader.GetVertexCustomUniforms().SetUniformf("voxelPixels", voxel)

    def grid(self, cell: int) -> None:
        """Voxels that the edge of a cube is long."""
        self._uniforms.SetUniformf("gridStep", float(cell))

    def light(self, bright: npt.NDArray[np.float32] | None) -> None:
        """(3, 2) brightness of faces, by axis and end; the edges between them are darker. None: no light, all
        colours as they are."""
        self._uniforms.SetUniformf("edgeDark", 0.0 if bright is None else EDGE_DARK)
        low, high = ([1.0] * 3, [1.0] * 3) if bright is None else bright.T.tolist()
        self._uniforms.SetUniform3f("lowLight", low)
        self._uniforms.SetUniform3f("highLight", high)


# From the fragment's own place: wide lines pass a geometry shader, which hands on nothing else.
_FADED = """
  float outlineDepth = inParallel > 0.5 ? gl_FragCoord.z : (1.0 / gl_FragCoord.w - nearest) / span;
  gl_FragData[0].a *= 1.0 - clamp(fading * outlineDepth, 0.0, 0.9);
"""


class OutlineLook:
    """Fading of the outlines of a layer with their distance."""

    def __init__(self) -> None:
        self.shader = vtkOpenGLShaderProperty()
        self.shader.AddFragmentShaderReplacement(_LIGHT, True, f"{_LIGHT}\n{_FADED}", False)
        self._uniforms = self.shader.GetFragmentCustomUniforms()
        self.set(False, 0.0)
        self.clip(0.0, 1.0)

    def set(self, parallel: bool, fading: float) -> None:
        """fading: how much of their opacity the farthest lose; they stay as they are with 0."""
        self._uniforms.SetUniformf("inParallel", float(parallel))
        self._uniforms.SetUniformf("fading", fading)

    def clip(self, near: float, far: float) -> None:
        """Near and far plane."""
        self._uniforms.SetUniformf("nearest", near)
        self._uniforms.SetUniformf("span", max(far - near, 1e-9))
