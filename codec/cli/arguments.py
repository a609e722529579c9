"""Arguments of the command line that come from the table of options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from octavox.codec.errors import InputError
from octavox.codec.formats import ReadOptions
from octavox.codec.option_spec import OptionSpec
from octavox.codec.option_table import (
    cloud_option_specs,
    codec_option_specs,
    make_cloud_options,
    make_options,
    parse_option,
)
from octavox.codec.options import CloudOptions, CodecOptions

_PREFIX = "option_"  # keeps the options' names apart from other arguments


def add_options(parser: argparse.ArgumentParser, command: str) -> None:
    """Declares the options that a subcommand takes."""
    specs = [spec for spec in (*codec_option_specs(), *cloud_option_specs()) if command in spec.commands]
    for spec in specs:
        parser.add_argument(
            spec.argument,
            dest=_PREFIX + spec.name,
            type=_type_of(spec),
            choices=spec.values if spec.closed else None,
            default=spec.default,
            metavar=spec.metavar or None,
            help=_help(spec),
        )
        for short in spec.shortcuts:
            parser.add_argument(
                short.flag,
                action="store_const",
                const=short.value,
                dest=_PREFIX + spec.name,
                default=spec.default,
                help=f"the same as {spec.argument} '{short.value}'",
            )


def _help(spec: OptionSpec) -> str:
    words = (spec.help[:1].lower() + spec.help[1:]).replace("%", "%%")
    return words if spec.default is None else f"{words} (default: %(default)s)"


def _type_of(spec: OptionSpec) -> Callable[[str], Any]:
    if spec.closed:  # argparse itself names the choices
        return spec.kind

    def value(text: str) -> Any:
        try:
            return parse_option(spec, text)
        except InputError as error:
            raise argparse.ArgumentTypeError(error.reason) from None

    return value


def _values(args: argparse.Namespace, specs: tuple[OptionSpec, ...]) -> dict[str, Any]:
    given = vars(args)
    return {spec.name: given[_PREFIX + spec.name] for spec in specs if _PREFIX + spec.name in given}


def options_of(args: argparse.Namespace) -> CodecOptions:
    """The options of coding that were given; defaults for those that the subcommand does not take."""
    return make_options(_values(args, codec_option_specs()))


def cloud_options_of(args: argparse.Namespace) -> CloudOptions:
    """The options of the voxel grid that were given."""
    return make_cloud_options(_values(args, cloud_option_specs()))


def add_report(parser: argparse.ArgumentParser) -> None:
    """Declares --report."""
    parser.add_argument(
        "--report", metavar="FILE.json", help="write where every bit went; - for standard output"
    )


def add_output_options(parser: argparse.ArgumentParser, default: Any = False) -> None:
    """Declares how much is said, and how: --quiet, --verbose, --json.

    default: argparse.SUPPRESS for the parser of an action, whose command has declared them, too.
    """
    flag: dict[str, Any] = {"action": "store_true", "default": default}
    parser.add_argument("--json", help="machine-readable output, and nothing else", **flag)
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("-q", "--quiet", help="say nothing but errors", **flag)
    amount.add_argument("-v", "--verbose", help="say more: where bits and time went", **flag)


def add_read_options(parser: argparse.ArgumentParser) -> None:
    """Declares what a file does not say itself."""
    parser.add_argument(
        "--mesh", choices=("vertices", "samples"), default="", help="points of a mesh: its corners, or drawn"
    )
    parser.add_argument("--samples", type=int, default=0, metavar="N", help="points drawn from a mesh")
    parser.add_argument("--fields", default="", metavar="x,y,z,...", help="what the numbers of a record are")


def read_options(args: argparse.Namespace) -> ReadOptions:
    """What the arguments say about a file."""
    fields = tuple(name.strip() for name in args.fields.split(",") if name.strip())
    return ReadOptions(mesh=args.mesh, samples=args.samples, fields=fields)


def cloud_options_given(args: argparse.Namespace) -> dict[str, Any]:
    """The options of what comes back, as keywords of `encode`."""
    return vars(cloud_options_of(args))
