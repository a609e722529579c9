"""Runs work in another process: some libraries block other threads for seconds, or cannot be cancelled."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from octavox.codec import CancelToken, Progress

from .array_pipe import receive, send

Report = Callable[[Progress], None]
LOOK_SECONDS = 0.05  # between looks at the cancel token
END_SECONDS = 1.0  # for a process to end after it was terminated


def run_in_subprocess(work: Callable[..., Any], *args: Any, report: Report, cancel: CancelToken) -> Any:
    """The result of work(*args, progress=...). All of it has to be picklable, and work found by its name.

    Raises what work raises, CancelledError at once on a cancel, RuntimeError if the process dies.
    """
    context = multiprocessing.get_context("spawn")  # a fork would inherit the window
    here, there = context.Pipe()
    process = context.Process(target=_run, args=(there, work), daemon=True)
    process.start()
    there.close()
    try:
        send(here, args)
        while True:
            cancel.raise_if_cancelled()
            if not here.poll(LOOK_SECONDS):
                continue
            kind, value = receive(here)
            if kind == "done":
                return value
            if kind == "failed":
                raise value
            report(value)
    except (EOFError, ConnectionError):
        process.join(END_SECONDS)
        raise RuntimeError(f"the process that did the work ended early ({process.exitcode})") from None
    finally:
        here.close()
        process.terminate()
        process.join(END_SECONDS)
        if process.exitcode is None:
            process.kill()


def _run(there: Connection, work: Callable[..., Any]) -> None:
    """In the other process: sends each step, then the result or the exception."""
    with contextlib.suppress(
        EOFError, ConnectionError, KeyboardInterrupt
    ):  # the other end of the pipe was closed
        args = receive(there)
        try:
            result = work(*args, progress=lambda step: send(there, ("step", step)))
        except ConnectionError:
            raise
        except Exception as error:
            send(there, ("failed", _sendable(error)))
        else:
            send(there, ("done", result))


def _sendable(error: Exception) -> Exception:
    """The error, or its words where it does not survive pickling."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
