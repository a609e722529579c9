"""What a worker does with one file. Paths and plain values come in, plain values go out."""

from __future__ import annotations

import hashlib
import os
import socket
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from octavox.codec import __version__, api
from octavox.codec.errors import InputError, OctavoxError, out_of_memory
from octavox.codec.files.atomic import write_atomically
from octavox.codec.formats import ReadOptions, read_cloud, write_cloud
from octavox.codec.formats.registry import format_by_name
from octavox.codec.job import JobContext
from octavox.codec.options import CodecOptions
from octavox.codec.prepared import prepare
from octavox.codec.report import Certificate, EncodeReport, LossyReport
from octavox.codec.sources import CloudSource
from octavox.codec.wording import losses, verdict

from .rows import DONE, FAILED
from .state import file_digest, leave_note, running
from .tasks import BENCH, DECODE, ENCODE, VERIFY
from .weights import weights_path

Task = Mapping[str, Any]  # what `tasks.Task.message` gives
Values = dict[str, Any]  # of columns of a `BatchRow`

_warmed: set[str] = set()  # codecs whose loops and weights this process has in memory


def run_task(task: Task) -> Values:
    """Does what a task asks for; the values of its row. A failure is told in the row, never raised."""
    started = time.perf_counter()
    done = _begun(task)
    try:
        _check_place(task)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the row's notes say it
            done |= _ACTIONS[task["action"]](task)
        done["state"] = DONE
    except (OctavoxError, MemoryError, OSError) as error:
        if isinstance(error, MemoryError):
            error = out_of_memory(error)
        if isinstance(error, OctavoxError):
            error.in_file(task["input"])
        words = str(error)
        done |= {
            "state": FAILED,
            "error": words,
            "exit_code": getattr(error, "exit_code", InputError.exit_code),
        }
    done["task_seconds"] = time.perf_counter() - started
    done |= {"worker": f"{socket.gethostname()}:{os.getpid()}", "version": __version__}
    done["finished"] = datetime.now(timezone.utc).isoformat(timespec="seconds")
    if done["state"] == DONE and running(task["folder"], task["run"]):
        leave_note(task["folder"], task["key"], done)
    return done


def _begun(task: Task) -> Values:
    """What a row says before the work is done."""
    begun: Values = {"action": task["action"], "cloud": task["name"], "input": task["input"]}
    return begun | {"options": task["told"], "input_bytes": task["size"], "target": task["below"]}


def _check_place(task: Task) -> None:
    """Raises InputError unless this machine sees what the task names, and its run still goes on."""
    here = socket.gethostname()
    if task["version"] != __version__:
        raise InputError(f"the worker on {here} has octavox {__version__}, the batch {task['version']}")
    shared = "inputs and DIR have to lie on storage that all workers see under the same path"
    try:
        size = os.stat(task["input"]).st_size
    except OSError as error:
        raise InputError(f"the worker on {here} cannot see this file ({error.strerror}); {shared}") from error
    if size != task["size"]:
        raise InputError(f"it has {size:,} bytes on {here} and had {task['size']:,} when the batch began")
    if not running(task["folder"], task["run"]):
        raise InputError(f"the batch ended, or the worker on {here} does not see {task['folder']}; {shared}")


def _options(task: Task) -> CodecOptions:
    weights = weights_path(task["weights"]) if task["weights"] else None
    return CodecOptions(**task["options"], weights=weights)


def _source(task: Task) -> CloudSource:
    """The input: its path, or its points where something is said about how to read it."""
    said: Mapping[str, Any] = task["read"]
    chosen = ReadOptions(said["mesh"], said["samples"], tuple(said["fields"]))
    if chosen == ReadOptions() or task["kept"].get("keep") == "file":
        return str(task["input"])
    return read_cloud(task["input"], options=chosen)


def _write(task: Task, write: Callable[[str], tuple[str, ...] | None]) -> tuple[str, ...]:
    """Writes the target, unless the run ended meanwhile: another one may have come to own the folder."""
    if not running(task["folder"], task["run"]):
        raise InputError("the batch ended while this file was worked on")
    Path(task["target"]).parent.mkdir(parents=True, exist_ok=True)
    return write(task["target"]) or ()


