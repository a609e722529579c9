"""A camera as text: what the clipboard and session files hold."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from octavox.codec import InputError

from .camera import FARTHEST, NEAREST, Camera
from .json_values import number_of

MOST_TEXT = 10_000


def camera_text(camera: Camera) -> str:
    """One line of JSON."""
    return json.dumps({"camera": asdict(camera)}, allow_nan=False)


def read_camera(text: str) -> Camera:
    """The camera of `camera_text`. Raises InputError for other text."""
    try:
        if len(text) > MOST_TEXT:
            raise ValueError("too long for a camera")
        return camera_of(json.loads(text)["camera"])
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise InputError("this text holds no camera") from error


def camera_of(content: dict[str, Any]) -> Camera:
    """The camera of a JSON object. Raises as such for what is none: KeyError, TypeError, ValueError."""
    x, y, z = (number_of(v) for v in content["center"])
    numbers = [number_of(content[name]) for name in ("distance", "azimuth", "elevation")]
    if not NEAREST <= numbers[0] <= FARTHEST or max(map(abs, (x, y, z))) > FARTHEST:
        raise ValueError("a camera is not so near to its centre, or so far away")
    if abs(numbers[1]) > 360 or abs(numbers[2]) > 90:
        raise ValueError("a camera's angles are degrees")
    if content["up"] not in ("y", "z"):
        raise ValueError("up is y or z")
    parallel = content.get("parallel", False)
    if not isinstance(parallel, bool):
        raise TypeError("a camera is parallel or not")
    return Camera((x, y, z), numbers[0], numbers[1], numbers[2], content["up"], parallel)
