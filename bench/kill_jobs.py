"""The jobs that `bench.kills` kills."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import octavox as ov

OCTREE = ("--codec", "octree")
# What a batch has in its folder: which run writes there, what is done, and its table.
_WORK = ("", "/.octavox-batch", "/.octavox-batch/lock", "/.octavox-batch/run", "/octavox-batch.sqlite")
_TABLES = ("/octavox-batch-encode.csv", "/octavox-batch-encode.parquet")
BATCH = tuple(f"out{name}" for name in (*_WORK, *_TABLES))


@dataclass(frozen=True)
class Job:
    """One kind of job.

    prepare: makes inputs and old targets in a folder. run: the job, in a process whose working folder that
    is; gives an exit code. targets: names of what it writes. keeps: names of what it keeps for itself. sound:
    whether a target that is neither old nor new is right all the same.
    """

    name: str
    prepare: Callable[[Path], None]
    run: Callable[[Path], int]
    targets: tuple[str, ...]
    keeps: tuple[str, ...] = ()
    sound: Callable[[Path], bool] = lambda path: False


def cloud(seed: int, points: int = 6000) -> ov.PointCloud:
    """A rough sphere with colours on a lattice."""
    rng = np.random.default_rng(seed)
    around = rng.normal(size=(points, 3))
    around *= 90 / np.linalg.norm(around, axis=1)[:, None]
    return ov.PointCloud(
        np.round(around).astype(np.int16), rng.integers(0, 256, (points, 3)).astype(np.uint8)
    )


def inputs(folder: Path) -> None:
    """Two clouds, a stream of the first, and the old targets of command lines."""
    for seed, name in ((1, "a.ply"), (2, "b.ply")):
        ov.write_cloud(folder / name, cloud(seed))
    ov.save_stream(
        folder / "a.ovx", ov.encode(folder / "a.ply", options=ov.CodecOptions(codec="octree")).data
    )
    (folder / "old.ovx").write_bytes((folder / "a.ovx").read_bytes()[:100])
    (folder / "old.ply").write_bytes((folder / "b.ply").read_bytes())


def command(*words: str) -> Callable[[Path], int]:
    """A command line."""

    def run(folder: Path) -> int:
        from octavox.__main__ import main

        return main([*words, "--quiet", "--force"] if words[0] != "batch" else list(words))

    return run


def piped(folder: Path) -> int:
    """Encodes what comes through a pipe, which goes to a temporary file."""
    vars(sys.modules["octavox.codec.files.source"])["IN_MEMORY"] = 1 << 12
    data = (folder / "a.ply").read_bytes()
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        with contextlib.suppress(BrokenPipeError), os.fdopen(write_end, "wb") as pipe:
            pipe.write(data)
        os._exit(0)
    os.close(write_end)
    os.dup2(read_end, 0)
    return command("encode", "-", "-o", "old.ovx", *OCTREE)(folder)


def batch_inputs(folder: Path) -> None:
    """Clouds for a batch."""
    (folder / "in").mkdir()
    for seed in range(6):
        ov.write_cloud(folder / "in" / f"{seed}.ply", cloud(seed, 3000))


def frames_before(folder: Path) -> None:
    """Inputs, and a stream of one frame."""
    inputs(folder)
    (folder / "old.ovx").write_bytes((folder / "a.ovx").read_bytes())


def first_frame_is_whole(path: Path) -> bool:
    """Frames are appended in place: those that were there stay, and so the first one."""
    found = ov.salvage(path, frame=0)
    loss = found.report.loss
    return (
        loss is not None
        and not loss.slices
        and found.report.points == len(ov.decode(path.with_name("a.ovx")).voxels)
    )


def exports(folder: Path) -> int:
    """What the window's menu exports: a cloud, a bitstream, a table, a report, a session."""
    from octavox.gui.document.export import blocks_csv, report_json, write_text
    from octavox.gui.document.items import StreamItem
    from octavox.gui.document.session import Session
    from octavox.gui.document.session_file import session_text

    result = ov.encode(folder / "a.ply", options=ov.CodecOptions(codec="octree"))
    session = Session()
    session.set_stream(StreamItem(result.data, None, "octree"))
    ov.write_cloud(folder / "old.ply", ov.read_cloud(folder / "a.ply"))
    ov.save_stream(folder / "old.ovx", result.data)
    write_text(str(folder / "old.csv"), blocks_csv(result.blocks))
    write_text(str(folder / "old.json"), report_json(session))
    write_text(str(folder / "old.octavox"), session_text(session, "/kept.ovx"))
    return 0


def export_inputs(folder: Path) -> None:
    """Inputs, and old targets of all exports."""
    inputs(folder)
    for name in ("old.csv", "old.json", "old.octavox"):
        (folder / name).write_bytes(b"old")


def autosave(folder: Path) -> int:
    """A window that takes up what an earlier one left, keeps several sessions, and is closed."""
    from octavox.gui.commands.autosave import SESSION, STREAM, Autosave
    from octavox.gui.document.items import StreamItem
    from octavox.gui.document.session import Session
    from octavox.gui.document.session_file import read_session

    streams = [bytes([k]) * 4096 for k in range(20)]
    session = Session()
    saved = Autosave(folder / "autosave", session)
    while (found := saved.left_over()) is not None:
        named = read_session(str(found)).stream if found.name == SESSION else str(found.with_name(STREAM))
        if named is None or Path(named).parent != found.parent:
            return 3  # a session that names no bitstream
        stream = Path(named)
        if stream.read_bytes() not in streams:
            return 4  # half a bitstream
        saved.discard()
    for data in streams:
        session.set_stream(StreamItem(data, None, "octree"))
        if not saved.save():
            return 5
    saved.end()
    return 0


def windows_folder(folder: Path) -> None:
    """Where windows keep what is open in them."""
    (folder / "autosave").mkdir()


ENCODE = ("encode", "b.ply", "-o", "old.ovx", *OCTREE)
APPEND = ("encode", "--append", "b.ply", "-o", "old.ovx", *OCTREE)
IN_BATCH = ("batch", "encode", "in", "-o", "out", "--workers", "2", *OCTREE)
JOBS = (
    Job("encode", inputs, command(*ENCODE), ("old.ovx",)),
    Job("decode", inputs, command("decode", "a.ovx", "-o", "old.ply"), ("old.ply",)),
    Job("archive", inputs, command(*ENCODE, "--archive"), ("old.ovx",)),
    Job("append", frames_before, command(*APPEND), ("old.ovx",), sound=first_frame_is_whole),
    Job("pipe", inputs, piped, ("old.ovx",)),
    Job("batch", batch_inputs, command(*IN_BATCH), tuple(f"out/{k}.ovx" for k in range(6)), BATCH),
    Job("export", export_inputs, exports, ("old.ply", "old.ovx", "old.csv", "old.json", "old.octavox")),
    Job("autosave", windows_folder, autosave, ()),
)