def _written(task: Task) -> Values:
    size, digest = file_digest(task["target"])
    return {"target_bytes": size, "sha256": digest}


def _encode(task: Task) -> Values:
    result = api.encode(_source(task), options=_options(task), **task["kept"])
    digest = hashlib.sha256(result.data).hexdigest()
    values = {**_of_encoding(result.report), "target_bytes": len(result.data), "sha256": digest}

    def write(target: str) -> None:
        # First the note, so that no file is there without one. It counts only for a file with its digest.
        leave_note(task["folder"], task["key"], {**_begun(task), **values})
        api.save_stream(target, result.data)

    _write(task, write)
    return values


def _of_encoding(report: EncodeReport) -> Values:
    seconds = dict(report.seconds)
    return {
        **_rates(report.level, report.depth, report.input_points, report.points, report.bytes),
        **_of_lossy(report.lossy),
        "codec": report.codec,
        "read_seconds": seconds.pop("read", 0.0),
        "encode_seconds": sum(seconds.values()),
        "weights_id": report.weights_id,
        "moved_max": None if report.voxelization is None else float(report.voxelization.moved_max),
        "notes": "; ".join(losses(report)),
    }


def _rates(level: str, depth: int, points: int, voxels: int, size: int) -> Values:
    found: Values = {"level": level, "depth": depth, "points": points, "voxels": voxels, "bytes": size}
    bits = 8.0 * size
    return found | {"bpp": bits / points if points else None, "bpov": bits / voxels if voxels else None}


def _of_lossy(lossy: LossyReport | None) -> Values:
    if lossy is None:
        return {}
    return {"d1_psnr_db": lossy.d1_psnr, "hausdorff_voxels": lossy.hausdorff}


def _decode(task: Task) -> Values:
    result = api.decode(task["input"], options=_options(task))
    file, suffix = result.file, result.suffix
    if file is not None and suffix and task["target"].lower().endswith(suffix):
        lost = _write(task, lambda target: write_atomically(target, file))
    else:
        lost = _write(task, lambda target: write_cloud(target, result.cloud))
    wanted = format_by_name(task["target"], writing=True)
    report = result.report
    return {
        **_rates(report.level, report.depth, report.input_points, report.points, report.bytes),
        **_of_lossy(report.lossy),
        **_written(task),
        "codec": report.codec,
        "decode_seconds": sum(report.seconds.values()),
        "weights_id": report.weights_id,
        "notes": f"{wanted.name} cannot hold: {', '.join(lost)}" if lost and wanted else "",
    }


def _verify(task: Task) -> Values:
    decoded, certificate = api.decode_and_certify(_source(task), task["target"], _options(task), JobContext())
    report = decoded.report
    return {
        **_rates(report.level, report.depth, report.input_points, report.points, report.bytes),
        **_certified(certificate),
        **_written(task),
        "codec": report.codec,
        "decode_seconds": sum(report.seconds.values()),
        "weights_id": report.weights_id,
    }


def _certified(found: Certificate) -> Values:
    return {
        **_of_lossy(found.lossy),
        "kept": found.kept,
        "identical": found.identical,
        "moved_max": float(found.moved_max),
        "notes": verdict(found),
    }


def _bench(task: Task) -> Values:
    """Codes, decodes and compares; keeps no stream. Loops and weights are in memory before time is taken."""
    options = _options(task)
    if options.codec not in _warmed:
        prepare([options.codec])
        _warmed.add(options.codec)
    source = _source(task)
    result = api.encode(source, options=options, **task["kept"])
    decoded, certificate = api.decode_and_certify(source, result.data, options, JobContext())
    spent = {"decode_seconds": sum(decoded.report.seconds.values())}
    return {**_of_encoding(result.report), **_certified(certificate), **spent}


_ACTIONS: dict[str, Callable[[Task], Values]] = {
    ENCODE: _encode,
    DECODE: _decode,
    VERIFY: _verify,
    BENCH: _bench,
}


def worker_facts() -> dict[str, str]:
    """What a worker has: its release of octavox, and where it runs."""
    return {"version": __version__, "host": socket.gethostname()}
