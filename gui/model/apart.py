"""Runs work in a process of its own: libraries may hold the interpreter for seconds, or hear no cancel."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from codec import CancelToken, Progress

Report = Callable[[Progress], None]
LOOK_SECONDS = 0.05  # between looks at the cancel token
END_SECONDS = 1.0  # for a process that was told to end


def apart(work: Callable[..., Any], *args: Any, report: Report, cancel: CancelToken) -> Any:
    """The result of work(*args, progress=...). All of it has to be picklable, and work found by its name.

    Raises what work raises, CancelledError at once on a cancel, RuntimeError if the process dies.
    """
    context = multiprocessing.get_context("spawn")  # a fork would inherit the window
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(there, work, args), daemon=True)
    process.start()
    there.close()
    try:
        while True:
            cancel.raise_if_cancelled()
            if not here.poll(LOOK_SECONDS):
                continue
            kind, value = here.recv()
            if kind == "done":
                return value
            if kind == "failed":
                raise value
            report(value)
    except EOFError:
        process.join(END_SECONDS)
        raise RuntimeError(f"the process that did the work ended early ({process.exitcode})") from None
    finally:
        here.close()
        process.terminate()
        process.join(END_SECONDS)
        if process.exitcode is None:
            process.kill()


def _run(there: Connection, work: Callable[..., Any], args: tuple[Any, ...]) -> None:
    """In the other process: says each step, then the result or what went wrong."""
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):  # nobody listens any more
        try:
            there.send(("done", work(*args, progress=lambda step: there.send(("step", step)))))
        except (BrokenPipeError, KeyboardInterrupt):
            raise
        except Exception as error:
            there.send(("failed", _sendable(error)))


def _sendable(error: Exception) -> Exception:
    """The error, or its words where it does not survive pickling."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
