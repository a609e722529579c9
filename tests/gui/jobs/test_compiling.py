"""On a new machine a codec's loops are compiled in another process, and a job says so while it waits."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from sample_clouds import make_sphere

from octavox import codec
from octavox.codec import CancelledError, CancelToken, CloudOptions, CodecOptions, Progress, prepared
from octavox.gui.document.display import flat
from octavox.gui.document.forecast import COMPILE_SECONDS, seconds_for
from octavox.gui.document.items import CloudItem
from octavox.gui.jobs import work
from octavox.gui.jobs.compiling import Compiler, codec_of

SLOW = (
    "import pathlib, sys, time\ntime.sleep({seconds})\npathlib.Path({mark!r}).touch() if {works} else None\n"
)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine where nothing is compiled yet, and compiling is quick; gives the compiler and the mark."""
    mark = tmp_path / "octree.ready"
    monkeypatch.setattr(prepared, "_mark", lambda name: tmp_path / f"{name}.ready")
    compiler = Compiler()
    monkeypatch.setattr(work, "COMPILER", compiler)

    def program(seconds: float, works: bool = True) -> None:
        text = SLOW.format(seconds=seconds, mark=str(mark), works=works)
        monkeypatch.setattr("octavox.gui.jobs.compiling._PROGRAM", text)

    program(0.5)
    yield compiler, mark, program
    compiler.stop()


def test_a_job_waits_and_says_so(machine) -> None:
    _, mark, _ = machine
    steps: list[Progress] = []
    item, options = CloudItem(flat(make_sphere(4, 5.0)), "sphere"), CodecOptions(codec="octree")
    done = work.compress(item, CloudOptions(), options, steps.append, CancelToken())
    assert mark.is_file()
    assert steps[0].stage == "compile"
    assert {step.stage for step in steps} == {"compile", "encode"}
    assert codec.decode(done.result.data).report.points == len(done.result.voxels)


def test_a_job_that_waits_can_be_cancelled(machine) -> None:
    compiler, mark, program = machine
    program(60.0)
    cancel = CancelToken()
    threading.Timer(0.4, cancel.cancel).start()
    with pytest.raises(CancelledError):
        compiler.ensure("octree", lambda step: None, cancel)
    assert not mark.exists()
    compiler.stop()


def test_what_cannot_be_compiled_there_is_tried_once(machine) -> None:
    compiler, mark, program = machine
    program(0.0, works=False)
    compiler.ensure("octree")
    program(60.0)
    compiler.ensure("octree")  # returns: the job itself will find out what is wrong
    assert not mark.exists()


def test_a_process_prepares_the_codec_for_all(tmp_path, monkeypatch) -> None:
    """The true program, with the compiled code that is there."""
    monkeypatch.setattr(prepared, "_mark", lambda name: tmp_path / name)
    assert not codec.is_prepared("octree")
    codec.prepare(["octree"])
    assert codec.is_prepared("octree") and not codec.is_prepared("voxeldnn")
    assert codec.is_prepared("raw")  # has nothing to compile
    from octavox.gui.jobs.compiling import _PROGRAM

    paths = os.pathsep.join(filter(None, sys.path))
    monkeypatch.setenv("PYTHONPATH", paths)
    assert os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-c", _PROGRAM, "octree"]) == 0


def test_the_codec_of_a_stream(tmp_path) -> None:
    data = codec.encode(make_sphere(4, 5.0), options=CodecOptions(codec="octree")).data
    path = tmp_path / "s.ovx"
    path.write_bytes(data)
    assert codec_of(data) == codec_of(str(path)) == "octree"
    assert codec_of(b"nothing") == codec_of(str(tmp_path / "none.ovx")) == ""


def test_the_forecast_knows() -> None:
    options = CodecOptions(codec="octree")
    assert seconds_for(options, 1000, None, compiled=False) == COMPILE_SECONDS + seconds_for(
        options, 1000, None
    )
