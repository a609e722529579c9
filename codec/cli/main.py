"""The command line: arguments, progress bar, exit codes. main.py adds what belongs to the window.

Exit codes: 0 fine, 1 verify or compare found a difference, 2 usage or bad input, 3 bad stream, 4 weights
missing or wrong, 130 cancelled.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from octavox.codec import __version__
from octavox.codec.blocks import BLOCK_SIZES
from octavox.codec.codecs.registry import codec_names
from octavox.codec.errors import CancelledError, InputError, OctavoxError, WeightsError
from octavox.codec.job import CancelToken, Progress
from octavox.codec.options import EFFORTS, CodecOptions
from octavox.codec.prepared import WITH_LOOPS, is_prepared, prepare

ArgumentAdder = Callable[[argparse.ArgumentParser], None]
Runner = Callable[[argparse.Namespace], int]

EXIT_DIFFERENT, EXIT_INPUT, EXIT_CANCELLED = 1, 2, 130
# What asks a job to end; SIGHUP, a closed terminal, is unknown to Windows.
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Command:
    """One subcommand. run returns the exit code and may raise any OctavoxError."""

    name: str
    help: str
    add_arguments: ArgumentAdder
    run: Runner


def main(argv: Sequence[str], extra: Sequence[Command] = ()) -> int:
    """Runs one command line, without the program's name; returns the exit code.

    extra: subcommands beside the library's own. As argparse does, raises SystemExit(2) for wrong usage and
    SystemExit(0) after --help and --version. OCTAVOX_DEBUG=1 shows the traceback of an error.
    """
    args = build_parser(argv, extra).parse_args(argv)
    run: Runner = args.run
    try:
        return run(args)
    except (KeyboardInterrupt, CancelledError) as error:
        return _fail("cancelled", error, EXIT_CANCELLED)
    except WeightsError as error:
        hint = "" if "--codec octree" in str(error) or args.command != "encode" else "; or use --codec octree"
        return _fail(str(error) + hint, error, error.exit_code)
    except OctavoxError as error:
        return _fail(str(error), error, error.exit_code)
    except MemoryError as error:
        return _fail(str(error) or "not enough memory", error, EXIT_INPUT)
    except BrokenPipeError:
        _silence_stdout()
        return EXIT_INPUT
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        return _fail(f"{name}{error.strerror or error}", error, EXIT_INPUT)
    except ImportError as error:
        return _fail(f"this installation lacks a package: {error}", error, EXIT_INPUT)


def build_parser(argv: Sequence[str] = (), extra: Sequence[Command] = ()) -> argparse.ArgumentParser:
    """The parser. `argv` decides whether the packages of `dataset` and `train` are loaded, for arguments."""
    parser = argparse.ArgumentParser(
        prog="octavox",
        description="Lossless compression of voxelized point clouds, and a window to look into it.",
        epilog="With no arguments, or with a file alone, the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"octavox {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = argv[0] if argv else ""
    own = [
        Command("encode", "compress a point cloud to .ovx", _add_encode, run_encode),
        Command("decode", "decompress .ovx to PLY", _add_decode, run_decode),
        Command("info", "show what a stream holds", _add_info, run_info),
        Command(
            "verify", "check that a stream decodes to the very voxels of a cloud", _add_verify, run_verify
        ),
        Command("compare", "measure how far one cloud is from another", _add_compare, run_compare),
        Command(
            "dataset",
            "make training blocks from meshes and clouds",
            _add_dataset if chosen == "dataset" else _add_nothing,
            run_dataset,
        ),
        Command("train", "train weights", _add_train if chosen == "train" else _add_nothing, run_train),
    ]
    for command in [*own, *extra]:
        sub = commands.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def _add_block_size(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--block-size",
        type=int,
        choices=BLOCK_SIZES,
        default=CodecOptions.block_size,
        help="of the blocks that bits are counted by, where the codec has no partition (default %(default)s)",
    )


def _add_runtime(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="of the network")
    parser.add_argument("--threads", type=_positive, metavar="N", help="processor threads (default: all)")
    parser.add_argument(
        "--weights", metavar="FILE", help="weights of the network (default: the shipped ones)"
    )


def _add_encode(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="IN", help="point cloud: .ply, .pcd, .xyz, .xyzrgb or .pts")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.ovx", help="replaced if it exists")
    parser.add_argument(
        "--codec", choices=codec_names(), default=CodecOptions.codec, help="default: %(default)s"
    )
    parser.add_argument(
        "--depth", type=int, metavar="N", help="bits an axis, 1 to 21 (default: from the cloud)"
    )
    parser.add_argument(
        "--max-level",
        type=int,
        choices=range(1, 6),
        default=CodecOptions.max_level,
        help="partition levels of voxeldnn: 1 blocks of 64 only, 5 down to blocks of 4 (default %(default)s)",
    )
    parser.add_argument(
        "--effort",
        choices=EFFORTS,
        default=CodecOptions.effort,
        help="high: octree and multiscale try what suits the cloud first; decoding takes no longer "
        "(default %(default)s)",
    )
    parser.add_argument(
        "--slices",
        type=_positive,
        dest="slice_count",
        metavar="N",
        help="have octree and multiscale cut the cloud into about N slices, which N processors code at once, "
        "for some bytes more (default: by its points)",
    )
    _add_runtime(parser)
    _add_block_size(parser)
    parser.add_argument("--report", metavar="FILE.json", help="write where every bit went")


def _add_decode(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="IN.ovx")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.ply", help="replaced if it exists")
    parser.add_argument("--ascii", action="store_true", help="write text instead of binary little endian")
    parser.add_argument(
        "--slice",
        type=int,
        action="append",
        dest="slices",
        metavar="K",
        help="decode this slice alone, and nothing of the others (may be given again; info lists them)",
    )
    _add_runtime(parser)
    _add_block_size(parser)
    parser.add_argument("--report", metavar="FILE.json", help="write where every bit went")


def _add_info(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("input", metavar="FILE.ovx")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--blocks", action="store_true", help="decode it too, for the bits by block size")
    _add_runtime(parser)
    _add_block_size(parser)


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("original", metavar="A.ply")
    parser.add_argument("stream", metavar="B.ovx")
    parser.add_argument("--json", action="store_true", help="for programs")
    _add_runtime(parser)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("a", metavar="A", help="the reference: a point cloud or an .ovx stream")
    parser.add_argument("b", metavar="B", help="what is measured, of the same kinds")
    parser.add_argument("--peak", type=float, metavar="P", help="for PSNR (default: 2^depth - 1 voxels of A)")
    parser.add_argument("--json", action="store_true", help="for programs")
    _add_runtime(parser)


def _add_dataset(parser: argparse.ArgumentParser) -> None:
    from octavox.codec.datasets.cli import add_arguments

    add_arguments(parser)


def _add_train(parser: argparse.ArgumentParser) -> None:
    from octavox.codec.training.cli import add_arguments

    add_arguments(parser)


def _add_nothing(parser: argparse.ArgumentParser) -> None:
    del parser


def run_encode(args: argparse.Namespace) -> int:
    """`octavox encode`: writes the stream, then the report; warns of what the stream does not keep."""
    from octavox.codec import api
    from octavox.codec.files.atomic import write_atomically

    from .text import encode_summary, encode_warnings

    _check_files(args)
    with _job(args.codec) as (cancel, progress):
        result = api.encode(
            args.input, options=_options(args), depth=args.depth, progress=progress, cancel=cancel
        )
        cancel.raise_if_cancelled()
        api.save_stream(args.output, result.data)
    if args.report:
        write_atomically(args.report, (result.report.to_json() + "\n").encode())
    for warning in encode_warnings(result.report):
        print(f"octavox: warning: {warning}", file=sys.stderr)
    print(encode_summary(result.report, args.output), flush=True)
    _compile_rest(result.report.codec)
    return 0


def run_decode(args: argparse.Namespace) -> int:
    """`octavox decode`: writes the PLY, then the report."""
    from octavox.codec import api
    from octavox.codec.files.atomic import write_atomically

    from .text import decode_summary

    _check_files(args)
    with _job() as (cancel, progress):
        result = api.decode(
            args.input, options=_options(args), slices=args.slices, progress=progress, cancel=cancel
        )
        cancel.raise_if_cancelled()
        api.write_ply(args.output, result.cloud, ascii=args.ascii, cancel=cancel)
    if args.report:
        write_atomically(args.report, (result.report.to_json() + "\n").encode())
    print(decode_summary(result.report, args.output), flush=True)
    _compile_rest(result.report.codec)
    return 0


def run_info(args: argparse.Namespace) -> int:
    """`octavox info`: prints the fields; 3 if a section is damaged."""
    from octavox.codec import api

    from .text import info_text

    with _job() as (cancel, progress):
        stream = api.info(
            args.input, blocks=args.blocks, options=_options(args), progress=progress, cancel=cancel
        )
    print(stream.to_json() if args.json else info_text(stream))
    return 0 if stream.sound else 3


def run_verify(args: argparse.Namespace) -> int:
    """`octavox verify`: prints the certificate; 1 if the sets differ."""
    from octavox.codec import api

    from .text import certificate_text

    with _job() as (cancel, progress):
        certificate = api.verify(
            args.original, args.stream, options=_options(args), progress=progress, cancel=cancel
        )
    print(certificate.to_json() if args.json else certificate_text(certificate))
    return 0 if certificate.identical else EXIT_DIFFERENT


def run_compare(args: argparse.Namespace) -> int:
    """`octavox compare`: prints D1 and D2 as the MPEG reference metric defines them; 1 if the sets differ."""
    from octavox.codec import api, metrics

    from .text import comparison_text

    with _job() as (cancel, progress):
        a, b = (
            api.decode(path, options=_options(args), cancel=cancel).cloud
            if path.lower().endswith(".ovx")
            else api.read_cloud(path, cancel=cancel)
            for path in (args.a, args.b)
        )
        report = metrics.compare(a, b, peak=args.peak, progress=progress, cancel=cancel).report
    print(report.to_json() if args.json else comparison_text(report))
    return 0 if report.identical else EXIT_DIFFERENT


def run_dataset(args: argparse.Namespace) -> int:
    """`octavox dataset`: hands over to the package that makes datasets."""
    from octavox.codec.datasets.cli import run

    return run(args)


def run_train(args: argparse.Namespace) -> int:
    """`octavox train`: hands over to the training package."""
    from octavox.codec.training.cli import run

    return int(run(args))


def _options(args: argparse.Namespace) -> CodecOptions:
    defaults = CodecOptions()
    return CodecOptions(
        codec=getattr(args, "codec", defaults.codec),
        max_level=getattr(args, "max_level", defaults.max_level),
        block_size=getattr(args, "block_size", defaults.block_size),
        effort=getattr(args, "effort", defaults.effort),
        slices=getattr(args, "slice_count", None),
        device=args.device,
        threads=args.threads,
        weights=args.weights,
    )


def _positive(text: str) -> int:
    with contextlib.suppress(ValueError):
        if int(text) > 0:
            return int(text)
    raise argparse.ArgumentTypeError(f"'{text}' is no positive number")


def _check_files(args: argparse.Namespace) -> None:
    """InputError for a target that cannot be written, or that is one of the other files."""
    from octavox.codec.files.atomic import check_target

    used = {args.input: "input", args.weights: "weights"}
    for name in ("output", "report"):
        target = getattr(args, name)
        if target is None:
            continue
        for other, kind in used.items():
            if other is not None and _same_file(other, target):
                raise InputError(f"{kind} and {name} are the same file", path=target)
        check_target(target)
        used[target] = name


def _same_file(one: str, other: str) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samefile(one, other)
    return os.path.realpath(one) == os.path.realpath(other)


@contextlib.contextmanager
def _job(codec: str = "") -> Iterator[tuple[CancelToken, Callable[[Progress], None] | None]]:
    """A token that Ctrl+C and a request to end set, and a progress bar on a terminal.

    A second one interrupts at once. codec: that is about to be used, "" where only a stream can tell.
    """
    cancel = CancelToken()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.cancelled:
            raise KeyboardInterrupt
        cancel.cancel()

    main_thread = threading.current_thread() is threading.main_thread()
    before: dict[int, Any] = {n: signal.signal(n, on_signal) for n in _ENDING} if main_thread else {}
    bar = _ProgressBar() if _on_terminal() else None
    if bar is not None and not any(map(is_prepared, [codec] if codec else WITH_LOOPS)):
        print("octavox: a codec's first use here compiles it, which takes half a minute", file=sys.stderr)
    try:
        yield cancel, bar.show if bar else None
    finally:
        if bar:
            bar.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _compile_rest(codec: str) -> None:
    """What a codec's first job left to compile, so that no later one says that it is the first.

    For people only: a script in a new container would wait for it each time. The job is done; an interrupt
    ends this alone.
    """
    if _on_terminal() and not is_prepared(codec):
        with contextlib.suppress(KeyboardInterrupt):
            prepare([codec])


def _on_terminal() -> bool:
    """Whether a person may be reading along."""
    return sys.stderr is not None and sys.stderr.isatty()


class _ProgressBar:
    """One tqdm bar a stage."""

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


def _fail(message: str, error: BaseException, code: int) -> int:
    """One line on stderr, or the traceback where OCTAVOX_DEBUG asks for it."""
    if os.environ.get("OCTAVOX_DEBUG", "") not in ("", "0"):
        traceback.print_exception(error)
    print(f"octavox: error: {' '.join(message.split())}", file=sys.stderr)
    return code


def _silence_stdout() -> None:
    """The reader went away; keeps Python from saying so once more at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
