"""Work in a process of its own: results, progress, errors, cancelling, a process that dies."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time

import numpy as np
import pytest

from octavox.codec import CancelledError, CancelToken, InputError, Progress
from octavox.gui.jobs import array_pipe
from octavox.gui.jobs.subprocess_job import run_in_subprocess


def double(values, progress):
    progress(Progress("compare", 1, 2))
    return os.getpid(), values * 2


def stumble(progress):
    raise InputError("a bad peak", field="peak")


def die(progress):
    os._exit(3)


def sleep(progress):
    progress(Progress("compare", 0, 1))
    time.sleep(600)


def test_the_result_comes_from_another_process_with_its_progress() -> None:
    steps: list[Progress] = []
    process, doubled = run_in_subprocess(double, np.arange(5), report=steps.append, cancel=CancelToken())
    assert process != os.getpid()
    assert np.array_equal(doubled, np.arange(5) * 2)
    assert [(s.stage, s.done, s.total) for s in steps] == [("compare", 1, 2)]


def test_an_error_is_raised_here_with_its_fields() -> None:
    with pytest.raises(InputError, match="a bad peak") as caught:
        run_in_subprocess(stumble, report=lambda step: None, cancel=CancelToken())
    assert caught.value.field == "peak"


def test_a_process_that_dies_is_reported() -> None:
    with pytest.raises(RuntimeError, match=r"ended early.*3"):
        run_in_subprocess(die, report=lambda step: None, cancel=CancelToken())


def test_cancel_ends_the_process() -> None:
    cancel, running = CancelToken(), threading.Event()
    threading.Thread(target=lambda: (running.wait(60), cancel.cancel()), daemon=True).start()
    with pytest.raises(CancelledError):
        run_in_subprocess(sleep, report=lambda step: running.set(), cancel=cancel)
    assert not [p for p in multiprocessing.active_children() if p.is_alive()]


def test_large_arrays_go_in_pieces_and_stay_writable() -> None:
    here, there = multiprocessing.get_context("spawn").Pipe()
    sizes = (0, 1, array_pipe.PIECE // 8, array_pipe.PIECE // 8 + 1, 3 * array_pipe.PIECE)
    sent = {f"{size}": np.arange(size, dtype=np.int64) for size in sizes} | {"word": "of its own"}
    sender = threading.Thread(target=array_pipe.send, args=(here, sent))
    sender.start()
    got = array_pipe.receive(there)
    sender.join()
    assert got.pop("word") == sent.pop("word")
    assert got.keys() == sent.keys()
    for key, values in got.items():
        assert np.array_equal(values, sent[key])
        values += 1
    here.close()
    with pytest.raises(EOFError):
        array_pipe.receive(there)
