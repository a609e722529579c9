"""What each Dask worker does when it starts. Apart from the rest, as it needs the package distributed."""

from __future__ import annotations

import contextlib
import logging
import os
import signal

from distributed import Worker, WorkerPlugin

from .weights import digest_of, keep_weights


class WeightsPlugin(WorkerPlugin):
    """Writes a weights file into the worker's own folder."""

    idempotent = True

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.name = f"octavox-weights-{digest_of(data)}"

    def setup(self, worker: Worker) -> None:
        keep_weights(self._data, worker.local_directory)


class LocalPlugin(WorkerPlugin):
    """Leaves Ctrl+C to the process that a person started; it ends its workers itself. Loads the library at
    once, while other workers start. Logs nothing. Ends without taking it down piece by piece."""

    name = "octavox-local"
    idempotent = True

    def setup(self, worker: Worker) -> None:
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)

    def teardown(self, worker: Worker) -> None:
        os._exit(0)
