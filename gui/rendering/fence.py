"""Whether OpenGL has executed the commands it was given, without waiting for it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QOpenGLContext

from .opengl import address

COMMANDS_COMPLETE = 0x9117
FLUSH_COMMANDS = 0x1
TIMEOUT_EXPIRED = 0x911B


class Fence:
    """OpenGL's sync object (core since 3.2, which VTK requires); PySide6 has no calls for it.

    The context must be current whenever a method is called.
    """

    def __init__(self, context: QOpenGLContext) -> None:
        # These calls return at once, so they keep the interpreter's lock: a busy codec would return it late.
        self._make: Callable[..., Any] = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint)(
            address(context, b"glFenceSync")
        )
        self._look: Callable[..., Any] = ctypes.PYFUNCTYPE(
            ctypes.c_uint, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint64
        )(address(context, b"glClientWaitSync"))
        self._delete: Callable[..., Any] = ctypes.PYFUNCTYPE(None, ctypes.c_void_p)(
            address(context, b"glDeleteSync")
        )
        self._sync: int | None = None

    def set(self) -> None:
        """Put the fence behind all commands so far, and have OpenGL begin to execute them."""
        self.drop()
        self._sync = self._make(COMMANDS_COMPLETE, 0)
        self._look(self._sync, FLUSH_COMMANDS, 0)

    @property
    def passed(self) -> bool:
        """Whether all commands before the fence are executed, or no fence is set."""
        if self._sync is not None and self._look(self._sync, 0, 0) != TIMEOUT_EXPIRED:
            self.drop()
        return self._sync is None

    def drop(self) -> None:
        if self._sync is not None:
            self._delete(self._sync)
            self._sync = None
