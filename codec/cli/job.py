"""A job on the command line: progress on a terminal, and signals that cancel it."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from octavox.codec.job import CancelToken, Progress
from octavox.codec.prepared import compiled_codecs, is_prepared, prepare

# What asks a job to end; SIGHUP, a closed terminal, is unknown to Windows.
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def running_job(
    codec: str = "", quiet: bool = False
) -> Iterator[tuple[CancelToken, Callable[[Progress], None] | None]]:
    """A token that Ctrl+C and a request to end set, and a progress bar on a terminal.

    A second signal interrupts at once. codec: the one that will be used, "" where only a stream can tell.
    quiet: without a progress bar.
    """
    cancel = CancelToken()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel()

    main_thread = threading.current_thread() is threading.main_thread()
    before: dict[int, Any] = {n: signal.signal(n, on_signal) for n in _ENDING} if main_thread else {}
    bar = _ProgressBar() if on_terminal() and not quiet else None
    if bar is not None and not any(map(is_prepared, [codec] if codec else compiled_codecs())):
        print("octavox: the first use of a codec compiles it, which takes half a minute", file=sys.stderr)
    try:
        yield cancel, bar.show if bar else None
    finally:
        if bar:
            bar.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def compile_rest(codec: str) -> None:
    """Compiles what a codec's first job did not need, so that no later job waits for it.

    Only where a person may be reading along: a script in a new container would wait for it each time. The job
    is done, so an interrupt ends this alone.
    """
    if on_terminal() and not is_prepared(codec):
        with contextlib.suppress(KeyboardInterrupt):
            prepare([codec])


def on_terminal() -> bool:
    """Whether a person may be reading along."""
    return sys.stderr is not None and sys.stderr.isatty()


class _ProgressBar:
    """One tqdm bar for each stage."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def show(self, step: Progress) -> None:
        from tqdm import tqdm

        if step.stage != self._stage or self._bar is None or step.total != self._bar.total:
            self.close()
            self._stage = step.stage
            self._bar = tqdm(total=step.total, desc=step.stage, unit_scale=True, leave=False, file=sys.stderr)
        self._bar.update(step.done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
