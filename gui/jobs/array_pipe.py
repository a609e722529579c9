"""Sends values with large arrays through a pipe in small pieces; a whole array would block other threads."""

from __future__ import annotations

import pickle
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

PIECE = 1 << 19  # bytes, copied in a fraction of a millisecond


def send(pipe: Connection, value: Any) -> None:
    """Send any value that can be pickled; the memory of arrays is sent separately (PEP 574)."""
    buffers: list[pickle.PickleBuffer] = []
    head = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
    parts = [buffer.raw() for buffer in buffers]
    pipe.send((head, [part.nbytes for part in parts]))
    for part in parts:
        for start in range(0, part.nbytes, PIECE):
            pipe.send_bytes(part[start : start + PIECE])


def receive(pipe: Connection) -> Any:
    """What `send` sent. Raises EOFError if the other end went away."""
    head, sizes = pipe.recv()
    buffers = [np.empty(size, np.uint8) for size in sizes]
    for buffer in buffers:
        for start in range(0, len(buffer), PIECE):
            pipe.recv_bytes_into(buffer[start : start + PIECE].data)
    return pickle.loads(head, buffers=buffers)
