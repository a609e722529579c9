"""Many files in one call: what `octavox batch` does, for Python."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from octavox.codec.archive import archived_suffix
from octavox.codec.errors import InputError
from octavox.codec.files.atomic import FilePath, check_target
from octavox.codec.formats import cloud_suffixes
from octavox.codec.formats.kinds import expected_kind
from octavox.codec.formats.registry import format_by_name
from octavox.codec.job import CancelToken
from octavox.codec.option_table import check_options, make_cloud_options
from octavox.codec.options import CodecOptions

from .inputs import Given, find_inputs, targets_of
from .running import RETRIES, BatchProgress, BatchReport, How, run_tasks
from .state import State
from .tasks import BENCH, DECODE, ENCODE, VERIFY, Choice, Task, choices_of, networks_of
from .weights import digest_of, read_weights

STREAM, CLOUD = ".ovx", ".ply"
Paths = FilePath | Iterable[FilePath]


def encode_many(
    paths: Paths,
    folder: FilePath,
    *,
    options: CodecOptions | None = None,
    workers: int | str | None = None,
    retries: int = RETRIES,
    force: bool = False,
    progress: Callable[[BatchProgress], None] | None = None,
    cancel: CancelToken | None = None,
    **kept: Any,
) -> BatchReport:
    """Compresses many files on many processors: each becomes a stream below `folder`.

    paths: files, folders (of which all clouds are taken, those in folders inside them included) and patterns
    (*, ?, [...], ** for any folders). A file that was found in a folder, or below the fixed part of a
    pattern, keeps its place below `folder`. workers: how many processes of this machine, None: one for each
    core; or the address of a Dask scheduler ("tcp://host:8786"), whose workers see the files under the same
    paths.
    retries: how often a file is given to another worker when one is lost. force: replace files of another
    kind. progress is called from the calling thread. kept: the fields of `CloudOptions`.

    What is done is kept in `folder` (octavox-batch.sqlite): a second call skips files that are done and did
    not change, so one that was interrupted goes on. A file that fails is told in the report and ends nothing.
    Raises InputError where inputs and targets do not fit together, a package is missing (octavox[batch]), or
    another batch runs in `folder`; CancelledError. A script has to guard its calls with
    `if __name__ == "__main__":`, as the processes load it, too.

        >>> import octavox as ov
        >>> cloud = ov.PointCloud([[x, y, (x * y) % 5] for x in range(16) for y in range(16)])
        >>> for name in ("a", "b"):
        ...     _ = ov.write_cloud(f"{name}.ply", cloud)
        >>> report = ov.encode_many("*.ply", "streams", options=ov.CodecOptions(codec="octree"), workers=1)
        >>> [(row.cloud, row.state, row.points) for row in report.rows]
        [('a.ply', 'done', 256), ('b.ply', 'done', 256)]
        >>> ov.encode_many("*.ply", "streams", options=ov.CodecOptions(codec="octree")).skipped
        2
    """
    how = How(workers, retries, progress, cancel or CancelToken())
    chosen = check_options(options)
    return encode_batch(paths, folder, Choice(chosen, vars(make_cloud_options(kept))), how, force)


def decode_many(
    paths: Paths,
    folder: FilePath,
    *,
    to: str | None = None,
    options: CodecOptions | None = None,
    workers: int | str | None = None,
    retries: int = RETRIES,
    force: bool = False,
    progress: Callable[[BatchProgress], None] | None = None,
    cancel: CancelToken | None = None,
) -> BatchReport:
    """Decompresses many streams to files below `folder`.

    to: ending of the format, such as "las"; None: that of an archived file, else PLY. A file that no batch
    wrote is replaced with `force` only. Else as `encode_many`.
    """
    how = How(workers, retries, progress, cancel or CancelToken())
    choice = Choice(check_options(options))
    return decode_batch(paths, folder, choice, how, force, to)


def verify_many(
    paths: Paths,
    folder: FilePath,
    *,
    options: CodecOptions | None = None,
    workers: int | str | None = None,
    retries: int = RETRIES,
    progress: Callable[[BatchProgress], None] | None = None,
    cancel: CancelToken | None = None,
) -> BatchReport:
    """Compares many files with the streams that `encode_many` made of them below `folder`. `report.different`
    has the streams that do not hold what their level promises. Else as `encode_many`.
    """
    how = How(workers, retries, progress, cancel or CancelToken())
    choice = Choice(check_options(options))
    return verify_batch(paths, folder, choice, how)


def bench_many(
    paths: Paths,
    folder: FilePath,
    *,
    vary: Mapping[str, Sequence[Any]] | None = None,
    options: CodecOptions | None = None,
    workers: int | str | None = None,
    retries: int = RETRIES,
    progress: Callable[[BatchProgress], None] | None = None,
    cancel: CancelToken | None = None,
    **kept: Any,
) -> BatchReport:
    """Codes, decodes and compares many files with each combination of options, and keeps the figures alone.

    vary: several values of options, such as {"codec": ["octree", "multiscale"], "drop_levels": [0, 1, 2]}.
    Times are those of a worker that has loops and weights in memory; as many workers as processors share the
    memory bus, so one worker gives the best times. Else as `encode_many`.
    """
    how = How(workers, retries, progress, cancel or CancelToken())
    chosen = check_options(options)
    return bench_batch(paths, folder, choices_of(chosen, kept, vary or {}), how)


def encode_batch(paths: Paths, folder: FilePath, choice: Choice, how: How, force: bool) -> BatchReport:
    """As `encode_many`."""
    inputs, root = find_inputs(paths, cloud_suffixes()), _absolute(folder)
    targets = targets_of(inputs, root, lambda given: STREAM)
    for target in targets:
        _check_place(target, expected_kind(target, None), force)
    return _run(ENCODE, inputs, targets, root, [choice], how)


def decode_batch(
    paths: Paths, folder: FilePath, choice: Choice, how: How, force: bool, to: str | None
) -> BatchReport:
    """As `decode_many`."""
    wanted = None if to is None else f".{to.removeprefix('.')}"
    if wanted is not None and format_by_name(f"cloud{wanted}", writing=True) is None:
        known = ", ".join(s.removeprefix(".") for s in cloud_suffixes(writing=True))
        raise InputError(f"no format that is written ends in '{to}'; known: {known}", field="to")
    inputs, root = find_inputs(paths, (STREAM,)), _absolute(folder)
    targets = targets_of(inputs, root, lambda given: wanted or archived_suffix(given.path) or CLOUD)

    def check(task: Task, state: State) -> None:
        if not force and os.path.lexists(task.target) and not state.knows(task):
            raise InputError("the file exists, and no batch wrote it; force replaces it", path=task.target)

    for target in targets:
        _check_place(target, "", force)
    return _run(DECODE, inputs, targets, root, [choice], how, check)


def verify_batch(paths: Paths, folder: FilePath, choice: Choice, how: How) -> BatchReport:
    """As `verify_many`."""
    inputs, root = find_inputs(paths, cloud_suffixes()), _absolute(folder)
    return _run(VERIFY, inputs, targets_of(inputs, root, lambda given: STREAM), root, [choice], how)


def bench_batch(paths: Paths, folder: FilePath, choices: Sequence[Choice], how: How) -> BatchReport:
    """As `bench_many`."""
    inputs, root = find_inputs(paths, cloud_suffixes()), _absolute(folder)
    return _run(BENCH, inputs, [""] * len(inputs), root, choices, how)


def _absolute(folder: FilePath) -> str:
    path = os.path.abspath(os.fsdecode(folder))
    if "\0" in path or (os.path.lexists(path) and not os.path.isdir(path)):
        raise InputError("this is no folder", path=path.replace("\0", "\\0"), field="folder")
    return path


def _check_place(target: str, kind: str, force: bool) -> None:
    """InputError for a target that cannot be written, or is a file of another kind."""
    if Path(target).parent.is_dir():
        check_target(target)
    if kind and not force:
        raise InputError(f"the file exists and is not {kind}; force replaces it", path=target)


def _run(
    action: str,
    inputs: Sequence[Given],
    targets: Sequence[str],
    folder: str,
    choices: Sequence[Choice],
    how: How,
    check: Callable[[Task, State], None] = lambda task, state: None,
) -> BatchReport:
    """Runs every input with every choice of options. check: what raises for a task that may not be done."""
    weights = read_weights(choices[0].weights) if choices[0].weights else None
    digest = "" if weights is None else digest_of(weights)
    ready = [_on_one_thread(replace(choice, digest=digest)) for choice in choices]

    def make(run: str, state: State) -> list[Task]:
        tasks = [
            Task(action, g.name, g.path, g.size, g.mtime_ns, target, choice, folder, run)
            for g, target in zip(inputs, targets, strict=True)
            for choice in ready
        ]
        for task in tasks:
            check(task, state)
        return tasks

    codecs = networks_of(choices) if action in (ENCODE, BENCH) else []
    return run_tasks(action, folder, make, codecs, weights, how)


def _on_one_thread(choice: Choice) -> Choice:
    """Coding takes one thread, unless the caller wants more: each core has its own worker."""
    if choice.options.threads is not None:
        return choice
    return replace(choice, options=replace(choice.options, threads=1))
